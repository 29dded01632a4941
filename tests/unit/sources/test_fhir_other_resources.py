"""FHIR conditions, procedures, drugs, encounters and the patient."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stormwatch.facts import Given

SPLEEN = {"coding": [{"system": "http://snomed.info/sct", "code": "16294009"}]}
BLINATUMOMAB = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "1597258"}]}
ABOUT = {"subject": {"reference": "Patient/p"}}


def condition(**members):
    return {"resourceType": "Condition", "id": "c", "code": SPLEEN, "onsetDateTime": "2024-03-02", **ABOUT, **members}


def verified(code):
    return condition(verificationStatus={"coding": [{"code": code}]})


def administration(**members):
    resource = {
        "resourceType": "MedicationAdministration",
        "id": "m",
        "status": "completed",
        "medicationCodeableConcept": BLINATUMOMAB,
        "effectiveDateTime": "2024-03-02T06:00:00Z",
        **ABOUT,
        **members,
    }
    return {key: value for key, value in resource.items() if value is not None}


def request(**members):
    members = {"authoredOn": "2024-03-01", "status": "active", **members}
    return {
        "resourceType": "MedicationRequest",
        "id": "r",
        "intent": "order",
        "medicationCodeableConcept": BLINATUMOMAB,
        **ABOUT,
        **members,
    }


def outside(timeline):
    assert timeline.facts == ()
    return list(timeline.accounting.outside)


# Conditions


@pytest.mark.parametrize("resource", [condition(), verified("confirmed")])
def test_a_confirmed_condition_is_present_from_its_onset(read_bundle, resource):
    (fact,) = read_bundle(resource).facts
    assert (fact.name, fact.present, fact.time.text) == ("splenomegaly", True, "2024-03-02")


def test_a_refuted_condition_is_absent(read_bundle):
    (fact,) = read_bundle(verified("refuted")).facts
    assert (fact.name, fact.present) == ("splenomegaly", False)


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("unconfirmed", "Condition not confirmed"),
        ("provisional", "Condition not confirmed"),
        ("differential", "Condition not confirmed"),
        ("no-such-status", "Condition not confirmed"),
        ("entered-in-error", "entered in error"),
    ],
)
def test_a_condition_that_is_not_confirmed_is_outside(read_bundle, status, label):
    assert outside(read_bundle(verified(status))) == [label]


def test_an_abatement_is_an_absence(read_bundle):
    timeline = read_bundle(condition(abatementDateTime="2024-03-09"))
    assert [(f.present, f.time.text) for f in timeline.facts] == [(True, "2024-03-02"), (False, "2024-03-09")]
    assert timeline.accounting.used == 2  # the patient and the condition


def test_a_condition_that_ended_at_no_stated_time_is_noted(read_bundle):
    timeline = read_bundle(condition(clinicalStatus={"coding": [{"code": "resolved"}]}))
    assert [f.present for f in timeline.facts] == [True]
    assert "no date of its end" in timeline.notes[0]


def test_a_condition_that_ends_before_it_begins_is_rejected(read_bundle):
    timeline = read_bundle(condition(abatementDateTime="2024-02-09"))
    assert timeline.accounting.reasons() == [("ends before it begins", 1)]


def test_a_condition_is_known_from_the_day_it_was_recorded(read_bundle):
    (fact,) = read_bundle(condition(recordedDate="2024-03-05")).facts
    assert (fact.time.text, fact.known_at.text) == ("2024-03-02", "2024-03-05")


def test_without_an_onset_a_condition_dates_from_its_recording(read_bundle):
    resource = condition(recordedDate="2024-03-05", onsetAge={"value": 40})
    del resource["onsetDateTime"]
    (fact,) = read_bundle(resource).facts
    assert fact.time.text == "2024-03-05"


def test_an_icd_code_or_the_exact_name_states_a_condition(read_bundle):
    icd = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R16.1"}]}
    timeline = read_bundle(condition(id="1", code=icd), condition(id="2", code={"text": "enlarged spleen"}))
    assert [f.name for f in timeline.facts] == ["splenomegaly", "splenomegaly"]


def test_an_unknown_condition_is_counted_under_its_code(read_bundle):
    code = {"coding": [{"system": "http://snomed.info/sct", "code": "39065001"}], "text": "Burn of ear"}
    assert outside(read_bundle(condition(code=code))) == ["Condition 39065001"]


# Procedures and encounters


def test_a_procedure_is_present_while_performed(read_bundle):
    period = {"start": "2024-03-02T06:00:00Z", "end": "2024-03-04T06:00:00Z"}
    procedure = {
        "resourceType": "Procedure",
        "id": "v",
        "status": "completed",
        "code": {"text": "Splenomegaly"},
        "performedPeriod": period,
        **ABOUT,
    }
    timeline = read_bundle(procedure)
    assert [(f.present, f.time.text) for f in timeline.facts] == [(True, period["start"]), (False, period["end"])]
    assert outside(read_bundle({**procedure, "status": "not-done"})) == ["Procedure not done"]


def test_an_encounter_is_a_stay(read_bundle):
    encounter = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "class": {"code": "IMP", "display": "inpatient encounter"},
        "period": {"start": "2024-03-01", "end": "2024-03-09"},
        **ABOUT,
    }
    (stay,) = read_bundle(encounter).stays
    assert (stay.kind, stay.time.text, stay.stop.text, stay.record) == (
        "inpatient",
        "2024-03-01",
        "2024-03-09",
        "Encounter/e",
    )
    assert read_bundle({**encounter, "status": "cancelled"}).stays == ()


# Drugs


@pytest.mark.parametrize("status", ["completed", "in-progress", "stopped", "on-hold"])
def test_a_drug_administered_was_given(read_bundle, status):
    (fact,) = read_bundle(administration(status=status)).facts
    assert (fact.drug, fact.given) == ("blinatumomab", Given.GIVEN)


def test_a_drug_not_done_was_not_given(read_bundle):
    (fact,) = read_bundle(administration(status="not-done")).facts
    assert fact.given is Given.NOT_GIVEN


@pytest.mark.parametrize("status", ["entered-in-error", "unknown", "", "cooking"])
def test_an_administration_without_a_telling_status_is_outside(read_bundle, status):
    assert len(outside(read_bundle(administration(status=status)))) == 1


def test_an_infusion_runs_until_it_has_an_end(read_bundle):
    start = {"start": "2024-03-02T06:00:00Z"}
    period = {**start, "end": "2024-03-03T06:00:00Z"}
    running = administration(id="1", status="in-progress", effectiveDateTime=None, effectivePeriod=start)
    ended = administration(id="2", status="in-progress", effectiveDateTime=None, effectivePeriod=period)
    moment = administration(id="3")
    told = {f.origin.record: (f.running, f.stop and f.stop.text) for f in read_bundle(running, ended, moment).facts}
    assert told == {
        "MedicationAdministration/1": (True, None),
        "MedicationAdministration/2": (False, "2024-03-03T06:00:00Z"),
        "MedicationAdministration/3": (False, None),
    }


def test_dose_rate_and_route_are_kept_as_recorded(read_bundle):
    dosage = {
        "route": {"coding": [{"code": "47625008", "display": "Intravenous route"}]},
        "dose": {"value": 28, "unit": "ug"},
        "rateRatio": {"numerator": {"value": 10, "unit": "mL"}, "denominator": {"value": 1, "unit": "h"}},
    }
    (fact,) = read_bundle(administration(dosage=dosage)).facts
    assert (fact.dose, fact.rate, fact.route) == ("28 ug", "10 mL / 1 h", "Intravenous route")


@pytest.mark.parametrize(
    "concept",
    [
        {"coding": [{"system": "http://www.whocc.no/atc", "code": "L01FX07"}]},
        {"coding": [{"system": "urn:local", "code": "77", "display": "Blinatumomab"}]},
        {"text": "BLINCYTO"},
        {"text": "blinatumomab", "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "0"}]},
    ],
)
def test_a_drug_is_known_by_atc_code_or_by_name(read_bundle, concept):
    (fact,) = read_bundle(administration(medicationCodeableConcept=concept)).facts
    assert fact.drug == "blinatumomab"


@pytest.mark.parametrize("reference", ["#inside", "Medication/med", "urn:uuid:77"])
def test_a_medication_is_found_in_the_resource_or_in_the_bundle(save_bundle, reference):
    from stormwatch.sources import read

    medication = {"resourceType": "Medication", "code": BLINATUMOMAB}
    given = administration(
        medicationCodeableConcept=None,
        medicationReference={"reference": reference},
        contained=[{**medication, "id": "inside"}] if reference == "#inside" else [],
    )
    others = [("urn:uuid:77", {**medication, "id": "med"})] if reference != "#inside" else []
    timeline = read(save_bundle(given, *others))
    assert [f.drug for f in timeline.exposures] == ["blinatumomab"]
    assert timeline.accounting.outside == ({"Medication": 1} if others else {})


def test_a_medication_that_is_nowhere_is_rejected(read_bundle):
    given = administration(medicationCodeableConcept=None, medicationReference={"reference": "Medication/none"})
    assert read_bundle(given).accounting.reasons() == [("the medication it refers to is not in the bundle", 1)]


def test_a_cream_or_an_eye_drop_is_no_exposure(read_bundle):
    cream = administration(medicationCodeableConcept={"text": "Hydrocortisone 1% cream"})
    drop = administration(
        medicationCodeableConcept={"text": "Dexamethasone"}, dosage={"route": {"text": "Ophthalmic route"}}, id="d"
    )
    timeline = read_bundle(cream, drop)
    assert timeline.facts == ()
    assert timeline.accounting.outside.total() == 2


def test_an_order_is_no_gift(read_bundle):
    (fact,) = read_bundle(request()).facts
    assert (fact.drug, fact.given, fact.time.text) == ("blinatumomab", Given.ORDERED, "2024-03-01")


@pytest.mark.parametrize(
    "members",
    [
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"status": "draft"},
        {"doNotPerform": True},
        {"intent": "proposal"},
    ],
)
def test_what_was_never_ordered_is_outside(read_bundle, members):
    assert len(outside(read_bundle(request(**members)))) == 1


# The patient


def test_sex_birth_and_death_are_read(save_bundle):
    from stormwatch.sources import read

    resource = {
        "resourceType": "Patient",
        "id": "p",
        "gender": "female",
        "birthDate": "1980-03",
        "deceasedDateTime": "2024-04-01T10:00:00Z",
    }
    patient = read(save_bundle(resource)).patient
    assert (patient.id, patient.sex) == ("p", "female")
    assert patient.birth is not None
    assert patient.birth.latest == datetime(1980, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert patient.death is not None
    assert patient.death.text == "2024-04-01T10:00:00Z"


def test_a_sex_that_is_not_stated_and_a_birth_that_cannot_be_read_stay_unknown(save_bundle):
    from stormwatch.sources import read

    resource = {"resourceType": "Patient", "id": "p", "gender": "unknown", "birthDate": "long ago"}
    timeline = read(save_bundle(resource))
    assert (timeline.patient.sex, timeline.patient.birth) == ("", None)
    assert timeline.notes == ("birthDate left out: it cannot be read",)
