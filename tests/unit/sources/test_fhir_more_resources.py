"""FHIR statements of medication, adverse events, reports, and resources that only count."""

from __future__ import annotations

import pytest

from stormwatch.facts import Given
from stormwatch.sources import read

ABOUT = {"subject": {"reference": "Patient/p"}}
TOCILIZUMAB = {"text": "tocilizumab"}
START, END = "2024-03-02T06:00:00Z", "2024-03-09T06:00:00Z"


def without_none(members):
    return {key: value for key, value in members.items() if value is not None}


def statement(**members):
    resource = {
        "resourceType": "MedicationStatement",
        "id": "s",
        "status": "active",
        "medicationCodeableConcept": TOCILIZUMAB,
        "effectivePeriod": {"start": START},
        **ABOUT,
    }
    return without_none({**resource, **members})


def event(**members):
    resource = {
        "resourceType": "AdverseEvent",
        "id": "e",
        "actuality": "actual",
        "event": {"coding": [{"system": "http://snomed.info/sct", "code": "91175000"}]},
        "date": START,
        **ABOUT,
    }
    return without_none({**resource, **members})


def report(*results, **members):
    resource = {
        "resourceType": "DiagnosticReport",
        "id": "d",
        "status": "final",
        "issued": "2024-03-02T09:00:00Z",
        "result": [{"reference": reference} for reference in results],
        "conclusion": "Haemophagocytosis",
        **ABOUT,
    }
    return without_none({**resource, **members})


def outside(timeline):
    assert timeline.facts == ()
    return dict(timeline.accounting.outside)


# Statements of medication


@pytest.mark.parametrize(
    ("status", "given"),
    [("active", Given.GIVEN), ("completed", Given.GIVEN), ("stopped", Given.GIVEN), ("not-taken", Given.NOT_GIVEN)],
)
def test_a_statement_says_what_was_taken_over_its_period(read_bundle, status, given):
    (fact,) = read_bundle(statement(status=status, effectivePeriod={"start": START, "end": END})).facts
    assert (fact.drug, fact.given, fact.time.text, fact.stop.text) == ("tocilizumab", given, START, END)
    assert (fact.recorded, fact.origin.record) == ("tocilizumab (as stated)", "MedicationStatement/s")


def test_a_medicine_still_taken_is_running_and_one_stopped_is_not(read_bundle):
    timeline = read_bundle(
        statement(id="1"), statement(id="2", status="stopped"), statement(id="3", status="completed")
    )
    assert {f.origin.record[-1]: f.running for f in timeline.facts} == {"1": True, "2": False, "3": False}


def test_a_statement_is_known_from_the_day_it_was_asserted(read_bundle):
    (fact,) = read_bundle(statement(dateAsserted="2024-03-20")).facts
    assert (fact.time.text, fact.known_at.text) == (START, "2024-03-20")


def test_a_statement_of_the_future_is_not_known_before_its_period(read_bundle):
    (fact,) = read_bundle(statement(dateAsserted="2024-02-20")).facts
    assert fact.known_at.text == START


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("intended", "MedicationStatement only intended"),
        ("entered-in-error", "entered in error"),
        ("unknown", "MedicationStatement of unknown status"),
        (None, "MedicationStatement of unknown status"),
    ],
)
def test_a_statement_that_does_not_say_what_was_taken_is_outside(read_bundle, status, label):
    assert outside(read_bundle(statement(status=status))) == {label: 1}


def test_a_statement_without_a_time_is_rejected(read_bundle):
    assert read_bundle(statement(effectivePeriod=None)).accounting.reasons() == [("no time", 1)]


def test_dose_and_route_are_kept_where_all_dosages_agree(read_bundle):
    oral = {"route": {"text": "oral"}, "doseAndRate": [{"doseQuantity": {"value": 4, "unit": "mg"}}]}
    other = {"route": {"text": "oral"}, "doseAndRate": [{"doseQuantity": {"value": 8, "unit": "mg"}}]}
    one, two = read_bundle(statement(id="1", dosage=[oral]), statement(id="2", dosage=[oral, other])).facts
    assert [(f.dose, f.route) for f in (one, two)] == [("4 mg", "oral"), ("", "oral")]


# Adverse events


def test_an_adverse_event_is_a_finding_at_its_date(read_bundle):
    (fact,) = read_bundle(event(recordedDate="2024-03-05")).facts
    assert (fact.name, fact.present, fact.time.text, fact.known_at.text) == ("seizure", True, START, "2024-03-05")


def test_without_a_date_an_event_dates_from_its_detection(read_bundle):
    (fact,) = read_bundle(event(date=None, detected="2024-03-04", recordedDate="2024-03-05")).facts
    assert (fact.time.text, fact.known_at.text) == ("2024-03-04", "2024-03-05")


