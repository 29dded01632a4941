"""Local codes in FHIR: a code map says what they mean, in a bundle and in a bulk export alike."""

import json
from fractions import Fraction

import pytest

from stormwatch.errors import StormwatchError, UsageError
from stormwatch.facts import Interval
from stormwatch.sources import read

MAP = """
[codes]
FERR = { analyte = "ferritin", label = "Ferritin of our laboratory" }
SPL = { finding = "splenomegaly" }
TOC = { drug = "tocilizumab" }
"""
WHEN = {"effectiveDateTime": "2024-01-02T06:00:00Z"}
LOCAL = "urn:our-laboratory"


def coded(code, **more):
    return {"coding": [{"system": LOCAL, "code": code, **more}]}


RESOURCES = [
    {"resourceType": "Patient", "id": "p"},
    {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": coded("FERR", display="Ferr."),
        "valueQuantity": {"value": 10749, "unit": "ng/mL"},
        **WHEN,
    },
    {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p"},
        "code": coded("SPL"),
        "onsetDateTime": "2024-01-02T06:00:00Z",
    },
    {
        "resourceType": "MedicationAdministration",
        "id": "m1",
        "status": "completed",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": coded("TOC"),
        **WHEN,
    },
]


@pytest.fixture
def code_map(tmp_path):
    path = tmp_path / "codes.toml"
    path.write_text(MAP)
    return path


@pytest.fixture(params=["bundle", "bulk"])
def record(request, tmp_path):
    if request.param == "bundle":
        path = tmp_path / "bundle.json"
        entry = [{"resource": resource} for resource in RESOURCES]
        path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}))
        return path
    folder = tmp_path / "bulk"
    folder.mkdir()
    (folder / "all.ndjson").write_text("".join(json.dumps(resource) + "\n" for resource in RESOURCES))
    return folder


def test_without_a_map_local_codes_are_outside(record):
    timeline = read(record)
    assert timeline.facts == ()
    assert timeline.accounting.outside.total() == 3


def test_with_a_map_they_are_facts(record, code_map):
    timeline = read(record, map=code_map)
    (ferritin,) = timeline.measurements["ferritin"]
    assert ferritin.value == Interval.point(Fraction(10749))
    assert timeline.findings["splenomegaly"][0].present
    assert [exposure.drug for exposure in timeline.exposures] == ["tocilizumab"]
    assert timeline.accounting.outside.total() == 0


def test_a_map_that_names_nothing_we_know_is_refused(record, tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text('[codes]\nFERR = { analyte = "feritin" }\n')
    with pytest.raises(StormwatchError, match="ferritin"):
        read(record, map=path)


def test_a_map_of_codes_does_not_describe_a_table(tmp_path, code_map):
    table = tmp_path / "labs.csv"
    table.write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="columns"):
        read(table, map=code_map)
