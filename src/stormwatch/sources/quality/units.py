"""The unit a value was recorded in, and how it was converted."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from stormwatch import analytes
from stormwatch.facts import Measurement

_NUMBER = r"\d[\d.,]*(?:[eE][+-]?\d+)?"
_UNIT = re.compile(rf"\D*{_NUMBER}(?:\s*(?:-|–|to)\s*{_NUMBER})?\s*(?P<unit>.*)", re.DOTALL)

OTHER = "as in the unit code"
"""Stands for a unit text that is no unit by itself; it is not repeated."""


def recorded_unit(measurement: Measurement) -> str:
    """The unit as recorded, if it is one of the analyte's; a text that may be anything is not shown."""
    match = _UNIT.fullmatch(measurement.recorded)
    unit = match["unit"].strip() if match else ""
    return unit if conversion(measurement.analyte, unit) else OTHER


@lru_cache(maxsize=4096)
def conversion(analyte: str, unit: str) -> str:
    """How a value in this unit becomes one in the canonical unit; empty when it is no unit of the analyte.

    >>> conversion("haemoglobin", "g/L"), conversion("temperature", "degF")
    ('÷ 10', '(value − 32) × 5/9')
    """
    try:
        slope, offset = analytes.from_canonical(analytes.analyte(analyte), unit)
    except ValueError:
        return ""
    value = "" if offset == 0 else f"(value {'−' if offset > 0 else '+'} {_number(abs(offset))})"
    factor = "" if slope == 1 else _factor(slope)
    return f"{value} {factor}".strip() or "as it is"


def _factor(slope: Fraction) -> str:
    """Multiplied by the inverse of the slope, or divided by the slope: whichever is shorter to write."""
    return min(f"× {_number(1 / slope)}", f"÷ {_number(slope)}", key=len)


def _number(value: Fraction) -> str:
    """Six digits at most; a fraction such as 5/9 stays one."""
    return str(value) if value.denominator in (3, 7, 9) else f"{float(value):.6g}"
