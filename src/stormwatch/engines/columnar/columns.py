"""Intervals as columns of whole numbers over a common denominator, so that formulas on them are exact.

Whole numbers below 2**53 are exact as float64, and so are their sums and products below it; what grows beyond is
marked as not a number and worked out by the reference evaluation. One division at the end then gives the float64
nearest to the exact result, which is what ``float`` of the reference engine's fraction gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isinf, lcm

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.batch import Rows
from stormwatch.engines.columnar.exact import LARGEST, whole
from stormwatch.engines.columnar.facts import Bools, Floats, Ints, Line, taken
from stormwatch.facts import Interval, Number


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Intervals: both ends as whole numbers over ``over``, and which ends belong to them."""

    low: Floats
    high: Floats
    low_closed: Bools
    high_closed: Bools
    over: int = 1

    def at(self, place: Ints) -> Column:
        """Some rows."""
        return taken(self, place)


def sound(numbers: Floats) -> Floats:
    """The numbers, without those that may have been rounded."""
    found: Floats = np.where(np.isfinite(numbers) & (np.abs(numbers) >= LARGEST), np.nan, numbers)
    return found


def times(one: Floats | float, other: Floats | float) -> Floats:
    """The product; zero times no limit is zero."""
    with np.errstate(invalid="ignore"):
        product = np.multiply(one, other)
    return sound(np.where((np.asarray(one) == 0) | (np.asarray(other) == 0), 0.0, product))


def of_intervals(intervals: Sequence[Interval]) -> Column:
    """Exact intervals as a column."""
    return _of_few(tuple(intervals)) if len(intervals) < _FEW else _of_any(intervals)


_FEW = 100


@lru_cache(maxsize=1000)
def _of_few(intervals: tuple[Interval, ...]) -> Column:
    """The points of a scale and the like come again with every batch."""
    return _of_any(intervals)


def _of_any(intervals: Sequence[Interval]) -> Column:
    ends = [end for one in intervals for end in (one.low, one.high) if not isinf(end)]
    over = lcm(*(Fraction(end).denominator for end in ends))
    low = np.array([_numerator(one.low, over) for one in intervals])
    high = np.array([_numerator(one.high, over) for one in intervals])
    closed = [np.array([getattr(one, f"{end}_closed") for one in intervals], np.bool_) for end in ("low", "high")]
    return Column(sound(low), sound(high), closed[0], closed[1], over)


def of_rows(rows: Rows, lines: Sequence[Line], more: Sequence[Interval]) -> Column:
    """The values of rows in the canonical unit, after ``more`` intervals."""
    ends = [rows.low] if rows.high is None else [rows.low, rows.high]
    numbers, scale = whole(np.concatenate(ends))
    used = [0] if rows.line is None else np.unique(rows.line).tolist()
    extra = of_intervals(more)
    over = lcm(scale, extra.over, *(_denominator(lines[place], scale) for place in used))
    numbers = _canonical(numbers, rows.line, len(ends), lines, scale, over)
    low, high = numbers[: len(rows)], numbers[-len(rows) :]
    by = over // extra.over
    return Column(
        np.concatenate((times(extra.low, float(by)), low)),
        np.concatenate((times(extra.high, float(by)), high)),
        np.concatenate((extra.low_closed, _closed(rows.low_open, len(rows)))),
        np.concatenate((extra.high_closed, _closed(rows.high_open, len(rows)))),
        over,
    )


def _canonical(numbers: Floats, line: Ints | None, ends: int, lines: Sequence[Line], scale: int, over: int) -> Floats:
    """Numerators over ``scale`` on their lines as numerators over ``over`` in the canonical unit."""
    slopes = np.array([_whole(slope * Fraction(over, scale)) for slope, _ in lines])
    offsets = np.array([_whole(offset * over) for _, offset in lines])
    if line is None:
        return sound(times(numbers, slopes[0]) + offsets[0])
    place = np.tile(line, ends)
    return sound(times(numbers, slopes[place]) + offsets[place])


