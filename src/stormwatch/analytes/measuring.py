"""From a recorded value and unit to a checked value in the canonical unit."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import inf

from stormwatch.analytes.catalogue import Analyte
from stormwatch.analytes.conversion import to_canonical
from stormwatch.analytes.reading import read_value
from stormwatch.facts import Interval, Number

_ZERO = Fraction(0)


def measure(analyte: Analyte, text: str, unit: str, comparator: str = "") -> Interval:
    """A recorded value in the analyte's canonical unit, checked.

    Of a censored value only the finite end is checked. ``< 0.5`` of a quantity that cannot be negative starts at 0.

    Raises:
        UnknownUnit: the unit is missing or not in the table of this analyte.
        ValueError: the text is no value, is negative where that is impossible, or lies outside the plausible range.
            No message repeats the value.

    >>> from stormwatch.analytes.catalogue import analyte
    >>> measure(analyte("ferritin"), "> 40000", "ug/L")
    Interval('> 40000')
    >>> measure(analyte("triglycerides"), "1.5", "mmol/L")
    Interval('132.855')
    """
    value = to_canonical(analyte, read_value(text, comparator), unit)
    _check(analyte, value.low)
    if not value.is_point:
        _check(analyte, value.high)
    if value.low == -inf and not analyte.can_be_negative:
        return _from_zero(analyte, value)
    return value


def _check(analyte: Analyte, end: Number) -> None:
    if isinstance(end, float) or analyte.plausible.low <= end <= analyte.plausible.high:
        return
    if end < 0 and not analyte.can_be_negative:
        raise ValueError(f"negative {analyte.id}, which cannot be")
    raise ValueError(f"outside the plausible range of {analyte.id}")


def _from_zero(analyte: Analyte, value: Interval) -> Interval:
    if value.high == 0 and not value.high_closed:
        raise ValueError(f"negative {analyte.id}, which cannot be")
    return replace(value, low=_ZERO, low_closed=True)
