"""One content, every kind of store: the same timelines, and the same account of the rows."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from tests.unit.sources.omop.conftest import KINDS, measurement, person, write_csv

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Given, Interval, Patient, Stay, When
from stormwatch.sources.omop import iterate_omop, patients_of_omop, read_omop

BERLIN = ZoneInfo("Europe/Berlin")
NONE: frozenset[str] = frozenset()


def at(text):
    return When.parse(text, BERLIN)


@pytest.fixture(params=KINDS)
def store(request, save_omop, clinic):
    return save_omop(clinic, request.param)


@pytest.fixture
def timeline(store):
    where, schema = store
    return read_omop(where, patient="1", zone=BERLIN, complete=NONE, schema=schema)


def test_the_person(timeline):
    assert timeline.patient == Patient("1", "female", at("1980-04-09"), at("2024-03-09 11:00:00"))


def test_the_stays(timeline):
    start, stop = at("2024-03-01 20:00:00"), at("2024-03-09 11:00:00")
    assert timeline.stays == (
        Stay("inpatient", start, stop, "visit_occurrence 1"),
        Stay("inpatient", start, stop, "visit_occurrence 2"),
    )


def test_the_measurements(timeline):
    ferritin = timeline.measurements["ferritin"]
    assert [(m.value, m.recorded, m.origin.record) for m in ferritin] == [
        (Interval.point(5000), "5000 ng/mL", "1"),
        (Interval.above(2000), "GREATER THAN 2000 ng/mL", "3"),
        (Interval.above(40000), "> 40000 ng/mL", "4"),
    ]
    assert {m.time for m in ferritin} == {at("2024-03-02 06:00:00")}
    assert [m.known_at for m in ferritin] == [m.time for m in ferritin]
    assert (ferritin[2].low, ferritin[2].high) == (15, Fraction("150.5"))
    (temperature,) = timeline.measurements["temperature"]
    assert temperature.value == Interval.point(Fraction("38.4"))
    assert str(temperature.origin) == "measurement#2"


def test_the_findings(timeline):
    said = {(f.name, f.present, f.time.text, f.origin.file) for fs in timeline.findings.values() for f in fs}
    assert said == {
        ("hlh", True, "2024-03-02 08:00:00", "observation"),
        ("splenomegaly", True, "2024-03-02 07:00:00", "condition_occurrence"),
        ("low_flow_oxygen", True, "2024-03-02 07:00:00", "device_exposure"),
        ("high_flow_oxygen", False, "2024-03-02 07:00:00", "device_exposure"),
        ("positive_pressure_ventilation", False, "2024-03-02 07:00:00", "device_exposure"),
        ("low_flow_oxygen", False, "2024-03-02 19:00:00", "device_exposure"),
    }


def test_the_exposures(timeline):
    (dexamethasone,) = timeline.exposures
    assert (dexamethasone.drug, dexamethasone.given) == ("dexamethasone", Given.GIVEN)
    assert (dexamethasone.dose, dexamethasone.route) == ("10 mg", "IV")
    assert (dexamethasone.time, dexamethasone.stop) == (at("2024-03-02 10:00:00"), at("2024-03-03 12:00:00"))


def test_every_row_of_the_person_is_accounted_for(timeline, clinic):
    account = timeline.accounting
    assert account.read == sum(row["person_id"] == 1 for rows in clinic.values() for row in rows)
    assert [(r.record, r.reason) for r in account.rejected] == [
        ("measurement 7", "unit not in the table of ferritin: furlong")
    ]
    assert dict(account.outside) == {
        "measurement 3038553": 1,
        "observation 9999-9": 1,
        "condition_occurrence 372328": 1,
        "procedure_occurrence 4021323": 1,
        "drug_exposure 40166274": 1,
    }


def test_person_by_person_gives_the_same_as_one_person(store, timeline):
    where, schema = store
    found = list(iterate_omop(where, zone=BERLIN, schema=schema))
    assert [t.patient.id for t in found] == patients_of_omop(where, schema) == ["-7", "1"]
    assert found[1] == timeline
    (alone,) = found[0].measurements["ferritin"]
    assert alone.time == at("2024-03-02")  # no clock time: it counts from the end of its day
    assert alone.time.latest == datetime(2024, 3, 2, 22, 59, 59, 999999, tzinfo=UTC)


def test_a_read_that_broke_off_is_taken_up(store):
    where, schema = store
    assert [t.patient.id for t in iterate_omop(where, zone=BERLIN, schema=schema, after="-7")] == ["1"]


def test_all_stores_give_equal_timelines(save_omop, clinic):
    found = []
    for kind in KINDS:
        where, schema = save_omop(clinic, kind)
        found.append([(t, t.accounting) for t in iterate_omop(where, zone=BERLIN, schema=schema)])
    assert all(each == found[0] for each in found[1:])


def test_which_person(store):
    where, schema = store
    with pytest.raises(InputError, match="several patients"):
        read_omop(where, patient=None, zone=BERLIN, complete=NONE, schema=schema)
    for unknown in ("2", "one"):
        with pytest.raises(UnknownName):
            read_omop(where, patient=unknown, zone=BERLIN, complete=NONE, schema=schema)


def test_the_only_person_need_not_be_named(tmp_path):
    folder = write_csv(tmp_path / "omop", {"person": [person(3)], "measurement": [measurement(1, person_id=3)]})
    timeline = read_omop(folder, patient=None, zone=BERLIN, complete=frozenset({"exposures"}))
    assert (timeline.patient.id, timeline.complete) == ("3", frozenset({"exposures"}))
    assert "no table drug_exposure" in timeline.notes


def test_rows_of_persons_who_are_not_in_person_are_noted(tmp_path):
    rows = [measurement(1), measurement(2, person_id=99), measurement(3, person_id=99)]
    folder = write_csv(tmp_path / "omop", {"person": [person(1), person(2)], "measurement": rows})
    first, second = iterate_omop(folder, zone=BERLIN)
    note = "2 rows of measurement name no person of the table person: not read"
    assert note in first.notes
    assert note not in second.notes
    assert first.accounting.read == 2


def test_many_persons_are_read_in_ranges(tmp_path, monkeypatch):
    monkeypatch.setattr("stormwatch.sources.omop.reader._PERSONS_AT_ONCE", 3)
    people = [person(n) for n in range(10)]
    rows = [measurement(n, person_id=n % 10, value_as_number=100 + n) for n in range(40)]
    folder = write_csv(tmp_path / "omop", {"person": people, "measurement": rows})
    found = list(iterate_omop(folder, zone=BERLIN))
    assert [t.patient.id for t in found] == [str(n) for n in range(10)]
    values = [sorted(m.value.low for m in t.measurements["ferritin"]) for t in found]
    assert values == [[100 + n + step for step in (0, 10, 20, 30)] for n in range(10)]
