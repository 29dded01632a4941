"""How many reports name each drug, each event, and both: the table every measure is computed from.

The counting unit is the report. A report that names a drug three times counts once, so the two-by-two table of a pair
adds up to the number of reports. (Tools that sum pairs instead get margins that count a report with twenty reactions
twenty times, and expected counts that differ by a factor of two and more.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stormwatch.errors import UsageError
from stormwatch.signals import counts_kernel

Integers = NDArray[np.int64]
Indices = NDArray[np.integer]
Engine = Literal["auto", "numpy", "numba"]

MANY = 5_000_000
"""Rows of drugs from which on compiling pays; below, NumPy has finished before numba is loaded."""
CELLS = 1 << 27
"""Cells of the largest table held at once, half a gigabyte; a larger one is counted drug range by drug range."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Which report names which item: rows of (report, item), sorted by report. Items are numbered from 0.

    >>> Mentions.of([7, 7, 9], [0, 0, 1]).distinct().item.tolist()
    [0, 1]
    """

    report: Indices
    item: Indices

    def __post_init__(self) -> None:
        if self.report.shape != self.item.shape or self.report.ndim != 1:
            raise UsageError("Mentions need two flat arrays of equal length: report and item")
        if np.any(self.report[1:] < self.report[:-1]):
            raise UsageError("Mentions must be sorted by report; sort the rows by report first")
        if len(self.item) and self.item.min() < 0:
            raise UsageError("Items are numbered from 0; a negative number was given")

    @classmethod
    def of(cls, report: ArrayLike, item: ArrayLike) -> Mentions:
        return cls(np.asarray(report, dtype=np.int64), np.asarray(item, dtype=np.int32))

    def distinct(self, engine: Engine = "auto") -> Mentions:
        """Each item once per report, in order."""
        same = self.report[1:] == self.report[:-1]
        if not np.any(same & (self.item[1:] <= self.item[:-1])):
            return self
        if _compiles(engine, len(self.item)):
            starts = self.starts
            kept, many = np.empty_like(self.item), np.empty(len(starts) - 1, dtype=np.int64)
            _compiled("keep_distinct")(starts, self.item, kept, many)
            return Mentions(np.repeat(self.report[starts[:-1]], many), kept[: many.sum()])
        width = int(self.item.max()) + 1
        key = self.starts_of_rows() * width + self.item
        key.sort()
        key = key[np.concatenate(([True], key[1:] != key[:-1]))]
        row, item = np.divmod(key, width)
        return Mentions(self.reports[row], item.astype(self.item.dtype))

    def within(self, reports: Indices) -> Mentions:
        """The rows of these reports only: a restricted background."""
        chosen = np.isin(self.report, reports)
        return Mentions(self.report[chosen], self.item[chosen])

    def naming(self, item: int) -> Indices:
        """The reports that name an item."""
        return np.unique(self.report[self.item == item])

    @property
    def starts(self) -> Integers:
        """Where each report begins, and the number of rows at the end."""
        changes = np.flatnonzero(self.report[1:] != self.report[:-1]) + 1
        first = [0] if len(self.report) else []
        return np.concatenate((first, changes, [len(self.report)])).astype(np.int64)

    @property
    def reports(self) -> Indices:
        """The distinct reports."""
        return self.report[self.starts[:-1]]

    def starts_of_rows(self) -> Integers:
        """Each row's report, numbered from 0 in order."""
        return np.concatenate(([0], np.cumsum(self.report[1:] != self.report[:-1], dtype=np.int64)))[: len(self.report)]


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports per drug, per event and per pair, over all pairs that occur; ordered by drug, then event.

    A pair that is not listed was reported by nobody: its count is 0, and it still has an expected count.
    """

    pair_drug: Indices
    pair_event: Indices
    n: Integers
    drug_n: Integers
    event_n: Integers
    reports: int
    unit: str = "report"

    def __len__(self) -> int:
        return len(self.n)

    @property
    def cells(self) -> int:
        """Drug and event combinations that could have been reported: both occur in the data."""
        return int(np.count_nonzero(self.drug_n)) * int(np.count_nonzero(self.event_n))

    def look_up(self, drug: Indices, event: Indices) -> Integers:
        """How many reports name both; 0 where none does."""
        if not len(self) or not len(drug):
            return np.zeros(len(drug), dtype=np.int64)
        low = np.searchsorted(self.pair_drug, drug.min(), "left")
        high = np.searchsorted(self.pair_drug, drug.max(), "right")
        key = self._key(self.pair_drug[low:high], self.pair_event[low:high])
        wanted = self._key(drug, event)
        place = np.searchsorted(key, wanted)
        found = np.append(key, -1)[place] == wanted
        return np.where(found, np.append(self.n[low:high], 0)[place], 0)

    def expected(self, drug: Indices, event: Indices) -> NDArray[np.float64]:
        """Reports to expect if drug and event had nothing to do with each other: product of margins over reports."""
        if not self.reports:
            return np.zeros(len(drug))
        return self.drug_n[drug] * (self.event_n[event] / self.reports)

    def _key(self, drug: Indices, event: Indices) -> Integers:
        return drug.astype(np.int64) * len(self.event_n) + event


def count(
    drugs: Mentions,
    events: Mentions,
    *,
    n_drugs: int | None = None,
    n_events: int | None = None,
    reports: int | None = None,
    engine: Engine = "auto",
) -> Counts:
    """Count reports per drug, event and pair.

    ``n_drugs`` and ``n_events`` are the sizes of the two vocabularies (else the highest number seen). ``reports`` is
    the size of the background; without it, the reports that name a drug or an event. ``engine`` is ``numba`` for large
    databases where it is installed, else ``numpy``; the counts are the same.

    >>> c = count(Mentions.of([1, 1, 2, 3], [0, 1, 0, 1]), Mentions.of([1, 2, 3], [0, 0, 1]))
    >>> c.n.tolist(), c.drug_n.tolist(), c.event_n.tolist(), c.reports
    ([2, 1, 1], [2, 2], [2, 1], 3)
    """
    drugs, events = drugs.distinct(engine), events.distinct(engine)
    drug_n, event_n = _margin(drugs, n_drugs), _margin(events, n_events)
    pair_drug, pair_event, n = _pairs(drugs, events, len(drug_n), len(event_n), engine)
    total = len(np.union1d(drugs.reports, events.reports)) if reports is None else reports
    return Counts(pair_drug, pair_event, n, drug_n, event_n, total)


def count_strata(
    drugs: Mentions, events: Mentions, stratum: Mentions, *, n_drugs: int, n_events: int, engine: Engine = "auto"
) -> tuple[Counts, ...]:
    """One table per stratum, for stratified measures; ``stratum`` gives each report exactly one.

    A report whose age or sex is unknown belongs to a stratum of its own kind: give unknown a number like any other.
    """
    if len(stratum.reports) != len(stratum.report):
        raise UsageError("A report is in more than one stratum; give each report exactly one")
    if not np.isin(drugs.reports, stratum.report).all() or not np.isin(events.reports, stratum.report).all():
        raise UsageError("A report has no stratum; give reports without the information a stratum 'unknown'")
    parts = []
    for one in np.unique(stratum.item):
        inside = stratum.report[stratum.item == one]
        part = drugs.within(inside), events.within(inside)
        parts.append(count(*part, n_drugs=n_drugs, n_events=n_events, reports=len(inside), engine=engine))
    return tuple(parts)


def _margin(mentions: Mentions, size: int | None) -> Integers:
    found = np.bincount(mentions.item, minlength=size or 0).astype(np.int64)
    if size is not None and len(found) > size:
        raise UsageError(f"An item is numbered {len(found) - 1}, but the vocabulary has {size}; number items from 0")
    return found


def _pairs(
    drugs: Mentions, events: Mentions, n_drugs: int, n_events: int, engine: Engine
) -> tuple[Indices, Indices, Integers]:
    found: list[tuple[Indices, Indices, Integers]] = [(_INT32, _INT32, _INT64)]
    step = max(1, CELLS // max(1, n_events))
    table = np.zeros(min(step, n_drugs) * n_events, dtype=np.int32)
    kernel = _kernel(engine, len(drugs.item))
    for low, part in _ranges(drugs, n_drugs, step):
        kernel(table, part.starts, part.item, *_events_of(part, events), events.item, n_events, low)
        cell = np.flatnonzero(table)
        drug = (cell // n_events).astype(np.int32)
        event = (cell - drug * np.int64(n_events)).astype(np.int32)
        found.append((drug + np.int32(low), event, table[cell].astype(np.int64)))
        table[cell] = 0
    every_drug, every_event, n = zip(*found, strict=True)
    return np.concatenate(every_drug), np.concatenate(every_event), np.concatenate(n)


_INT32 = np.zeros(0, dtype=np.int32)
_INT64 = np.zeros(0, dtype=np.int64)


def _ranges(drugs: Mentions, n_drugs: int, step: int) -> Iterator[tuple[int, Mentions]]:
    if n_drugs <= step:
        yield 0, drugs
        return
    for low in range(0, n_drugs, step):
        inside = (drugs.item >= low) & (drugs.item < low + step)
        yield low, Mentions(drugs.report[inside], drugs.item[inside])


def _events_of(drugs: Mentions, events: Mentions) -> tuple[Integers, Integers]:
    """For each report that names a drug, the rows of its events; none where it names none."""
    wanted, have, starts = drugs.reports, events.reports, events.starts
    if np.array_equal(wanted, have):
        return starts[:-1], starts[1:]
    return starts[np.searchsorted(have, wanted, "left")], starts[np.searchsorted(have, wanted, "right")]


def _kernel(engine: Engine, rows: int) -> counts_kernel.Kernel:
    return _compiled("add_pairs") if _compiles(engine, rows) else counts_kernel.add_pairs_numpy


def _compiles(engine: Engine, rows: int) -> bool:
    return engine == "numba" or (engine == "auto" and rows >= MANY and find_spec("numba") is not None)


@cache
def _compiled(loop: str) -> Any:
    try:
        import numba
    except ImportError as missing:
        raise UsageError('The numba engine is not installed: pip install "stormwatch[fast]"') from missing
    return numba.njit(cache=True)(getattr(counts_kernel, loop))