def _denominator(line: Line, scale: int) -> int:
    slope, offset = line
    return lcm((slope / scale).denominator, offset.denominator)


def _whole(number: Fraction) -> float:
    fits = number.denominator == 1 and abs(number.numerator) < LARGEST
    return float(number) if fits else np.nan


def _numerator(end: Number, over: int) -> float:
    return float(end) if isinf(end) else _whole(Fraction(end) * over)


def _closed(opened: Bools | None, count: int) -> Bools:
    return np.ones(count, np.bool_) if opened is None else ~opened


@dataclass(frozen=True, slots=True, eq=False)
class Quotients:
    """Intervals whose ends are quotients of whole numbers."""

    low: tuple[Floats, Floats]
    high: tuple[Floats, Floats]
    low_closed: Bools
    high_closed: Bools


def quotients(column: Column) -> Quotients:
    """A column as quotients over its denominator."""
    over = np.full(len(column.low), float(column.over) if column.over < LARGEST else np.nan)
    return Quotients((column.low, over), (column.high, over), column.low_closed, column.high_closed)


def linear(terms: Sequence[tuple[Number, Column]], constant: Number) -> Column:
    """Constant plus the sum of coefficients times columns."""
    start = Fraction(constant)
    over = lcm(start.denominator, *(Fraction(by).denominator * part.over for by, part in terms))
    count = len(terms[0][1].low)
    low = high = np.full(count, _whole(start * over))
    low_closed = high_closed = np.ones(count, np.bool_)
    for coefficient, part in terms:
        by = _whole(Fraction(coefficient) * Fraction(over, part.over))
        ends = [(times(part.low, by), part.low_closed), (times(part.high, by), part.high_closed)]
        (down, down_closed), (up, up_closed) = ends if coefficient >= 0 else ends[::-1]
        low, high = sound(low + down), sound(high + up)
        low_closed, high_closed = low_closed & down_closed, high_closed & up_closed
    return Column(low, high, low_closed, high_closed, over)


def product(parts: Sequence[Column]) -> Column:
    """The product of columns, all of them zero or more."""
    total = parts[0]
    for part in parts[1:]:
        total = Column(
            times(total.low, part.low),
            times(total.high, part.high),
            total.low_closed & part.low_closed,
            total.high_closed & part.high_closed,
            total.over * part.over,
        )
    return total


def divided(above: Column, below: Column) -> Quotients:
    """One column over another; without a value where the one below the line is zero."""
    over_above = float(above.over) if above.over < LARGEST else np.nan
    over_below = float(below.over) if below.over < LARGEST else np.nan
    never = below.high == 0
    no_top, no_bottom = np.isinf(below.high), (below.low == 0) | np.isinf(above.high)
    low = _where(no_top | never, 0.0, (times(above.low, over_below), times(below.high, over_above)))
    high = _where(no_bottom | never, np.inf, (times(above.high, over_below), times(below.low, over_above)))
    high_closed = ~no_bottom & above.high_closed & below.low_closed & ~never
    return Quotients(low, high, (above.low_closed & below.high_closed) | never, high_closed)


def _where(fixed: Bools, value: float, pair: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    return np.where(fixed, value, pair[0]), np.where(fixed, 1.0, pair[1])


def nearest(pair: tuple[Floats, Floats]) -> Floats:
    """The float64 nearest to each quotient."""
    above, below = pair
    found: Floats = np.divide(above, below)
    return found


def same_as_before(pair: tuple[Floats, Floats], value: Floats) -> npt.NDArray[np.bool_]:
    """Whether each quotient is exactly the one before it."""
    above, below = pair
    alike = value[1:] == value[:-1]
    plain = (above[1:] == above[:-1]) & (below[1:] == below[:-1])
    plain |= np.isinf(value[1:]) | (value[1:] == 0)
    for place in np.flatnonzero(alike & ~plain):
        one, other = (Fraction(int(above[k])) / int(below[k]) for k in (place, place + 1))
        alike[place] = one == other
    return np.append(False, alike)[: len(value)]
