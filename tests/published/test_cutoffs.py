"""Every cut-off of every instrument file, exactly on it, just below and just above, in its own and in another unit.

The cases are read off the raw files, so an item cannot be added without them. Each criterion is compiled alone and
given one measured value; what should come out follows from the operator and number as printed in the file.
"""

import operator
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from stormwatch import analytes
from stormwatch.engines.readings import Readings
from stormwatch.engines.reference import assess
from stormwatch.facts import Timeline, in_order
from stormwatch.instruments.catalogue import shipped
from stormwatch.instruments.compile import compiled
from stormwatch.instruments.schema import InstrumentFile
from stormwatch.logic.truth import Truth
from stormwatch.sources import answers_timeline

OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
INHERITED = ("analyte", "take", "within", "unit", "relative_to", "at_baseline")
STEP = Decimal("0.0001")
NOW = datetime(2024, 5, 5, 12, tzinfo=UTC)
LIMITS = tuple(map(Decimal, ("40", "2.5", "12", "150")))


def criteria(table, above) -> Iterator[dict[str, Any]]:
    """Every comparison of a measurement in a raw file, with what it inherits from the tables around it."""
    if isinstance(table, list):
        for part in table:
            yield from criteria(part, above)
    elif isinstance(table, dict):
        own = {**above, **{key: table[key] for key in INHERITED if key in table}}
        if table.get("age"):
            yield {"age": True, "analyte": "age", "op": table["op"], "value": table["value"]}
        elif "op" in table and "analyte" in own:
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


def against_baseline(one):
    return bool(one.get("at_baseline")) or one.get("relative_to") == "baseline"


ABSOLUTE = cases(lambda one: absolute(one) and not one.get("age"))
TO_LIMITS = cases(to_a_limit)
BASELINES = cases(against_baseline)
AGES = cases(lambda one: bool(one.get("age")))


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
                "baseline": {"drug": "blinatumomab", "within": "30 d", "basis": "ours", "note": "test"},
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


def before_treatment(criterion, then, now):
    """The verdict for answers of three days ago, a dose two days ago, and answers of now."""
    parts = [
        answers_timeline(then, NOW - timedelta(days=3)),
        answers_timeline({"drug:blinatumomab": True}, NOW - timedelta(days=2)),
        answers_timeline(now, NOW),
    ]
    timeline = Timeline(parts[0].patient, in_order(fact for part in parts for fact in part.facts))
    return assess(alone({**criterion, "take": "latest"}), Readings(timeline), NOW).verdict


@pytest.mark.parametrize("criterion", BASELINES)
def test_on_below_and_above_a_multiple_of_the_value_before_treatment_or_of_its_limit(criterion):
    analyte, multiple = analytes.analyte(criterion["analyte"]), Decimal(criterion["value"])
    tried = 0
    for base in LIMITS:
        for value in around(multiple * base):
            if not all(Fraction(one) in analyte.plausible for one in (base, value)):
                continue
            tried += 1
            stated, basis = f"{plain(value)} {analyte.unit}", f"{plain(base)} {analyte.unit}"
            if criterion.get("at_baseline"):
                limit = f"{analyte.id}_{criterion['relative_to']}"
                found = before_treatment(criterion, {analyte.id: stated, limit: basis}, {"fever": True})
            else:
                found = before_treatment(criterion, {analyte.id: basis}, {analyte.id: stated})
            assert found is Truth.of(OPERATORS[criterion["op"]](value, multiple * base)), (stated, basis)
    assert tried >= 3


@pytest.mark.parametrize("criterion", AGES)
def test_on_below_and_above_an_age(criterion):
    cutoff = int(criterion["value"])
    asked = {key: criterion[key] for key in ("age", "op", "value")}
    for age in (cutoff - 1, cutoff, cutoff + 1):
        timeline = answers_timeline({"age": f"{age} a", "fever": True})
        assert timeline.end is not None
        found = assess(alone(asked), Readings(timeline), timeline.end).verdict
        assert found is Truth.of(OPERATORS[criterion["op"]](age, cutoff)), age


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
    assert len(ABSOLUTE) > 150
    assert len(TO_LIMITS) > 50
    assert len(BASELINES) > 20
    assert len(AGES) > 5
