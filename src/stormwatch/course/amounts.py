"""Doses and rates as numbers, from the text the record has. What cannot be read is None, and never guessed."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction

from stormwatch.facts import Exposure

_MASS_IN_MG = {
    "g": Fraction(1000),
    "mg": Fraction(1),
    "ug": Fraction(1, 1000),
    "mcg": Fraction(1, 1000),
    "microgram": Fraction(1, 1000),
    "micrograms": Fraction(1, 1000),
    "ng": Fraction(1, 1_000_000),
}
_TIMES_A_DAY = {
    "d": Fraction(1),
    "day": Fraction(1),
    "h": Fraction(24),
    "hr": Fraction(24),
    "hour": Fraction(24),
    "min": Fraction(24 * 60),
    "minute": Fraction(24 * 60),
}
_NUMBER = r"\d+(?:\.\d+)?"
_DOSE = re.compile(rf"(?P<value>{_NUMBER})\s*(?P<mass>[a-z]+)(?P<kg>\s*/\s*kg)?")
_RATE = re.compile(_DOSE.pattern + rf"\s*/\s*(?P<times>{_NUMBER}(?!\d))?\s*(?P<time>[a-z]+)")
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)


def milligrams(exposure: Exposure, *, kg: Fraction | None = None) -> Fraction | None:
    """The dose of one administration, in mg; None when there is none or its unit cannot be read.

    A dose per kilogram needs ``kg``, a recorded weight; a dose per square metre stays unknown, since the record has
    no body surface.

    >>> from stormwatch.testing.records import given
    >>> from dataclasses import replace
    >>> milligrams(replace(given("tocilizumab", 0), dose="544 mg"))
    Fraction(544, 1)
    """
    match = _DOSE.fullmatch(_plain(exposure.dose))
    return None if match is None else _mass(match, kg)


def mcg_per_day(exposure: Exposure, *, kg: Fraction | None = None) -> Fraction | None:
    """The rate of an infusion in mcg/day: as recorded, or else its dose over the time it ran when both ends are exact.

    Some records write the rate where the dose belongs (``28 ug/d``); it is read there too.

    None when neither is recorded in a unit that can be read (mL/h says nothing without a concentration).

    >>> from stormwatch.testing.records import given
    >>> from dataclasses import replace
    >>> mcg_per_day(replace(given("blinatumomab", 0, until=168), rate="9 ug / 1 d"))
    Fraction(9, 1)
    """
    if exposure.rate:
        return _rate(exposure.rate, kg)
    if _RATE.fullmatch(_plain(exposure.dose)):
        return _rate(exposure.dose, kg)
    mg, length = milligrams(exposure, kg=kg), _exact_length(exposure)
    return None if mg is None or not length else mg * 1000 * Fraction(_DAY // _TICK, length // _TICK)


def _rate(text: str, kg: Fraction | None) -> Fraction | None:
    match = _RATE.fullmatch(_plain(text))
    if match is None or match["time"] not in _TIMES_A_DAY:
        return None
    mass, times = _mass(match, kg), Fraction(match["times"] or 1)
    return None if mass is None or times == 0 else mass * 1000 * _TIMES_A_DAY[match["time"]] / times


def _mass(match: re.Match[str], kg: Fraction | None) -> Fraction | None:
    """In mg. A unit per kilogram without a weight is unknown."""
    if match["mass"] not in _MASS_IN_MG:
        return None
    mass = Fraction(match["value"]) * _MASS_IN_MG[match["mass"]]
    if match["kg"] is None:
        return mass
    return None if kg is None else mass * kg


def _exact_length(exposure: Exposure) -> timedelta | None:
    if exposure.stop is None or not (exposure.time.is_exact and exposure.stop.is_exact):
        return None
    length = exposure.stop.latest - exposure.time.latest
    return length if length > timedelta() else None


def _plain(text: str) -> str:
    """Lower case, both micro signs as u."""
    return text.strip().replace("µ", "u").replace("\u03bc", "u").casefold()
