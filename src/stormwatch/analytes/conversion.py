"""Exact conversion between units of one analyte."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from stormwatch.analytes.catalogue import Analyte
from stormwatch.analytes.units import Unit, find_unit
from stormwatch.facts import Interval

_NO_OFFSET = Fraction(0)


class UnknownUnit(ValueError):
    """A unit that the analyte's table does not have. The value cannot be used; nothing is guessed."""


def to_canonical(analyte: Analyte, value: Interval, unit: str) -> Interval:
    """A value in the analyte's canonical unit, exactly. Bounds stay open or closed as they were.

    Raises:
        UnknownUnit: the unit is missing or not in the table of this analyte.

    >>> from stormwatch.analytes.catalogue import analyte
    >>> to_canonical(analyte("temperature"), Interval.point(Fraction("101.3")), "degF")
    Interval('38.5')
    """
    slope, offset = _line(analyte, unit)
    if slope == 1 and offset == 0:
        return value
    if value.is_point:
        return Interval.point(value.low * slope + offset)
    return value.affine(slope, offset)


def from_canonical(analyte: Analyte, unit: str) -> tuple[Fraction, Fraction]:
    """Slope and offset with which a canonical value is printed in another unit: slope * canonical + offset.

    Raises:
        UnknownUnit: the unit is missing or not in the table of this analyte.

    >>> from stormwatch.analytes.catalogue import analyte
    >>> from_canonical(analyte("haemoglobin"), "g/L")
    (Fraction(10, 1), Fraction(0, 1))
    """
    slope, offset = _line(analyte, unit)
    return 1 / slope, -offset / slope


@lru_cache(maxsize=4096)
def _line(analyte: Analyte, unit: str) -> tuple[Fraction, Fraction]:
    """Slope and offset of the way to the canonical unit."""
    given = find_unit(analyte.dimension, unit)
    if given is not None:
        home = _own(analyte.dimension, analyte.unit)
        return given.factor / home.factor, (given.offset - home.offset) / home.factor
    also = analyte.also
    given = find_unit(also.dimension, unit) if also else None
    if also is None or given is None:
        raise UnknownUnit(f"unit not in the table of {analyte.id}{_shown(unit)}")
    return given.factor / _own(also.dimension, also.unit).factor * also.factor, _NO_OFFSET


def _own(dimension: str, code: str) -> Unit:
    unit = find_unit(dimension, code)
    assert unit is not None, f"{code} is not a unit of {dimension}"
    return unit


def _shown(unit: str) -> str:
    """The unit for the message. A long or odd text may be anything, so it is not repeated."""
    text = unit.strip()
    if not text:
        return ": none given"
    return f": {text}" if len(text) < 20 and text.isprintable() else ""
