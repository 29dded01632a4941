"""The official HL7 FHIR R4 examples: every one is read, or refused in words."""

from __future__ import annotations

import json

import pytest

from stormwatch.errors import StormwatchError
from stormwatch.facts import Interval
from stormwatch.sources import patients, read

pytestmark = pytest.mark.real
FOLDER = "fhir_r4_official_examples"


@pytest.fixture
def examples(shared_data):
    return shared_data / FOLDER


def test_every_official_example_is_read_or_refused(examples):
    files = sorted(examples.glob("*.json"))
    assert len(files) == 700
    read_in_full = 0
    for path in files:
        try:
            account = read(path, zone="UTC").accounting
        except StormwatchError:
            continue
        read_in_full += 1
        assert account.read == account.used + len(account.rejected) + account.outside.total(), path.name
    assert read_in_full > 150


def test_every_record_of_every_example_bundle_is_accounted_for(examples):
    """Each patient in turn: every resource of a bundle is counted, and every component of an Observation."""
    bundles = sorted(examples.glob("Bundle-*.json"))
    assert len(bundles) == 31
    for path in bundles:
        for patient in patients(path):
            assert read(path, patient=patient).accounting.read == _records(json.loads(path.read_text())), path.name


def test_the_blood_pressure_example_has_both_pressures(examples):
    # As printed in the example: 107 mmHg systolic, 60 mmHg diastolic, on 17 September 2012.
    timeline = read(examples / "Observation-blood-pressure.json")
    values = {name: facts[0].value for name, facts in timeline.measurements.items()}
    assert values == {"sbp": Interval.point(107), "dbp": Interval.point(60)}
    assert {f.time.text for f in timeline.facts} == {"2012-09-17"}


def test_a_value_marked_absent_in_the_example_is_outside(examples):
    # The diastolic pressure of this example was "not performed".
    timeline = read(examples / "Observation-blood-pressure-dar.json")
    assert list(timeline.measurements) == ["sbp"]
    assert timeline.accounting.outside["no value: not-performed"] == 1


def test_ranges_that_grade_severity_are_no_limits_of_normal(examples):
    # The three ranges of the coma scale are typed severe, moderate and mild injury.
    (fact,) = read(examples / "Observation-glasgow.json").measurements["gcs"]
    assert (fact.value, fact.low, fact.high) == (Interval.point(13), None, None)


def _records(bundle):
    count = 0
    for entry in bundle.get("entry", []):
        resource = entry.get("resource", {})
        if resource.get("resourceType") == "Bundle":
            count += _records(resource)
        else:
            count += 1 + len(resource.get("component", []) if resource.get("resourceType") == "Observation" else [])
    return count
