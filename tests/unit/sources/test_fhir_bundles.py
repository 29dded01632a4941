"""Bundles: of every type, for one patient of several, with repeats and newer versions."""

from __future__ import annotations

import json

import pytest

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Interval
from stormwatch.sources import iterate, patients, read

P = {"resourceType": "Patient", "id": "p"}
Q = {"resourceType": "Patient", "id": "q"}


def about(ferritin, subject, **members):
    return ferritin(subject={"reference": subject} if subject else None, **members)


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction", "document", "batch", "message", "history"])
def test_every_type_of_bundle_is_read(save_bundle, ferritin, kind):
    assert len(read(save_bundle(P, ferritin(), kind=kind)).facts) == 1


def test_every_resource_is_accounted_for(read_bundle, ferritin):
    claim = {"resourceType": "Claim"}
    timeline = read_bundle(ferritin(), claim, claim, {"resourceType": []}, "text", None)
    account = timeline.accounting
    assert account.used == 2
    assert account.outside == {"Claim": 2, "entry without a resource": 1}
    assert [r.record for r in account.rejected] == ["entry[4]", "entry[5]"]
    assert account.read == 7


def test_a_bundle_in_a_bundle_is_opened(save_bundle, ferritin):
    inner = {"resourceType": "Bundle", "entry": [{"resource": ferritin(id=None)}]}
    timeline = read(save_bundle(P, inner))
    assert timeline.accounting.read == 2
    assert timeline.facts[0].origin.record == "entry[1].entry[0]"


def test_one_supported_resource_alone_is_read(save, ferritin):
    timeline = read(save(json.dumps(ferritin()), "one.json"))
    assert (timeline.patient.id, len(timeline.facts)) == ("p", 1)


@pytest.mark.parametrize("document", [{"resourceType": "Claim"}, {}, {"resourceType": "Bundle", "entry": {}}])
def test_anything_else_alone_is_refused(save, document):
    with pytest.raises(InputError):
        read(save(json.dumps(document), "one.json"))


# Patients


@pytest.mark.parametrize(
    "reference", ["Patient/p", "Patient/p/_history/3", "urn:uuid:1-2", "http://here/fhir/Patient/p", None]
)
def test_the_only_patient_is_found_however_it_is_referred_to(save_bundle, ferritin, reference):
    url = "urn:uuid:1-2" if reference == "urn:uuid:1-2" else ""
    timeline = read(save_bundle((url, P), about(ferritin, reference)))
    assert (timeline.patient.id, len(timeline.facts)) == ("p", 1)


def test_a_patient_can_be_known_by_references_alone(save_bundle, ferritin):
    path = save_bundle(ferritin(), ferritin(id="f2"))
    assert patients(path) == ["p"]
    assert len(read(path).facts) == 2


def test_a_patient_can_be_known_by_an_identifier(save_bundle, ferritin):
    mrn = {"system": "urn:mrn", "value": "77"}
    known = ferritin(subject={"identifier": mrn})
    stranger = ferritin(id="f2", subject={"identifier": {"system": "urn:mrn", "value": "78"}})
    timeline = read(save_bundle({**P, "identifier": [mrn]}, known, stranger))
    assert len(timeline.facts) == 1
    assert timeline.accounting.reasons() == [("its subject cannot be found", 1)]


def test_no_patient_is_an_error(save_bundle, ferritin):
    with pytest.raises(InputError, match="no patient"):
        read(save_bundle(about(ferritin, None)))


def test_several_patients_must_be_chosen_from_and_are_not_named(save_bundle, ferritin):
    path = save_bundle(P, Q, ferritin())
    with pytest.raises(InputError, match=r"2 patients.*--patient"):
        read(path)
    assert patients(path) == ["p", "q"]


def test_facts_of_another_patient_are_outside(save_bundle, ferritin):
    path = save_bundle(P, Q, ferritin(), about(ferritin, "Patient/q", id="f2", component=[{}]))
    timeline = read(path, patient="p")
    assert [f.origin.record for f in timeline.facts] == ["Observation/f1"]
    assert timeline.accounting.outside == {"another patient": 3}  # the patient, the observation and its component


def test_with_several_patients_a_resource_without_a_subject_is_rejected(save_bundle, ferritin):
    timeline = read(save_bundle(P, Q, about(ferritin, None)), patient="p")
    assert timeline.facts == ()
    assert len(timeline.accounting.rejected) == 1


