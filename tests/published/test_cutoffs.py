"""Every cut-off of every instrument file, exactly on it, just below and just above, in its own and in another unit.

The cases are read off the raw files, so an item cannot be added without them. Each criterion is compiled alone and
given one measured value; what should come out follows from the operator and number as printed in the file.
"""

import operator
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from stormwatch import analytes
from stormwatch.engines.readings import Readings
from stormwatch.engines.reference import assess
from stormwatch.instruments.catalogue import shipped
from stormwatch.instruments.compile import compiled
from stormwatch.instruments.schema import InstrumentFile
from stormwatch.logic.truth import Truth
from stormwatch.sources import answers_timeline

OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
INHERITED = ("analyte", "take", "within", "unit", "relative_to", "at_baseline")
STEP = Decimal("0.0001")
LIMITS = tuple(map(Decimal, ("40", "2.5", "12", "150")))


def criteria(table, above) -> Iterator[dict[str, Any]]:
    """Every comparison of a measurement in a raw file, with what it inherits from the tables around it."""
    if isinstance(table, list):
        for part in table:
            yield from criteria(part, above)
    elif isinstance(table, dict):
        own = {**above, **{key: table[key] for key in INHERITED if key in table}}
        if "op" in table and "analyte" in own and not table.get("age"):
            yield {**own, "op": table["op"], "value": table["value"]}
        for part in table.values():
            yield from criteria(part, own)


def comparisons():
    for name, path in shipped().items():
        raw = tomllib.loads(path.read_text(), parse_float=Decimal)
        look = {"within": raw["look_back"]["within"], "take": raw["look_back"].get("take", "latest")}
        for table in ("items", "result", "population", "confounders"):
            for one in criteria(raw.get(table, []), look):
                yield name, one


def cases(wanted):
    """The comparisons of one kind, each named by its place, file and wording."""
    return [
        pytest.param(one, id=f"{place}-{name}-{one['analyte']}{one['op']}{one['value']}")
        for place, (name, one) in enumerate(comparisons())
        if wanted(one)
    ]


def absolute(one):
    return not one.get("relative_to") and not one.get("at_baseline")


def to_a_limit(one):
    return one.get("relative_to") in ("uln", "lln") and not one.get("at_baseline")


ABSOLUTE = cases(absolute)
TO_LIMITS = cases(to_a_limit)


def alone(criterion):
    """An instrument that asks this one question."""
    return compiled(
        InstrumentFile.model_validate(
            {
                "format": 1,
                "id": "alone",
                "edition": "test",
                "title": "One criterion",
                "kind": "criteria",
                "syndromes": ["none"],
                "purpose": "test",
                "citations": [{"text": "none"}],
                "population": {"text": "none"},
                "look_back": {"within": "72 h", "basis": "ours", "note": "test"},
                "items": [{"id": "it", "title": "It", "published": "test", "evidence": "primary", "when": criterion}],
                "result": {"met": {"item": "it"}, "evidence": "primary", "published": "test"},
            }
        )
    )


def verdict(criterion, answers):
    if criterion["take"] == "any":
        criterion = {**criterion, "take": "latest"}
    timeline = answers_timeline(answers)
    assert timeline.end is not None
    return assess(alone(criterion), Readings(timeline), timeline.end).verdict


def around(cutoff, name=""):
    """The cut-off and its nearest neighbours, as far as the analyte can have them."""
    values = (cutoff - STEP, cutoff, cutoff + STEP)
    return [
        value for value in values if value >= 0 and (not name or Fraction(value) in analytes.analyte(name).plausible)
    ]


def plain(value):
    return format(Decimal(value), "f")


@pytest.mark.parametrize("criterion", ABSOLUTE)
def test_on_below_and_above_the_cut_off(criterion):
    cutoff = Decimal(criterion["value"])
    for value in around(cutoff, criterion["analyte"]):
        expected = Truth.of(OPERATORS[criterion["op"]](value, cutoff))
        answer = f"{plain(value)} {criterion.get('unit', '')}".strip()
        assert verdict(criterion, {criterion["analyte"]: answer}) is expected, answer


@pytest.mark.parametrize("criterion", ABSOLUTE)
def test_on_below_and_above_the_cut_off_in_another_unit(criterion):
    other = another_unit(criterion["analyte"], criterion.get("unit", ""))
    if other is None:
        pytest.skip("this analyte is recorded in one unit only")
    unit, slope, offset = other
    cutoff = Fraction(criterion["value"])
    for shift in (-1, 0, 1):
        converted = slope * (cutoff + shift * Fraction(STEP)) + offset
        if converted < 0 or not decimal(converted):
            continue
        expected = Truth.of(OPERATORS[criterion["op"]](shift, 0))
        answer = f"{plain(Decimal(converted.numerator) / Decimal(converted.denominator))} {unit}"
        assert verdict(criterion, {criterion["analyte"]: answer}) is expected, answer


@pytest.mark.parametrize("criterion", TO_LIMITS)
def test_on_below_and_above_a_multiple_of_the_reference_limit(criterion):
    analyte, multiple = analytes.analyte(criterion["analyte"]), Decimal(criterion["value"])
    limits = [
        limit
        for limit in LIMITS
        if all(Fraction(value) in analyte.plausible for value in (limit, *around(multiple * limit)))
    ]
    assert limits, "no limit to try lies in the plausible range"
    for limit in limits:
        for value in around(multiple * limit):
            expected = Truth.of(OPERATORS[criterion["op"]](value, multiple * limit))
            answers = {
                criterion["analyte"]: f"{plain(value)} {analyte.unit}",
                f"{criterion['analyte']}_{criterion['relative_to']}": f"{plain(limit)} {analyte.unit}",
            }
            assert verdict(criterion, answers) is expected, answers


def another_unit(name, unit):
    """A unit other than the cut-off's whose values are decimals again: unit, slope, offset from the cut-off's unit."""
    analyte = analytes.analyte(name)
    to_canonical = analytes.from_canonical(analyte, unit)
    for code in sorted({known.code for known in analytes.units()[analyte.dimension].values()}):
        slope, offset = analytes.from_canonical(analyte, code)
        per = slope / to_canonical[0]
        if per != 1 and decimal(per):
            return code, per, offset - per * to_canonical[1]
    return None


def decimal(value: Fraction) -> bool:
    """Whether the number can be written as a decimal that ends."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def test_the_generator_finds_the_cut_offs():
    assert len(ABSOLUTE) > 15
