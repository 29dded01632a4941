"""What goes wrong between bedside and table, and what a reader is expected to say about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import accumulate
from random import Random

from stormwatch import analytes
from stormwatch.cohort.synth.record import Result
from stormwatch.cohort.synth.tables import table

REASONS = {
    "misspelt_unit": "unit not in the table of {analyte}: {unit}",
    "missing_unit": "unit not in the table of {analyte}: none given",
    "missing_time": "no time",
    "implausible": "outside the plausible range of {analyte}",
    "no_number": "not a number",
}
"""Why the project's readers refuse each kind of dirt. A duplicate is not refused: it says twice what is true."""

DUPLICATE = "duplicate"


def reason(result: Result) -> str:
    """The reason for which a result is expected to be rejected; empty for one that is read."""
    return REASONS.get(result.dirt, "").format(analyte=result.analyte, unit=result.unit)


def soiled(random: Random, result: Result) -> Iterator[Result]:
    """The result as it arrives: almost always as it was printed, sometimes spoilt, sometimes twice."""
    draw = random.random()
    if draw >= _any():
        yield result
        return
    kind = _kind(draw)
    if kind == DUPLICATE:
        yield result
        yield replace(result, dirt=kind)
        return
    yield _spoilt(random, result, kind) or result


def _kind(draw: float) -> str:
    """The kind of fault that a number below the sum of all chances falls on."""
    chances = table("dirt")["chances"]
    ends = accumulate(chances.values())
    return next((kind for kind, end in zip(chances, ends, strict=True) if draw < end), DUPLICATE)


def _spoilt(random: Random, result: Result, kind: str) -> Result | None:
    """The result with one fault; None where this result cannot have it."""
    if kind == "missing_time":
        return replace(result, time=None, dirt=kind)
    if kind == "no_number":
        return replace(result, value=random.choice(table("dirt")["texts"][kind]), dirt=kind)
    if kind == "implausible":
        slip = _slipped(result)
        return slip and replace(slip, dirt=kind)
    unit = "" if kind == "missing_unit" else table("dirt")["misspelt"].get(result.unit)
    return None if unit is None or _is_unit(result.analyte, unit) else replace(result, unit=unit, dirt=kind)


def _slipped(result: Result) -> Result | None:
    factor = table("dirt")["slips"].get(result.analyte)
    if factor is None or not result.value[0].isdecimal():
        return None
    slip = f"{float(result.value) * factor:.0f}"
    try:
        analytes.measure(analytes.analyte(result.analyte), slip, result.unit)
    except ValueError:
        return replace(result, value=slip)
    return None


@cache
def _any() -> float:
    return float(sum(table("dirt")["chances"].values()))


@cache
def _is_unit(analyte: str, unit: str) -> bool:
    try:
        analytes.from_canonical(analytes.analyte(analyte), unit)
    except analytes.UnknownUnit:
        return False
    return True
