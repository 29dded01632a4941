"""MEDS records without the patients who have too many rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from stormwatch.cohort.feeds.feed import Chunk, Ready
from stormwatch.cohort.feeds.joining import joined
from stormwatch.cohort.feeds.limit import columns_limit, portion_without, too_many
from stormwatch.cohort.feeds.meds.events import Events
from stormwatch.cohort.feeds.meds.feed import MedsChunk, MedsFeed
from stormwatch.cohort.feeds.meds.sorting import SortedFeed
from stormwatch.cohort.feeds.meds.stretches import Stretch
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.views import numbers
from stormwatch.cohort.portion import LeftOut, Portion
from stormwatch.engines.columnar.facts import Ints
from stormwatch.engines.columnar.steps import begins
from stormwatch.sources.mapped.arrow import BATCH, opened_parquet
from stormwatch.sources.meds.shards import shards


class SparingMedsFeed(MedsFeed):
    """The chunks of ``MedsFeed``; those that may hold a patient with too many rows look before they read."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._limit = columns_limit(source)

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        for chunk in super().chunks(done):
            large = isinstance(chunk, MedsChunk) and chunk.stretch.stop - chunk.stretch.start > self._limit
            yield SparingChunk(chunk, self._limit) if large and isinstance(chunk, MedsChunk) else chunk


@dataclass(frozen=True, slots=True)
class SparingChunk:
    """A stretch of rows of which those of patients with too many are left out."""

    whole: MedsChunk
    limit: int

    def portion(self) -> Portion:
        stretch = self.whole.stretch
        if stretch.stop - stretch.start <= 2 * self.limit:  # few enough to be read before anyone is counted
            events = self.whole.events()
            if not _has_large(events, self.limit):
                return self.whole.portion_of(events)
        return self._without_large()

    def _without_large(self) -> Portion:
        """The rows of patients with too many are not read at all."""
        stretch = self.whole.stretch
        starts, subjects = _patients(stretch)
        lengths = np.diff(np.append(starts, stretch.stop))
        left, edges = [], [stretch.start]
        for place in np.flatnonzero(lengths > self.limit).tolist():
            start, rows = int(starts[place]), int(lengths[place])
            where = f"{stretch.name} row {start + 1}"
            left.append(LeftOut(str(subjects[place]), where, rows, too_many(self.limit)))
            edges += [start, start + rows]
        kept = [*zip(edges[::2], [*edges[1::2], stretch.stop], strict=True)]
        read = [replace(self.whole, stretch=replace(stretch, start=a, stop=b)).portion() for a, b in kept if a < b]
        return joined([*read, portion_without(left)]) if left else read[0]


def _has_large(events: Events, limit: int) -> bool:
    """Whether any patient has more rows; those of a patient stand together."""
    rows = np.arange(max(len(events) - limit, 0))
    return bool((events.subject_of(rows) == events.subject_of(rows + limit)).any())


def _patients(stretch: Stretch) -> tuple[Ints, Ints]:
    """The first row of each patient of a stretch, and who it is."""
    found: list[Ints] = []
    with opened_parquet(stretch.path) as file:
        row = 0
        for batch in file.iter_batches(4 * BATCH, columns=["subject_id"]):
            first, last = max(stretch.start - row, 0), min(stretch.stop - row, batch.num_rows)
            row += batch.num_rows
            if first < last:
                found.append(numbers(batch.column(0).slice(first, last - first)).astype(np.int64, copy=False))
    subject = np.concatenate(found)
    starts = np.flatnonzero(begins(subject))
    return starts + stretch.start, subject[starts]


class SparingSortedFeed(SortedFeed):
    """The chunks of ``SortedFeed``, and one more with the patients who have too many rows."""

    def __init__(self, source: Source, processes: int = 1) -> None:
        super().__init__(source, processes)
        self._limit = columns_limit(source)
        self._left: list[LeftOut] = []

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        self._left.clear()
        number = 0
        for chunk in super().chunks(done):
            yield chunk
            number += 1
        if self._left:
            yield None if number in done else Ready(portion_without(self._left))

    def _sorted(self, spill: str) -> Iterator[Any]:
        names = [name for _, name in shards(self._source.path)]
        yield from kept(super()._sorted(spill), names, self._limit, self._left)


@dataclass(frozen=True, slots=True)
class Large:
    """A patient with too many rows: how many, and the file and the row of the first of them."""

    subject: int
    rows: int
    first: tuple[int, int]

    def with_more(self, table: Any) -> Large:
        more = _large(table)
        return Large(self.subject, self.rows + more.rows, min(self.first, more.first))

    def left_out(self, names: Sequence[str], limit: int) -> LeftOut:
        file, row = self.first
        return LeftOut(str(self.subject), f"{names[file]} row {row}", self.rows, too_many(limit))


def kept(batches: Iterator[Any], names: Sequence[str], limit: int, left: list[LeftOut]) -> Iterator[Any]:
    """The rows of all patients but those who have too many; these are added to ``left``."""
    for batch in spared(batches, limit):
        if isinstance(batch, Large):
            left.append(batch.left_out(names, limit))
        else:
            yield batch


def spared(batches: Iterator[Any], limit: int) -> Iterator[Any]:
    """Rows that come patient by patient, without those of patients who have too many; a ``Large`` for each of these.

    No more than a batch and ``limit`` rows are held. ``file`` and ``row`` say where each row stands.
    """
    held, large = None, None
    for batch in batches:
        table = pa.Table.from_batches([batch])
        if large is not None:
            mine = int((numbers(table.column("subject_id")) == large.subject).sum())
            large, table = (large.with_more(table.slice(0, mine)) if mine else large), table.slice(mine)
        if not len(table):
            continue
        if large is not None:
            yield large
            large = None
        table = table if held is None else pa.concat_tables([held, table])
        last = int(_starts(table)[-1])
        yield from _sifted(table.slice(0, last), limit)
        held = table.slice(last)
        if len(held) > limit:
            held, large = None, _large(held)
    if large is not None:
        yield large
    elif held is not None:
        yield from held.to_batches()


def _starts(table: Any) -> Ints:
    subject = numbers(table.column("subject_id"))
    return np.flatnonzero(begins(subject))


def _sifted(table: Any, limit: int) -> Iterator[Any]:
    """Rows of whole patients without the large ones."""
    starts = _starts(table)
    lengths = np.diff(np.append(starts, len(table)))
    before = 0
    for place in np.flatnonzero(lengths > limit).tolist():
        start, rows = int(starts[place]), int(lengths[place])
        yield from table.slice(before, start - before).to_batches()
        yield _large(table.slice(start, rows))
        before = start + rows
    yield from table.slice(before).to_batches()


def _large(table: Any) -> Large:
    """Rows that are all of one patient."""
    file, row = (numbers(table.column(name)) for name in ("file", "row"))
    first = np.lexsort((row, file))[0]
    return Large(int(table.column("subject_id")[0].as_py()), len(table), (int(file[first]), int(row[first])))
