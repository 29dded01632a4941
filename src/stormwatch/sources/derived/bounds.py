"""Arithmetic on intervals of numbers that are never negative, so that a censored part stays an interval."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import inf

from stormwatch.analytes import Analyte
from stormwatch.facts import Interval, Number

_SCALES = {"percent", "score"}

_End = tuple[Number, bool]


def on_scale(analyte: Analyte, value: Interval) -> Interval:
    """A share ends at its 100 % and a score at its highest point, whatever ``>`` was recorded. Others are unchanged."""
    if analyte.dimension not in _SCALES:
        return value
    return value.larger(Interval.point(analyte.plausible.low)).smaller(Interval.point(analyte.plausible.high))


def rising(function: Callable[..., Fraction], *parts: Interval) -> Interval:
    """The values of a function that rises with every argument."""
    low = _at(function, [part.low for part in parts])
    high = _at(function, [part.high for part in parts])
    return Interval(low, high, all(part.low_closed for part in parts), all(part.high_closed for part in parts))


def times(a: Interval, b: Interval) -> Interval:
    """
    >>> times(Interval.above(100), Interval.point(0))
    Interval('0')
    """
    low, low_closed = _product((a.low, a.low_closed), (b.low, b.low_closed))
    high, high_closed = _product((a.high, a.high_closed), (b.high, b.high_closed))
    return Interval(low, high, low_closed, high_closed)


def over(a: Interval, b: Interval) -> Interval:
    """The quotient; ``b`` must lie above zero.

    >>> over(Interval.point(90), Interval(30, 60))
    Interval('1.5 to 3')
    """
    if b.low <= 0:
        raise ValueError("the divisor must lie above zero")
    return times(a, Interval(_inverse(b.high), _inverse(b.low), b.high_closed, b.low_closed))


def _at(function: Callable[..., Fraction], ends: list[Number]) -> Number:
    return inf if inf in ends else function(*[Fraction(end) for end in ends])


def _product(a: _End, b: _End) -> _End:
    """Zero times anything is zero, and is reached when the zero is."""
    zeros = [closed for value, closed in (a, b) if value == 0]
    return (Fraction(0), any(zeros)) if zeros else (a[0] * b[0], a[1] and b[1])


def _inverse(value: Number) -> Number:
    return Fraction(0) if value == inf else 1 / Fraction(value)
