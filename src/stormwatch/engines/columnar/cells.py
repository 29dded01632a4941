"""Cells: an answer as far as the cut-offs of the instruments tell it apart.

The cuts of an input divide its numbers into regions, counted from 0. What is known of it is an interval, and criteria
depend on it only through the regions of its two ends. State 0 is silence; states from 1 up are a single region; those
after them stretch over several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import numpy as np

from stormwatch.engines.columnar.exact import Thresholds, thresholds
from stormwatch.engines.columnar.facts import Bools, Floats, Ints, Line, taken
from stormwatch.engines.columnar.steps import begins
from stormwatch.facts import Interval
from stormwatch.logic.knowledge import Known
from stormwatch.logic.nodes import Cut
from stormwatch.logic.truth import Truth

Worth = tuple[Known, bool]
"""An answer, and whether the record says anything."""

PRESENT: tuple[Cut, ...] = ((1, True),)
"""The cut between absent (0) and present (1)."""


@dataclass(frozen=True)
class Cells:
    """The cells of an input. ``silence`` is the answer while nothing is recorded."""

    cuts: tuple[Cut, ...]
    silence: Known

    @property
    def top(self) -> int:
        return len(self.cuts)

    @property
    def count(self) -> int:
        return self.top + 2 + (self.top + 1) ** 2

    def states(self, low: Ints, high: Ints | None) -> Ints:
        """The state for the regions of both ends; no ``high`` means that every value is a point."""
        if high is None:
            return low + 1
        return np.where(low == high, low + 1, self.top + 2 + low * (self.top + 1) + high)

    def worth(self, state: int) -> Worth:
        """An answer that stands for the whole cell."""
        if state == 0:
            return self.silence, False
        if state <= self.top + 1:
            return self._between(state - 1, state - 1), True
        return self._between(*divmod(state - self.top - 2, self.top + 1)), True

    def _between(self, low: int, high: int) -> Known:
        if isinstance(self.silence, Truth):
            return Truth.UNKNOWN if low != high else Truth.of(low == 1)
        bottom, bottom_closed = self.cuts[low - 1] if low else (-inf, False)
        roof, roof_belongs_above = self.cuts[high] if high < self.top else (inf, True)
        return Interval(bottom, roof, bottom_closed, not roof_belongs_above)

    def state(self, value: Interval) -> int:
        """The state of one exact interval."""
        return self.state_of_regions(*self.regions(value))

    def regions(self, value: Interval) -> tuple[int, int]:
        """The regions of both ends of one exact interval."""
        low = sum(_above(value.low, cut, value.low_closed, open_end_above=True) for cut in self.cuts)
        high = sum(_above(value.high, cut, value.high_closed, open_end_above=False) for cut in self.cuts)
        return low, high

    def state_of_regions(self, low: int, high: int) -> int:
        """The state for the regions of both ends."""
        return low + 1 if low == high else self.top + 2 + low * (self.top + 1) + high


def _above(end: Fraction | int | float, cut: Cut, closed: bool, *, open_end_above: bool) -> bool:
    """Whether the numbers at this end of an interval lie above a cut."""
    number, belongs_above = cut
    if end == number:
        return belongs_above if closed else open_end_above
    return end > number


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Recorded values as columns: both ends, which of them are open, and the lines they are on."""

    low: Floats
    high: Floats | None
    low_open: Bools | None
    high_open: Bools | None
    line: Ints | None


def regions(ends: Ends, cuts: tuple[Cut, ...], lines: Sequence[Line]) -> tuple[Ints, Ints | None]:
    """The regions of the low and the high ends; no high ones where every value is a point."""
    if ends.line is None or len(lines) == 1:
        return _regions_on(ends, thresholds(cuts, lines[0]))
    low = np.zeros(len(ends.low), np.int64)
    high = low.copy()
    order = np.argsort(ends.line, kind="stable")
    for here in np.split(order, np.flatnonzero(begins(ends.line[order]))[1:]):
        line = lines[int(ends.line[here[0]])] if len(here) else lines[0]
        one, other = _regions_on(taken(ends, here), thresholds(cuts, line))
        low[here], high[here] = one, one if other is None else other
    return low, high


def _regions_on(ends: Ends, marks: Thresholds) -> tuple[Ints, Ints | None]:
    low = _passed(ends.low, marks.closed)
    if ends.low_open is not None and ends.low_open.any():
        low = np.where(ends.low_open, _passed(ends.low, marks.open_low), low)
    if ends.high is None:
        return low, None
    high = _passed(ends.high, marks.closed)
    if ends.high_open is not None and ends.high_open.any():
        high = np.where(ends.high_open, _passed(ends.high, marks.open_high), high)
    return low, high


def _passed(values: Floats, marks: tuple[float, ...]) -> Ints:
    """How many thresholds each value has reached."""
    found = np.zeros(len(values), np.int8)
    for mark in marks:
        found += values >= mark
    return found.astype(np.int64)