@pytest.mark.parametrize("actuality", ["potential", None])
def test_an_event_that_may_not_have_happened_is_outside(read_bundle, actuality):
    assert outside(read_bundle(event(actuality=actuality))) == {"AdverseEvent not stated to be actual": 1}


def test_an_unknown_event_is_counted_under_its_code(read_bundle):
    rash = {"coding": [{"system": "http://snomed.info/sct", "code": "304386008"}]}
    assert outside(read_bundle(event(event=rash))) == {"AdverseEvent 304386008": 1}


# Reports


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "appended"])
def test_a_result_is_known_from_the_release_of_its_report(read_bundle, ferritin, status):
    timeline = read_bundle(report("Observation/f1", status=status), ferritin())
    (fact,) = timeline.facts
    assert (fact.time.text, fact.known_at.text) == (START, "2024-03-02T09:00:00Z")
    assert timeline.accounting.used == 3  # patient, report and result


def test_what_a_result_says_of_its_own_release_stands(read_bundle, ferritin):
    timeline = read_bundle(report("Observation/f1"), ferritin(issued="2024-03-02T07:00:00Z"))
    assert timeline.facts[0].known_at.text == "2024-03-02T07:00:00Z"
    assert timeline.accounting.outside == {"DiagnosticReport that dates no result": 1}


def test_a_result_is_never_known_before_it_was_drawn(read_bundle, ferritin):
    timeline = read_bundle(report("Observation/f1", issued="2024-03-01T09:00:00Z"), ferritin())
    assert timeline.facts[0].known_at.text == START


def test_the_first_of_two_final_reports_counts(read_bundle, ferritin):
    late = report("Observation/f1", id="late", issued="2024-03-04T09:00:00Z")
    timeline = read_bundle(late, report("Observation/f1"), ferritin())
    assert timeline.facts[0].known_at.text == "2024-03-02T09:00:00Z"


def test_a_report_dates_the_members_of_a_panel_it_lists(read_bundle, ferritin):
    panel = ferritin(id="panel", valueQuantity=None, hasMember=[{"reference": "Observation/f1"}])
    timeline = read_bundle(report("Observation/panel"), panel, ferritin())
    assert timeline.facts[0].known_at.text == "2024-03-02T09:00:00Z"


def test_panels_that_list_each_other_do_no_harm(read_bundle, ferritin):
    ring = [{"reference": "Observation/f1"}]
    timeline = read_bundle(report("Observation/f1"), ferritin(hasMember=ring))
    assert timeline.accounting.read == 3


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("preliminary", "DiagnosticReport not final"),
        ("partial", "DiagnosticReport not final"),
        ("entered-in-error", "entered in error"),
        ("cancelled", "cancelled"),
    ],
)
def test_a_report_that_is_not_final_dates_nothing(read_bundle, ferritin, status, label):
    timeline = read_bundle(report("Observation/f1", status=status), ferritin())
    assert timeline.facts[0].known_at.text == START
    assert timeline.accounting.outside == {label: 1}


def test_a_conclusion_is_no_fact(read_bundle):
    assert outside(read_bundle(report())) == {"DiagnosticReport that dates no result": 1}


def test_a_report_whose_release_cannot_be_read_is_rejected_and_its_result_used(read_bundle, ferritin):
    timeline = read_bundle(report("Observation/f1", issued="yesterday"), ferritin())
    assert timeline.accounting.reasons() == [("not an ISO 8601 time", 1)]
    assert len(timeline.facts) == 1


def test_a_report_finds_its_result_by_address(save_bundle, ferritin):
    here = ("http://here/fhir/Observation/f1", ferritin())
    there = ("http://there/fhir/Observation/f1", ferritin(effectiveDateTime="2024-03-02T08:00:00Z"))
    timeline = read(save_bundle(report("http://there/fhir/Observation/f1"), here, there))
    assert [f.known_at.text for f in timeline.facts] == [START, "2024-03-02T09:00:00Z"]


# Resources that are only counted


def test_resources_that_state_no_facts_are_counted_with_the_reason(read_bundle):
    def document(kind):
        content = [{"attachment": {"contentType": kind, "data": "c3BsZWVu"}}]
        return {"resourceType": "DocumentReference", "content": content, **ABOUT}

    timeline = read_bundle(
        {"resourceType": "Device", "patient": {"reference": "Patient/p"}},
        {"resourceType": "ServiceRequest", "code": {"text": "Ferritin"}, **ABOUT},
        document("text/plain; charset=utf-8"),
        document("application/pdf"),
    )
    assert outside(timeline) == {
        "Device, but not what it was used for": 1,
        "ServiceRequest: only ordered": 1,
        "free text, for the text reader": 1,
        "DocumentReference without text": 1,
    }
