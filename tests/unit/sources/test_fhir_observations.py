"""FHIR Observations: values, comparators, texts, limits, components, times and status."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from stormwatch.facts import Interval

YES_NO = "http://snomed.info/sct"


def only(timeline):
    (fact,) = timeline.facts
    return fact


def reason(timeline):
    ((text, count),) = timeline.accounting.reasons()
    assert count == 1
    return text


def finding(ferritin, **members):
    """An Observation whose code states splenomegaly by name."""
    return ferritin(code={"text": "Splenomegaly"}, valueQuantity=None, **members)


def test_a_quantity_becomes_a_measurement_with_its_source(read_bundle, ferritin):
    fact = only(read_bundle(ferritin(issued="2024-03-02T09:00:00Z")))
    assert (fact.analyte, fact.value, fact.recorded) == ("ferritin", Interval.point(5000), "5000 ng/mL")
    assert fact.time.latest == datetime(2024, 3, 2, 6, tzinfo=UTC)
    assert fact.known_at.latest == datetime(2024, 3, 2, 9, tzinfo=UTC)
    assert str(fact.origin) == "bundle.json#Observation/f1"


def test_digits_of_a_number_are_kept_exactly(read_bundle, ferritin):
    fact = only(read_bundle(ferritin(valueQuantity={"value": 0.1, "unit": "ug/L"})))
    assert fact.value == Interval.point(Fraction(1, 10))


@pytest.mark.parametrize(
    ("comparator", "expected"),
    [
        (">", Interval.above(40000)),
        (">=", Interval.above(40000, closed=True)),
        ("<", Interval.below(40000, floor=0)),
        ("<=", Interval.below(40000, closed=True, floor=0)),
    ],
)
def test_a_comparator_makes_a_bound(read_bundle, ferritin, comparator, expected):
    quantity = {"value": 40000, "comparator": comparator, "unit": "ng/mL"}
    assert only(read_bundle(ferritin(valueQuantity=quantity))).value == expected


def test_a_text_is_read_when_it_carries_its_unit(read_bundle, ferritin):
    timeline = read_bundle(ferritin(valueQuantity=None, valueString="GREATER THAN 2000 ng/mL"))
    assert only(timeline).value == Interval.above(2000)


def test_a_unit_that_holds_digits_is_read_from_a_text(read_bundle, ferritin):
    code = {"coding": [{"system": "http://loinc.org", "code": "777-3"}]}
    timeline = read_bundle(ferritin(code=code, valueQuantity=None, valueString="< 20 10*9/L"))
    assert only(timeline).value == Interval.below(20, floor=0)


@pytest.mark.parametrize("text", ["GREATER THAN 2000", "see comment", "2000 bananas", "120/80 ng/mL", "3, 4 ng/mL"])
def test_a_text_that_cannot_be_placed_is_rejected(read_bundle, ferritin, text):
    timeline = read_bundle(ferritin(valueQuantity=None, valueString=text))
    assert timeline.facts == ()
    assert text not in reason(timeline)
    assert "120" not in reason(timeline)
    assert "80" not in reason(timeline)


@pytest.mark.parametrize("unit", ["", "mg", "10*3/uL", "furlong"])
def test_a_value_without_a_known_unit_is_rejected(read_bundle, ferritin, unit):
    timeline = read_bundle(ferritin(valueQuantity={"value": 5000, "unit": unit}))
    assert "unit" in reason(timeline)
    assert "5000" not in reason(timeline)


def test_the_unit_text_serves_when_the_unit_code_is_of_another_system(read_bundle, ferritin):
    quantity = {"value": 5000, "unit": "ng/mL", "system": "http://snomed.info/sct", "code": "258806002"}
    assert only(read_bundle(ferritin(valueQuantity=quantity))).value == Interval.point(5000)


def test_a_unit_and_a_unit_code_that_disagree_are_rejected(read_bundle, ferritin):
    quantity = {"value": 5, "unit": "mg/L", "code": "ng/mL"}
    assert reason(read_bundle(ferritin(valueQuantity=quantity))) == "the unit and the unit code disagree"


def test_an_integer_score_needs_no_unit(read_bundle, ferritin):
    code = {"coding": [{"system": "http://loinc.org", "code": "9269-2"}]}
    fact = only(read_bundle(ferritin(code=code, valueQuantity=None, valueInteger=13)))
    assert (fact.analyte, fact.value) == ("gcs", Interval.point(13))


def test_two_values_in_one_observation_are_rejected(read_bundle, ferritin):
    assert "more than one value" in reason(read_bundle(ferritin(valueString="7 ng/mL")))


@pytest.mark.parametrize("value", [{"valueBoolean": True}, {"valueRange": {"low": {"value": 3}}}])
def test_a_value_that_is_no_quantity_is_rejected(read_bundle, ferritin, value):
    assert reason(read_bundle(ferritin(valueQuantity=None, **value))) == "the value is not a quantity"


@pytest.mark.parametrize("value", ["NaN", "Infinity", '"much"', "[5]", "{}", "true", "null", "1e999", '""'])
def test_a_number_that_is_none_is_rejected(save_bundle, ferritin, value):
    from stormwatch.sources import read

    path = save_bundle({"resourceType": "Patient", "id": "p"}, ferritin())
    path.write_text(path.read_text().replace("5000", value))
    timeline = read(path)
    assert timeline.facts == ()
    assert reason(timeline)


# Findings


@pytest.mark.parametrize(
    ("value", "present"),
    [
        ({"valueBoolean": True}, True),
        ({"valueBoolean": False}, False),
        ({"valueString": "Positive"}, True),
        ({"valueString": "not detected"}, False),
        ({"valueCodeableConcept": {"text": "present"}}, True),
        ({"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "52101004"}]}}, True),
        ({"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "2667000"}]}}, False),
        ({"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "373066001"}]}}, True),
        ({"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "373067005"}]}}, False),
        ({"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "10828004"}]}}, True),
        ({"valueCodeableConcept": {"coding": [{"system": YES_NO, "code": "260385009"}]}}, False),
        ({"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9633-4"}]}}, True),
        ({"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA9634-2"}]}}, False),
        ({"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA33-6"}]}}, True),
        ({"valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA32-8"}]}}, False),
    ],
)
def test_a_finding_is_present_or_absent(read_bundle, ferritin, value, present):
    fact = only(read_bundle(finding(ferritin, **value)))
    assert (fact.name, fact.present) == ("splenomegaly", present)


@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "unlikely"},
        {"valueBoolean": "maybe"},
        {"valueCodeableConcept": {"coding": [{"system": "http://elsewhere", "code": "52101004"}]}},
        {
            "valueCodeableConcept": {
                "coding": [{"system": YES_NO, "code": "52101004"}, {"system": YES_NO, "code": "2667000"}]
            }
        },
    ],
)
def test_a_finding_that_says_neither_is_rejected(read_bundle, ferritin, value):
    assert reason(read_bundle(finding(ferritin, **value))) == "the value says neither present nor absent"


def test_a_scale_decides_all_its_findings(read_bundle, ferritin):
    observation = ferritin(code={"text": "O2 device"}, valueQuantity=None, valueString="Nasal Cannula")
    said = {f.name: f.present for f in read_bundle(observation).facts}
    assert said == {
        "low_flow_oxygen": True,
        "high_flow_oxygen": False,
        "positive_pressure_ventilation": False,
    }


def test_a_category_the_scale_does_not_list_is_rejected(read_bundle, ferritin):
    observation = ferritin(code={"text": "O2 device"}, valueQuantity=None, valueString="balloon")
    assert reason(read_bundle(observation)) == "a category the scale does not list"


# Codes and names


def test_a_name_serves_where_there_is_no_loinc_code(read_bundle, ferritin):
    local = {"coding": [{"system": "urn:local", "code": "F1"}], "text": "Serum ferritin"}
    assert only(read_bundle(ferritin(code=local))).analyte == "ferritin"


def test_a_loinc_code_that_is_not_ours_is_another_test_whatever_its_name(read_bundle, ferritin):
    urine = {"coding": [{"system": "http://loinc.org", "code": "1754-1"}], "text": "Albumin"}
    timeline = read_bundle(ferritin(code=urine))
    assert timeline.accounting.outside == {"Observation 1754-1": 1}


def test_codes_that_stand_for_different_tests_are_rejected(read_bundle, ferritin):
    codes = [{"system": "http://loinc.org", "code": code} for code in ("2276-4", "1920-8")]
    assert reason(read_bundle(ferritin(code={"coding": codes}))) == "its codes stand for different things"


# Reference limits


def test_limits_are_converted_to_the_canonical_unit(read_bundle, ferritin):
    limits = [{"low": {"value": 0.02, "unit": "mg/L"}, "high": {"value": 400, "unit": "ng/mL"}}]
    fact = only(read_bundle(ferritin(referenceRange=limits)))
    assert (fact.low, fact.high) == (20, 400)


def test_only_a_normal_or_untyped_range_gives_limits(read_bundle, ferritin):
    def typed(code, high):
        return {"high": {"value": high, "unit": "ng/mL"}, "type": {"coding": [{"code": code}]}}

    fact = only(read_bundle(ferritin(referenceRange=[typed("therapeutic", 9), typed("normal", 300)])))
    assert fact.high == 300


@pytest.mark.parametrize(
    "limits",
    [
        [{"high": {"value": 400, "unit": "bananas"}}],
        [{"high": {"value": 400}}],
        [{"high": {"value": 400, "comparator": "<", "unit": "ng/mL"}}],
        [{"low": {"value": 500, "unit": "ng/mL"}, "high": {"value": 400, "unit": "ng/mL"}}],
        [{"high": {"value": 300, "unit": "ng/mL"}}, {"high": {"value": 400, "unit": "ng/mL"}}],
    ],
)
def test_a_limit_that_cannot_be_read_is_left_out_with_a_note_and_the_value_kept(read_bundle, ferritin, limits):
    timeline = read_bundle(ferritin(referenceRange=limits))
    fact = only(timeline)
    assert (fact.value, fact.low, fact.high) == (Interval.point(5000), None, None)
    assert len(timeline.notes) == 1


# No value, status


def test_a_reason_for_no_value_is_counted_outside(read_bundle, ferritin):
    reason_code = {"coding": [{"code": "not-performed"}]}
    timeline = read_bundle(ferritin(valueQuantity=None, dataAbsentReason=reason_code))
    assert timeline.accounting.outside == {"no value: not-performed": 1}


def test_no_value_and_no_reason_is_rejected(read_bundle, ferritin):
    assert reason(read_bundle(ferritin(valueQuantity=None))) == "no value"


@pytest.mark.parametrize(("status", "label"), [("entered-in-error", "entered in error"), ("cancelled", "cancelled")])
def test_a_withdrawn_result_is_outside_with_all_its_components(read_bundle, ferritin, status, label):
    part = {"code": {"text": "Ferritin"}, "valueString": "7 ng/mL"}
    timeline = read_bundle(ferritin(status=status, component=[part, part]))
    assert timeline.facts == ()
    assert timeline.accounting.outside == {label: 3}


def test_a_preliminary_result_is_kept(read_bundle, ferritin):
    assert only(read_bundle(ferritin(status="preliminary"))).value == Interval.point(5000)


def test_a_result_about_something_else_is_outside(read_bundle, ferritin):
    assert read_bundle(ferritin(focus=[{"reference": "Patient/child"}])).facts == ()


# Components


def test_each_component_is_a_record_with_the_time_of_its_parent(read_bundle, ferritin):
    def part(code, value):
        return {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg"},
        }

    pressure = ferritin(
        code={"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        valueQuantity=None,
        component=[part("8480-6", 107), part("8462-4", 60), part("9999-9", 1), "broken"],
    )
    timeline = read_bundle(pressure)
    assert {f.analyte: f.value for f in timeline.facts} == {"sbp": Interval.point(107), "dbp": Interval.point(60)}
    assert {f.time.text for f in timeline.facts} == {"2024-03-02T06:00:00Z"}
    assert [f.origin.record for f in timeline.facts] == ["Observation/f1.component[0]", "Observation/f1.component[1]"]
    account = timeline.accounting
    assert (account.used, len(account.rejected), account.outside.total()) == (3, 1, 2)  # used: patient, sbp, dbp


# Times


def test_a_period_starts_at_its_time_and_is_known_at_its_end(read_bundle, ferritin):
    period = {"start": "2024-03-02T06:00:00Z", "end": "2024-03-03T06:00:00Z"}
    fact = only(read_bundle(ferritin(effectiveDateTime=None, effectivePeriod=period)))
    assert (fact.time.text, fact.known_at.text) == (period["start"], period["end"])


def test_an_instant_is_a_time(read_bundle, ferritin):
    instant = "2024-03-02T06:00:00.5+01:00"
    assert only(read_bundle(ferritin(effectiveDateTime=None, effectiveInstant=instant))).time.text == instant


def test_what_was_issued_before_it_happened_is_known_when_it_happened(read_bundle, ferritin):
    fact = only(read_bundle(ferritin(issued="2024-03-01T00:00:00Z")))
    assert fact.known_at == fact.time


def test_without_issued_a_result_is_known_at_its_time(read_bundle, ferritin):
    fact = only(read_bundle(ferritin()))
    assert fact.known_at == fact.time


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (None, "no time"),
        ("2024-02-30T06:00:00Z", "impossible time"),
        ("2024-03-02T24:30:00Z", "impossible time"),
        ("9999-12-31T23:59:59-05:00", "the time lies outside the calendar"),
        ("yesterday", "not an ISO 8601 time"),
        ("2024-03-02T06:00:00", "the time has no zone; name the zone the record was kept in"),
    ],
)
def test_a_time_that_cannot_be_placed_is_rejected(read_bundle, ferritin, time, expected):
    assert reason(read_bundle(ferritin(effectiveDateTime=time))) == expected


def test_a_clock_time_without_offset_is_read_in_the_zone_of_the_record(read_bundle, ferritin):
    fact = only(read_bundle(ferritin(effectiveDateTime="2024-07-02T06:00:00"), zone="Europe/Berlin"))
    assert fact.time.latest == datetime(2024, 7, 2, 4, tzinfo=UTC)