def test_an_unknown_patient_is_an_unknown_name_that_names_nobody(save_bundle, ferritin):
    with pytest.raises(UnknownName) as caught:
        read(save_bundle({**P, "id": "secret"}), patient="x")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("subject", [{"reference": "Group/p"}, {"reference": "p", "type": "Device"}])
def test_what_is_not_about_a_patient_is_outside(save_bundle, ferritin, subject):
    timeline = read(save_bundle(P, ferritin(subject=subject)))
    assert timeline.accounting.outside == {"not about one patient": 1}


def test_a_reference_to_a_device_by_its_address_is_not_about_the_patient(save_bundle, ferritin):
    timeline = read(save_bundle(P, ("urn:uuid:d", {"resourceType": "Device"}), about(ferritin, "urn:uuid:d")))
    assert timeline.facts == ()


def test_the_same_id_on_another_server_is_another_patient(save_bundle, ferritin):
    path = save_bundle(("http://here/Patient/p", P), about(ferritin, "http://there/Patient/p"))
    assert len(patients(path)) == 2


def test_two_patients_of_two_servers_with_one_id_are_refused(save_bundle):
    with pytest.raises(InputError, match="share one id"):
        read(save_bundle(("http://here/Patient/p", P), ("http://there/Patient/p", P)))


def test_a_patient_that_stands_twice_with_different_content_is_used_once(save_bundle):
    timeline = read(save_bundle({**P, "gender": "male"}, {**P, "gender": "female"}))
    assert timeline.patient.sex == "male"
    assert len(timeline.accounting.rejected) == 1


# Repeats and versions


def test_a_repeated_resource_counts_once(read_bundle, ferritin):
    timeline = read_bundle(ferritin(), ferritin(), ferritin())
    assert len(timeline.facts) == 1
    assert timeline.accounting.outside == {"repeated": 2}


def test_the_same_version_with_other_decoration_counts_once(read_bundle, ferritin):
    meta = {"versionId": "1"}
    timeline = read_bundle(ferritin(meta=meta), ferritin(meta=meta, note=[{"text": "x"}]))
    assert (len(timeline.facts), timeline.accounting.outside) == (1, {"repeated": 1})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"versionId": "9"}, {"versionId": "10"}),
        ({"lastUpdated": "2024-03-02T06:00:00Z"}, {"lastUpdated": "2024-03-02T06:30:00+00:00"}),
    ],
)
@pytest.mark.parametrize("newest_first", [True, False])
def test_only_the_newest_version_is_used(read_bundle, ferritin, old, new, newest_first):
    wrong = ferritin(meta=old)
    right = ferritin(meta=new, valueQuantity={"value": 50, "unit": "ng/mL"})
    timeline = read_bundle(*([right, wrong] if newest_first else [wrong, right]))
    assert [f.value for f in timeline.facts] == [Interval.point(50)]
    assert timeline.accounting.outside == {"superseded by a newer version": 1}


def test_a_result_withdrawn_in_a_later_version_is_not_used(read_bundle, ferritin):
    timeline = read_bundle(
        ferritin(meta={"versionId": "1"}), ferritin(meta={"versionId": "2"}, status="entered-in-error")
    )
    assert timeline.facts == ()


def test_resources_without_an_id_are_never_repeats(read_bundle, ferritin):
    assert len(read_bundle(ferritin(id=None), ferritin(id=None)).facts) == 2


def test_all_patients_of_a_bundle_account_for_each_resource_once(save_bundle, ferritin):
    """One at a time they say the same, but that each then accounts for what is about the others, too."""
    claim = {"resourceType": "Claim", "id": "c"}
    people = [{"resourceType": "Patient", "id": name} for name in ("a", "b")]
    results = [
        ferritin(id=f"f{place}", subject={"reference": f"Patient/{name}"}) for place, name in enumerate(["a", "b", "a"])
    ]
    path = save_bundle(*people, *results, claim)
    together = list(iterate(path))
    alone = [read(path, patient=name) for name in ("a", "b")]
    assert [one.facts for one in together] == [one.facts for one in alone]
    assert [one.accounting.read for one in together] == [4, 2]
    assert [one.accounting.read for one in alone] == [6, 6]
