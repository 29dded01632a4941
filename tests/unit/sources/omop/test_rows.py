"""What single rows mean."""

from __future__ import annotations

from datetime import UTC
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sources.omop.conftest import drug, happening, measurement, observation, person, write_csv

from stormwatch.facts import Given, Interval, When
from stormwatch.sources.omop import read_omop
from stormwatch.sources.omop.concepts import meanings
from stormwatch.sources.omop.row import text_of

GCS_NOTE = "drug_exposure that does not say whether given or only ordered"


@pytest.fixture
def read_rows(tmp_path):
    """The timeline of one person with these rows; every table is named as the rows are."""

    def read_rows(zone=UTC, vocabulary=None, **tables):
        people = tables.pop("person", [person(1)])
        folder = write_csv(tmp_path / "omop", {"person": people, **tables, **(vocabulary or {})})
        return read_omop(folder, patient="1", zone=zone, complete=frozenset())

    return read_rows


@pytest.fixture
def ferritin(read_rows):
    """The value of one ferritin row, or the reason why it is refused."""

    def ferritin(**cells):
        timeline = read_rows(measurement=[measurement(1, **cells)])
        if timeline.accounting.rejected:
            return timeline.accounting.rejected[0].reason
        return timeline.measurements["ferritin"][0].value

    return ferritin


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        (4172703, Interval.point(500)),
        (4171756, Interval(Fraction(0), 500, True, False)),
        (4172704, Interval.above(500)),
        (4171754, Interval(Fraction(0), 500)),
        (4171755, Interval.above(500, closed=True)),
        (0, Interval.point(500)),
    ],
)
def test_operators(ferritin, operator, value):
    assert ferritin(value_as_number=500, operator_concept_id=operator) == value


def test_an_operator_that_is_no_comparison_is_refused(ferritin):
    assert ferritin(operator_concept_id=4141483) == "an operator concept that is no comparison"


@pytest.mark.parametrize(
    ("number", "written", "value"),
    [
        (None, "GREATER THAN 2000", Interval.above(2000)),
        (2000, ">2000", Interval.above(2000)),  # the bound was lost on the way into the number
        (2000, "2000", Interval.point(2000)),
        (2000, "see note", Interval.point(2000)),
        (2000, ">5", Interval.point(2000)),  # not about this number
        (None, "GREATER THAN 2000 ng/mL", Interval.above(2000)),
        (None, "HEMOLYZED", "not a number"),
        (None, None, "no value"),
    ],
)
def test_the_value_as_the_source_wrote_it(ferritin, number, written, value):
    assert ferritin(value_as_number=number, value_source_value=written) == value


def test_a_unit_within_the_written_value(ferritin):
    cells = {"value_as_number": None, "unit_source_value": None, "unit_concept_id": 0}
    assert ferritin(**cells, value_source_value="> 2000 ng/mL") == Interval.above(2000)


@pytest.mark.parametrize(
    ("unit", "concept", "value"),
    [
        ("ng/mL", 0, Interval.point(5000)),
        (None, 8842, Interval.point(5000)),
        (None, 8748, Interval.point(5000)),  # ug/L
        (None, 8636, "outside the plausible range of ferritin"),  # 5000 g/L
        ("ug/L", 8842, Interval.point(5000)),  # two names of one unit
        ("NGM/ML*", 8842, Interval.point(5000)),  # a local spelling that the store has mapped
        ("mg/L", 8842, "the unit as text and the unit as concept differ"),
        ("UNK", 0, "unit not in the table of ferritin: UNK"),
        (None, 0, "unit not in the table of ferritin: none given"),
        (None, 8876, "unit not in the table of ferritin: mm[Hg]"),
    ],
)
def test_units_by_text_and_by_concept(ferritin, unit, concept, value):
    assert ferritin(unit_source_value=unit, unit_concept_id=concept) == value


def test_fahrenheit_by_concept(read_rows):
    row = measurement(1, 3020891, value_as_number=101.3, unit_concept_id=9289, unit_source_value=None)
    assert read_rows(measurement=[row]).measurements["temperature"][0].value == Interval.point(Fraction("38.5"))


def test_d_dimer_in_a_plain_unit_is_refused(read_rows):
    """FEU and DDU differ twofold: a unit that does not say which is no unit of either."""
    row = measurement(1, 3051714, value_as_number=500, unit_concept_id=8842, unit_source_value="ng/mL")
    assert len(read_rows(measurement=[row]).accounting.rejected) == 1


