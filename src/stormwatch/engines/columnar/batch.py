"""The rows of one batch of patients, on one clock, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.clock import clock_of, extent, observed
from stormwatch.engines.columnar.facts import UNBORN, Bools, Facts, Floats, Ints, Name, taken
from stormwatch.engines.columnar.passes import NUMPY, Passes
from stormwatch.engines.columnar.times import FOREVER, span

ALWAYS: Name = ("always", "")
"""What every batch has."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of one name, sorted by patient and by when they can be used.

    ``start`` is the tick from which a row counts, ``time`` the one of what it is about, ``known`` the moment it became
    known (left out where rows of one time were known at once); ``limit`` is the first tick of the next patient.
    Columns that are None mean what they mean in ``Facts``.
    """

    patient: Ints
    start: Ints
    time: Ints
    known: Ints | None
    limit: Ints
    low: Floats
    high: Floats | None
    low_open: Bools | None
    high_open: Bools | None
    upper: Floats | None
    lower: Floats | None
    line: Ints | None
    earliest: Ints | None
    stop: Ints | None

    def __len__(self) -> int:
        return len(self.start)

    def taking(self, which: npt.NDArray[Any]) -> Rows:
        """Some of the rows."""
        return taken(self, which)

    def until(self, within: int | None) -> Ints:
        """The tick from which a row is too old."""
        return self.limit if within is None else np.minimum(self.time + within, self.limit)

    def measured_until(self, within: timedelta | None, batch: Batch) -> Ints:
        """The same for measurements, which also count at the very end of the calendar if they count up to it."""
        found = self.until(None if within is None else span(within))
        if (batch.asked < FOREVER).all():
            return found
        ends = (batch.asked[self.patient] >= FOREVER) & (found == self.limit - 1)
        return np.where(ends, self.limit, found)


class Batch:
    """Some patients' facts on one clock. ``until`` is the last moment asked for; by default the end of each record.

    ``learnt`` is what ``clock.observed`` gives, where it was asked already.
    """

    def __init__(
        self, facts: Facts, until: Ints | None = None, passes: Passes = NUMPY, learnt: tuple[Ints, Ints] | None = None
    ) -> None:
        self.facts = facts
        self.passes = passes
        self.first, self.last = learnt or observed(facts)
        begun, self.asked = extent(facts, until, (self.first, self.last))
        self._whole = until is None and facts.people.last is None
        self.clock = clock_of(begun, self.asked)
        self.people = facts.people
        self._rows: dict[Name, Rows] = {}

    @cached_property
    def known(self) -> Bools:
        """Which patients have any fact at all."""
        found: Bools = self.last >= self.first
        return found

    @property
    def in_order(self) -> bool:
        """Whether every fact counts from the time it is about, and none up to the very end of the calendar."""
        facts = self.facts
        return facts.time is None and facts.known is None and bool((self.asked < FOREVER).all())

    @cached_property
    def _by_code(self) -> tuple[Ints, Ints]:
        """The rows that count, by code, and where each code begins."""
        facts = self.facts
        order, bounds = self.passes.grouped(facts.code, len(facts.names))
        used = self._used
        if used is None:
            return order, bounds
        order = order[used[order]]
        return order, np.searchsorted(facts.code[order], np.arange(len(facts.names) + 1))

    @cached_property
    def _used(self) -> Bools | None:
        """Which rows can be used up to the last moment asked for; None where all can."""
        facts = self.facts
        if self._whole and (self.last < FOREVER).all():
            return None
        used = facts.usable <= self.asked[facts.patient]
        used &= facts.usable < FOREVER  # what can be used only at the end of the calendar never counts before it
        return None if used.all() else used

    @cached_property
    def _counts(self) -> Ints:
        """How many rows of each code count."""
        code = self.facts.code if self._used is None else self.facts.code[self._used]
        return np.bincount(code, minlength=len(self.facts.names))

    @cached_property
    def _codes(self) -> dict[Name, int]:
        return {name: code for code, name in enumerate(self.facts.names)}

    def lives(self, names: Iterable[Name]) -> bool:
        """Whether there is a row of any of the names, or anything of their kind is known of any of the patients."""
        return any(name == ALWAYS or name in self._known_of_people or self.has(name) for name in names)

    @cached_property
    def _known_of_people(self) -> frozenset[Name]:
        """What is known of any of the patients themselves."""
        who = self.people
        known = {
            ("person", "birth"): (who.born_last != UNBORN).any(),
            ("person", "sex"): who.sex.any(),
            ("person", "death"): (who.death <= self.asked).any(),
            ("complete", "findings"): who.findings_complete.any(),
            ("complete", "exposures"): who.exposures_complete.any(),
        }
        return frozenset(name for name, is_so in known.items() if is_so)

    def has(self, name: Name) -> bool:
        code = self._codes.get(name)
        return code is not None and self._counts[code] > 0

    def rows(self, name: Name) -> Rows:
        """The rows of a name; the caller has asked whether there are any."""
        if name not in self._rows:
            code, (order, bounds) = self._codes[name], self._by_code
            self._rows[name] = self._gathered(order[bounds[code] : bounds[code + 1]])
        return self._rows[name]

    def _gathered(self, which: Ints) -> Rows:
        facts, clock = self.facts, self.clock
        patient = facts.patient[which]
        shift = clock.shift[patient]
        start = facts.usable[which] + shift

        def column(values: npt.NDArray[Any] | None) -> Any:
            return None if values is None else values[which]

        return Rows(
            patient=patient,
            start=start,
            time=start if facts.time is None else facts.time[which] + shift,
            known=column(facts.usable if facts.known is None and facts.time is not None else facts.known),
            limit=clock.base[patient + 1],
            low=facts.low[which],
            high=column(facts.high),
            low_open=column(facts.low_open),
            high_open=column(facts.high_open),
            upper=column(facts.upper),
            lower=column(facts.lower),
            line=column(facts.line),
            earliest=column(facts.earliest),
            stop=column(facts.stop),
        )
