"""A recorded number with its unit, as an interval in the analyte's canonical unit."""

from __future__ import annotations

import re
from fractions import Fraction

from stormwatch.analytes import Analyte, UnknownUnit, measure
from stormwatch.facts import Interval
from stormwatch.sources.draft import Place, Rejected

Limits = tuple[Fraction | None, Fraction | None]

LEFT_OUT = "reference limit left out: its value or unit cannot be read"
CROSSED = "reference limits left out: the lower is above the upper"

_NUMBER = r"\d[\d.,]*(?:[eE][+-]?\d+)?"
_VALUE_THEN_UNIT = re.compile(rf"(?P<value>\D*{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?)\s*(?P<unit>.*)", re.DOTALL)


def measured(analyte: Analyte, value: str, unit: str, comparator: str = "") -> Interval:
    """The value in the canonical unit; a value that cannot be placed is rejected with the reason."""
    if not value:
        raise Rejected("no value")
    try:
        return measure(analyte, value, unit, comparator)
    except ValueError as problem:
        raise Rejected(str(problem)) from None


def measured_text(analyte: Analyte, text: str) -> Interval:
    """A value written in one text with its unit (``GREATER THAN 2000 ng/mL``); a text without a unit is rejected."""
    match = _VALUE_THEN_UNIT.fullmatch(text)
    if match is None:
        raise Rejected("not a number")
    try:
        return measure(analyte, match["value"], match["unit"])
    except UnknownUnit:
        raise Rejected(f"the text names no unit of {analyte.id}") from None
    except ValueError as problem:
        raise Rejected(str(problem)) from None


def limit(value: Interval | None, place: Place) -> Fraction | None:
    """A printed limit must be one number; anything else is left out, and the value it belongs to is kept."""
    if value is None or not value.is_point:
        place.notes[LEFT_OUT] += 1
        return None
    return Fraction(value.low)


def checked_limits(low: Fraction | None, high: Fraction | None, place: Place) -> Limits:
    if low is not None and high is not None and low > high:
        place.notes[CROSSED] += 1
        return None, None
    return low, high