@pytest.mark.parametrize(
    ("concept", "source", "used"), [(0, "2276-4", 1), (999, "2276-4", 1), (0, "Ferritin", 1), (999, "Ferritin", 0)]
)
def test_codes_of_the_source(read_rows, concept, source, used):
    """A LOINC code counts where the concept is none of ours; a name only where nobody mapped the row."""
    timeline = read_rows(measurement=[measurement(1, concept, measurement_source_value=source)])
    assert len(timeline.facts) == used
    assert timeline.accounting.read == 2


def test_times_need_a_zone_and_days_do_not(read_rows):
    rows = [measurement(1), measurement(2, measurement_datetime=None)]
    timeline = read_rows(zone=None, measurement=rows)
    assert [m.origin.record for m in timeline.facts] == ["2"]
    assert timeline.accounting.rejected[0].reason == "the time has no zone; name the zone the record was kept in"


def test_clock_set_forward_and_back(read_rows):
    """02:30 on the day the clock is set forward never happened; on the day it is set back it happened twice."""
    rows = [
        measurement(1, measurement_datetime="2024-03-31 02:30:00"),
        measurement(2, measurement_datetime="2024-10-27 02:30:00"),
    ]
    timeline = read_rows(zone=ZoneInfo("Europe/Berlin"), measurement=rows)
    assert [r.record for r in timeline.accounting.rejected] == ["measurement 1"]
    assert (timeline.facts[0].time.latest - timeline.facts[0].time.earliest).total_seconds() == 3600


def test_midnight_everywhere_stands_for_no_time(read_rows):
    rows = [measurement(n, measurement_datetime="2024-03-02 00:00:00") for n in (1, 2)]
    assert {m.time for m in read_rows(measurement=rows).facts} == {When.parse("2024-03-02", UTC)}


def test_midnight_among_other_times_is_midnight(read_rows):
    rows = [measurement(1, measurement_datetime="2024-03-02 00:00:00"), measurement(2)]
    first = read_rows(measurement=rows).facts[0]
    assert first.time == When.parse("2024-03-02 00:00:00", UTC)


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        ({}, True),  # a diagnosis is itself the statement
        ({"value_as_concept_id": 4188539}, True),
        ({"value_as_concept_id": 4188540}, False),
        ({"value_as_concept_id": 9189}, False),
        ({"value_as_string": "absent"}, False),
        ({"value_as_string": "Yes"}, True),
        ({"value_as_string": "maybe"}, "the value says neither present nor absent"),
        ({"value_as_string": "yes", "value_as_concept_id": 4188540}, "the value says neither present nor absent"),
        ({"value_as_concept_id": 45884084}, "the value says neither present nor absent"),
    ],
)
def test_findings_among_observations(read_rows, cells, outcome):
    timeline = read_rows(observation=[observation(1, 4121123, **cells)])
    if isinstance(outcome, str):
        assert [r.reason for r in timeline.accounting.rejected] == [outcome]
    else:
        assert [f.present for f in timeline.findings["hlh"]] == [outcome]


def test_a_question_without_an_answer_says_nothing(read_rows):
    timeline = read_rows(observation=[observation(1, 0, observation_source_value="splenomegaly")])
    assert [r.reason for r in timeline.accounting.rejected] == ["no value"]


def test_the_oxygen_device_among_observations(read_rows):
    row = observation(1, 0, observation_source_value="O2 Device", value_as_string="Non-rebreather")
    found = {name: fs[0].present for name, fs in read_rows(observation=[row]).findings.items()}
    assert found == {"low_flow_oxygen": False, "high_flow_oxygen": True, "positive_pressure_ventilation": False}


def test_a_laboratory_value_among_observations(read_rows):
    row = observation(1, 3001122, value_as_number=700, unit_source_value="ng/mL")
    assert read_rows(observation=[row]).measurements["ferritin"][0].value == Interval.point(700)


def test_the_end_of_a_condition_does_not_make_it_absent(read_rows):
    row = happening("condition_occurrence", "condition", 1, 377091, None, end_datetime="2024-03-03 10:00:00")
    assert [f.present for f in read_rows(condition_occurrence=[row]).findings["seizure"]] == [True]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (32818, Given.GIVEN),
        (38000180, Given.GIVEN),
        (32838, Given.ORDERED),
        (38000177, Given.ORDERED),
        (32817, Given.GIVEN),
    ],
)
def test_given_or_only_ordered(read_rows, kind, expected):
    timeline = read_rows(drug_exposure=[drug(1, 1518254, drug_type_concept_id=kind)])
    assert timeline.exposures[0].given is expected
    assert any(note.startswith(GCS_NOTE) for note in timeline.notes) is (kind == 32817)


