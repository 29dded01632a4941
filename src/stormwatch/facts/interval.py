"""Numbers that may be known only within bounds.

A laboratory that prints ``> 40000`` has told us an interval, not a number; a missing value is the interval
of everything that could have been found. Bounds are exact (``Fraction``), infinite ends are ``float`` infinity.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf

Number = Fraction | int | float
"""An exact number; ``float`` is used for plus and minus infinity only."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from ``low`` to ``high``; an end belongs to it when its ``closed`` flag is true.

    >>> Interval.above(40000)
    Interval('> 40000')
    >>> Interval.point(5).is_point
    True
    """

    low: Number = -inf
    high: Number = inf
    low_closed: bool = True
    high_closed: bool = True

    @classmethod
    def point(cls, value: Number) -> Interval:
        return cls(value, value)

    @classmethod
    def above(cls, value: Number, *, closed: bool = False) -> Interval:
        return cls(value, inf, closed, False)

    @classmethod
    def below(cls, value: Number, *, closed: bool = False, floor: Number = -inf) -> Interval:
        return cls(floor, value, floor != -inf, closed)

    @property
    def is_point(self) -> bool:
        return self.low is self.high or self.low == self.high  # comparing fractions is slow

    def hull(self, other: Interval) -> Interval:
        """The smallest interval that holds both."""
        low, low_closed = _outer(self.low, self.low_closed, other.low, other.low_closed, lowest=True)
        high, high_closed = _outer(self.high, self.high_closed, other.high, other.high_closed, lowest=False)
        return Interval(low, high, low_closed, high_closed)

    def larger(self, other: Interval) -> Interval:
        """The interval of max(x, y) for x in this and y in the other: the worst of two censored values."""
        low, low_closed = _inner(self.low, self.low_closed, other.low, other.low_closed, lowest=True)
        high, high_closed = _outer(self.high, self.high_closed, other.high, other.high_closed, lowest=False)
        return Interval(low, high, low_closed, high_closed)

    def smaller(self, other: Interval) -> Interval:
        """The interval of min(x, y)."""
        low, low_closed = _outer(self.low, self.low_closed, other.low, other.low_closed, lowest=True)
        high, high_closed = _inner(self.high, self.high_closed, other.high, other.high_closed, lowest=False)
        return Interval(low, high, low_closed, high_closed)

    def affine(self, slope: Number, offset: Number = 0) -> Interval:
        """``slope * x + offset`` for every x; ``slope`` must be positive (a change of unit)."""
        if slope <= 0:
            raise ValueError("a change of unit has a positive slope")
        return Interval(
            _map(self.low, slope, offset), _map(self.high, slope, offset), self.low_closed, self.high_closed
        )

    def __contains__(self, value: Number) -> bool:
        above = self.low < value or (self.low_closed and self.low == value)
        return above and (value < self.high or (self.high_closed and self.high == value))

    def __repr__(self) -> str:
        return f"Interval({str(self)!r})"

    def __str__(self) -> str:
        if self.is_point:
            return plain(self.low)
        if self.low == -inf and self.high == inf:
            return "any"
        if self.high == inf:
            return f"{'>=' if self.low_closed else '>'} {plain(self.low)}"
        if self.low == -inf or (self.low == 0 and self.low_closed):
            return f"{'<=' if self.high_closed else '<'} {plain(self.high)}"
        return f"{plain(self.low)} to {plain(self.high)}"


def plain(value: Number) -> str:
    """The shortest decimal text of a number: exact when it has one of up to six places, else rounded to six."""
    if value in (inf, -inf):
        return "no upper limit" if value > 0 else "no lower limit"
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    return f"{float(exact):.6f}".rstrip("0").rstrip(".")


def _map(value: Number, slope: Number, offset: Number) -> Number:
    return value if value in (inf, -inf) else value * slope + offset


def _outer(a: Number, a_closed: bool, b: Number, b_closed: bool, *, lowest: bool) -> tuple[Number, bool]:
    if a == b:
        return a, a_closed or b_closed
    return (a, a_closed) if (a < b) == lowest else (b, b_closed)


def _inner(a: Number, a_closed: bool, b: Number, b_closed: bool, *, lowest: bool) -> tuple[Number, bool]:
    if a == b:
        return a, a_closed and b_closed
    return (b, b_closed) if (a < b) == lowest else (a, a_closed)
