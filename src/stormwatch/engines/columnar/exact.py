"""Exactness with float64: which floats lie above a cut-off, and which recorded decimal a float stands for.

A float64 is read as the shortest decimal that gives it (what ``repr`` prints). That reading rises with the float, so
for every cut-off there is a smallest float that lies above it, and comparing with that float is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import inf, isinf, nextafter

import numpy as np

from stormwatch.engines.columnar.facts import Floats, Line
from stormwatch.facts import Number
from stormwatch.logic.nodes import Cut

LARGEST = 2.0**53
"""Whole numbers below it are exact as float64, and so are their sums and products that stay below it."""
_DIGITS = 1e15
"""No two decimals of up to 15 digits share a float64."""


@lru_cache(maxsize=100_000)
def decimal(value: float) -> Number:
    """The number a float stands for.

    >>> decimal(0.1)
    Fraction(1, 10)
    """
    return value if isinf(value) else Fraction(repr(float(value)))


def canonical(value: float, line: Line) -> Number:
    """A recorded number in the canonical unit."""
    slope, offset = line
    return value if isinf(value) else slope * decimal(value) + offset


def smallest_above(cutoff: Number, *, strictly: bool) -> float:
    """The smallest float that stands for a number at or above the cut-off (``strictly``: above it)."""
    if isinf(cutoff):
        return inf
    near = float(cutoff)
    stands_for = decimal(near)
    return near if stands_for > cutoff or (stands_for == cutoff and not strictly) else nextafter(near, inf)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """For every cut, the float from which a recorded end lies above it: a closed end, an open low, an open high one."""

    closed: tuple[float, ...]
    open_low: tuple[float, ...]
    open_high: tuple[float, ...]


@lru_cache(maxsize=100_000)
def thresholds(cuts: tuple[Cut, ...], line: Line) -> Thresholds:
    """The cuts, in the unit of the line."""
    slope, offset = line
    recorded = [((Fraction(cut) - offset) / slope, belongs_above) for cut, belongs_above in cuts]
    return Thresholds(
        tuple(smallest_above(cut, strictly=not belongs_above) for cut, belongs_above in recorded),
        tuple(smallest_above(cut, strictly=False) for cut, _ in recorded),
        tuple(smallest_above(cut, strictly=True) for cut, _ in recorded),
    )


def whole(values: Floats) -> tuple[Floats, int]:
    """The values as whole numbers over a common power of ten; what has no such form is not a number."""
    for places in range(10):
        scale = 10.0**places
        numerators = np.rint(values * scale)
        fits = (numerators / scale == values) | np.isinf(values)
        if fits.all():
            break
    return np.where(fits & ((np.abs(numerators) < _DIGITS) | np.isinf(values)), numerators, np.nan), 10**places
