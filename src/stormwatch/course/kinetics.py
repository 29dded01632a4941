"""Doubling and halving times from two samples whose values and times may be known only within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf, log

from stormwatch.facts import Interval, Measurement, Number

_HOUR = 3600.0


def ratio(above: Interval, below: Interval) -> Interval | None:
    """Every value of the first over every value of the second; None where the second may only be zero.

    >>> ratio(Interval.above(40000), Interval.point(400))
    Interval('> 100')
    """
    if below.high <= 0 or above.low < 0 or below.low < 0:
        return None
    low = Fraction(0) if below.high == inf else _over(above.low, below.high)
    high = inf if below.low == 0 or above.high == inf else _over(above.high, below.low)
    if above.is_point and below.is_point:
        return Interval.point(low)
    low_closed = above.low_closed and below.high_closed and below.high != inf
    return Interval(low, high, low_closed, above.high_closed and below.low_closed and high != inf)


def twofold_hours(first: Measurement, second: Measurement) -> Interval | None:
    """The hours in which a quantity doubles (or halves, when it falls), log-linear between two samples.

    Bounds come from censored values and from times known only to a day. None when the order of the samples in time,
    or whether the quantity rose or fell at all, is open.
    """
    change = ratio(second.value, first.value)
    shortest = (second.time.earliest - first.time.latest).total_seconds() / _HOUR
    longest = (second.time.latest - first.time.earliest).total_seconds() / _HOUR
    if change is None or shortest <= 0:
        return None
    if change.high <= 1:
        change = ratio(first.value, second.value)
    if change is None or change.low <= 1:
        return None
    quick = Fraction(0) if change.high == inf else _hours(shortest, change.high)
    slow = _hours(longest, change.low)
    return Interval.point(slow) if quick == slow else Interval(quick, slow, change.high != inf, change.low_closed)


def largest_gap_hours(samples: Sequence[Measurement]) -> float:
    """The longest time between neighbouring samples, at most."""
    gaps = ((two.time.latest - one.time.earliest).total_seconds() / _HOUR for one, two in pairwise(samples))
    return max(gaps, default=0.0)


def _hours(hours: float, change: Number) -> Fraction:
    """Rounded to a millionth of an hour: the logarithm is no exact number."""
    return Fraction(str(round(hours * log(2) / log(change), 6)))


def _over(above: Number, below: Number) -> Fraction:
    return Fraction(above) / Fraction(below)
