"""From a printed value to an interval in the canonical unit of a test, with a word on everything that was not plain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from stormwatch import analytes
from stormwatch.analytes import Analyte, UnknownUnit
from stormwatch.facts import Interval
from stormwatch.sources.text.lexicon import data
from stormwatch.sources.text.numbers import AMBIGUOUS, read_number
from stormwatch.sources.text.passes.values import Value

NO_UNIT = "no unit is given"
NOT_PLAUSIBLE = "outside the plausible range of the test"
UNUSUAL = "an unusual unit for this test: read as printed"
NO_KIND = "D-dimer without saying FEU or DDU"
_COUNTS = frozenset({"wbc", "neutrophils", "lymphocytes", "platelets"})
_D_DIMER = ("d_dimer_feu", "d_dimer_ddu")


@dataclass(frozen=True, slots=True)
class Amount:
    """What a printed value means of a test. ``value`` is None when it cannot be used; the flags say why."""

    analyte: str
    value: Interval | None
    flags: tuple[str, ...] = ()


def amount(name: str, value: Value) -> Amount | None:
    """The amount a value stands for, or None when its unit is none of this test's."""
    analyte = _analyte(name, value.unit)
    if analyte is None:
        return None
    if analyte.id in _D_DIMER and "eu" not in value.unit.casefold() and "dd" not in value.unit.casefold():
        return Amount(analyte.id, None, (NO_KIND,))
    if not value.unit and analyte.id in _COUNTS and read_number(value.first).values[0] == 0 and not value.second:
        value = replace(value, unit="10*9/L")  # none is none in every unit
    try:
        found = _intervals(analyte, value)
    except UnknownUnit:
        return Amount(analyte.id, None, (NO_UNIT,)) if not value.unit else None
    flags = [UNUSUAL] if _is_unusual(analyte, value.unit) else []
    if not found:
        return Amount(analyte.id, None, (*flags, NOT_PLAUSIBLE))
    if len(found) > 1:
        flags.append(AMBIGUOUS)
    hull = found[0]
    for other in found[1:]:
        hull = hull.hull(other)
    return Amount(analyte.id, hull, tuple(flags))


def _analyte(name: str, unit: str) -> Analyte | None:
    """The test that this name and unit mean; two receptors and two D-dimers share a name and differ by unit."""
    catalogue = analytes.catalogue()
    names = {"sil2r": ("sil2r", "sil2r_pg"), "d_dimer_feu": _D_DIMER}.get(name, (name,))
    if not unit:
        return catalogue[names[0]]
    for each in names:
        if _fits(catalogue[each], unit):
            return catalogue[each]
    if names == _D_DIMER and _fits(catalogue["ferritin"], unit):
        return catalogue["d_dimer_feu"]
    return None


def _fits(analyte: Analyte, unit: str) -> bool:
    try:
        analytes.to_canonical(analyte, Interval.point(1), unit)
    except UnknownUnit:
        return False
    return True


def _intervals(analyte: Analyte, value: Value) -> list[Interval]:
    """Every plausible reading of a value. Raises UnknownUnit when the unit is missing."""
    first = read_number(value.first)
    second = read_number(value.second) if value.second else None
    texts = [plain_number(number) for number in first.values]
    if second is not None:
        texts = [f"{plain_number(a)} to {plain_number(b)}" for a in first.values for b in second.values if a <= b]
    found = []
    for text in texts:
        try:
            found.append(analytes.measure(analyte, text, value.unit, "" if value.second else value.sign))
        except UnknownUnit:
            raise
        except ValueError:
            continue
    return found


def plain_number(number: Fraction) -> str:
    """A printed number as a plain decimal, exactly.

    >>> plain_number(Fraction("0.05")), plain_number(Fraction(12450))
    ('0.05', '12450')
    """
    places = next(n for n in range(60) if (number * 10**n).denominator == 1)
    digits = str((number * 10**places).numerator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def _is_unusual(analyte: Analyte, unit: str) -> bool:
    return _spelling(unit) in data("units.toml")["unusual"].get(analyte.id, ())


def _spelling(unit: str) -> str:
    """A unit as the list of unusual ones has it."""
    return "".join(unit.split()).replace("µ", "u").replace("mcg", "ug").casefold()


def limit_of(name: str, text: str, unit: str) -> Fraction | None:
    """A printed reference limit in the canonical unit; None when it is no single plain number."""
    found = amount(name, Value(0, 0, text, unit=unit)) if text else None
    if found is None or found.value is None or not found.value.is_point or found.flags:
        return None
    return Fraction(found.value.low)