def test_a_drug_by_the_name_of_its_source(read_rows):
    rows = [drug(1, 0, drug_source_value="Tocilizumab 400 mg IV"), drug(2, 0, drug_source_value="L01FX07")]
    assert [e.drug for e in read_rows(drug_exposure=rows).exposures] == ["tocilizumab", "blinatumomab"]


def test_a_product_by_its_ingredients(read_rows):
    ancestors = [
        {"ancestor_concept_id": 1518254, "descendant_concept_id": 555},
        {"ancestor_concept_id": 1125315, "descendant_concept_id": 555},
        {"ancestor_concept_id": 1, "descendant_concept_id": 556},
    ]
    concepts = [{"concept_id": 557, "concept_name": "anakinra 100 MG Injection"}]
    vocabulary = {"concept_ancestor": ancestors, "concept": concepts}
    rows = [drug(1, 555), drug(2, 556), drug(3, 557)]
    timeline = read_rows(vocabulary=vocabulary, drug_exposure=rows)
    assert sorted(e.drug for e in timeline.exposures) == ["anakinra", "dexamethasone", "paracetamol"]
    assert dict(timeline.accounting.outside) == {"drug_exposure 556": 1}
    assert timeline.accounting.read == 4


@pytest.mark.parametrize(
    ("name", "route"), [("dexamethasone 1 MG/ML Ophthalmic Solution", None), ("dexamethasone", "TOPICAL")]
)
def test_a_drug_applied_locally_is_outside(read_rows, name, route):
    vocabulary = {"concept": [{"concept_id": 557, "concept_name": name}]}
    timeline = read_rows(vocabulary=vocabulary, drug_exposure=[drug(1, 557, route_source_value=route)])
    assert dict(timeline.accounting.outside) == {"drug dexamethasone, applied locally": 1}


def test_a_moment_is_no_stretch_and_the_end_not_before_the_start(read_rows):
    rows = [
        drug(1, 1518254, drug_exposure_end_datetime="2024-03-02 10:00:00"),
        drug(2, 1518254, drug_exposure_end_datetime="2024-03-02 09:00:00"),
    ]
    timeline = read_rows(drug_exposure=rows)
    assert [(e.stop, e.running) for e in timeline.exposures] == [(None, False)]
    assert [r.reason for r in timeline.accounting.rejected] == ["ends before it begins"]


@pytest.mark.parametrize(
    ("cells", "birth"),
    [
        ({}, "1980"),
        ({"month_of_birth": 4}, "1980-04"),
        ({"month_of_birth": 4, "day_of_birth": 9}, "1980-04-09"),
        ({"birth_datetime": "1980-04-09 00:00:00"}, "1980-04-09"),
        ({"year_of_birth": None}, None),
    ],
)
def test_birth_is_as_precise_as_recorded(read_rows, cells, birth):
    found = read_rows(person=[person(1, **cells)]).patient.birth
    assert found == (None if birth is None else When.parse(birth, UTC))


def test_an_impossible_birth_is_rejected_and_stays_unknown(read_rows):
    timeline = read_rows(person=[person(1, month_of_birth=13, day_of_birth=1)], measurement=[measurement(1)])
    assert timeline.patient.birth is None
    assert [r.record for r in timeline.accounting.rejected] == ["person 1"]
    assert timeline.accounting.read == 2


def test_of_two_deaths_the_first_counts(read_rows):
    deaths = [{"person_id": 1, "death_date": day} for day in ("2024-03-09", "2024-03-08")]
    assert read_rows(death=deaths).patient.death == When.parse("2024-03-08", UTC)


def test_sex_not_stated_stays_empty(read_rows):
    assert read_rows(person=[person(1, gender_concept_id=0)]).patient.sex == ""


def test_units_of_concepts_are_known_units():
    from stormwatch.analytes import units
    from stormwatch.analytes.units import find_unit

    assert all(any(find_unit(dimension, str(unit)) for dimension in units()) for unit in meanings("units").values())


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_a_number_has_one_text(value):
    """As the stores write it: a decimal with and without trailing zeros, a double."""
    text = text_of("number", str(value))
    assert Fraction(text) == Fraction(value)
    assert text == text_of("number", f"{value:.7f}") == text_of("number", text)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("2024-03-02T06:00:00", "2024-03-02 06:00:00"),
        ("2024-03-02 06:00:00.000", "2024-03-02 06:00:00"),
        ("2024-03-02 06:00:00+00", "2024-03-02 06:00:00+00:00"),
        ("2024-03-02 06:00:00.5-05", "2024-03-02 06:00:00.5-05:00"),
        ("2024-03-02", "2024-03-02"),
    ],
)
def test_a_time_has_one_text(written, text):
    assert text_of("datetime", written) == text
