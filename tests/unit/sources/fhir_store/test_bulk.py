"""Bulk Data folders: any file names, plain and gzip, and what goes wrong in them."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from datetime import UTC

import pytest

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Accounting, Given
from stormwatch.sources.fhir import read_bundle
from stormwatch.sources.fhir_store import iterate_bulk, patients_of_bulk, read_bulk
from stormwatch.sources.opening import opened

P = {"resourceType": "Patient", "id": "p"}
Q = {"resourceType": "Patient", "id": "q"}


@pytest.fixture
def write(tmp_path):
    """Writes resources, or lines as they are, into a file of the folder; returns the folder."""

    def write(name, *members):
        content = "".join(f"{m if isinstance(m, str) else json.dumps(m)}\n" for m in members).encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.lower().endswith(".gz") else content)
        return tmp_path

    return write


def about(subject, resource):
    return {**resource, "subject": {"reference": subject}}


def test_a_folder_reads_as_the_same_resources_in_a_bundle(write, save_bundle, ferritin):
    pressure = {
        **ferritin(id="bp", code={"text": "panel"}, valueQuantity=None),
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                "valueQuantity": {"value": v, "unit": "mm[Hg]"},
            }
            for code, v in (("8480-6", 107), ("8462-4", 60))
        ],
    }
    resources = [P, ferritin(), pressure, {"resourceType": "Claim"}]
    write("a.ndjson", *resources[:1])
    folder = write("Whatever.1.NDJSON.gz", *resources[1:])
    with opened(save_bundle(*resources)) as stream:
        from_bundle = read_bundle(stream, "bundle.json", None, None, frozenset())
    from_folder = read_bulk(folder)
    assert {name: [(f.value, f.origin.record) for f in facts] for name, facts in from_folder.measurements.items()} == {
        name: [(f.value, f.origin.record) for f in facts] for name, facts in from_bundle.measurements.items()
    }
    assert from_folder.accounting == from_bundle.accounting
    assert from_folder.accounting.read == 6  # four resources and two components


def test_a_fact_names_its_file_and_its_resource_or_line(write, ferritin):
    folder = write("labs.ndjson", P, ferritin(), ferritin(id=None))
    assert {str(f.origin) for f in read_bulk(folder).facts} == {
        "labs.ndjson#Observation/f1",
        "labs.ndjson#labs.ndjson:3",
    }


@pytest.mark.parametrize("reference", ["Patient/p", "http://here/fhir/Patient/p", "Patient/p/_history/2"])
def test_the_patient_is_found_however_referred_to(write, ferritin, reference):
    folder = write("x.ndjson", about(reference, ferritin()), P, Q)
    assert len(read_bulk(folder, "p").facts) == 1


def test_lines_of_other_patients_are_outside(write, ferritin):
    write("people.ndjson", P, Q)
    folder = write("labs.ndjson", ferritin(), about("Patient/q", ferritin(id="f2")))
    account = read_bulk(folder, "p").accounting
    assert (account.used, dict(account.outside), account.read) == (2, {"another patient": 2}, 4)


def test_one_of_several_patients_must_be_named(write):
    folder = write("people.ndjson", Q, P)
    assert patients_of_bulk(folder) == ["q", "p"]
    with pytest.raises(InputError, match="2 patients"):
        read_bulk(folder)
    with pytest.raises(UnknownName):
        read_bulk(folder, "r")


def test_the_same_line_in_two_files_counts_once(write, ferritin):
    write("labs.ndjson", P, ferritin())
    folder = write("labs.ndjson.gz", P, ferritin())
    timeline = read_bulk(folder)
    assert len(timeline.facts) == 1
    assert (timeline.accounting.used, dict(timeline.accounting.outside)) == (2, {"repeated": 2})


def test_only_the_newest_version_is_used(write, ferritin):
    def version(day, value):
        quantity = {"value": value, "unit": "ng/mL"}
        return ferritin(meta={"lastUpdated": f"2024-03-{day}T00:00:00Z"}, valueQuantity=quantity)

    write("first.ndjson", P, version("09", 900))
    folder = write("second.ndjson", version("03", 300))
    timeline = read_bulk(folder)
    assert [f.recorded for f in timeline.facts] == ["900 ng/mL"]
    assert timeline.accounting.outside == {"superseded by a newer version": 1}


@pytest.mark.parametrize("reference", ["Medication/med", "http://here/fhir/Medication/med"])
def test_a_medication_of_another_file_is_found(write, reference):
    given = {
        "resourceType": "MedicationAdministration",
        "id": "m",
        "status": "completed",
        "medicationReference": {"reference": reference},
        "effectiveDateTime": "2024-03-02T06:00:00Z",
    }
    write("z.ndjson", {"resourceType": "Medication", "id": "med", "code": {"text": "tocilizumab"}})
    timeline = read_bulk(write("a.ndjson", about("Patient/p", given)))
    assert [(f.drug, f.given) for f in timeline.exposures] == [("tocilizumab", Given.GIVEN)]
    assert (timeline.accounting.used, dict(timeline.accounting.outside)) == (1, {"Medication": 1})


def test_a_report_of_another_file_dates_a_result(write, ferritin):
    report = {"resourceType": "DiagnosticReport", "status": "final", "issued": "2024-03-02T09:00:00Z"}
    write("z.ndjson", about("Patient/p", {**report, "result": [{"reference": "http://here/Observation/f1"}]}))
    (fact,) = read_bulk(write("a.ndjson", ferritin())).facts
    assert fact.known_at.text == "2024-03-02T09:00:00Z"


def test_clock_times_without_a_zone_need_one(write, ferritin):
    folder = write("a.ndjson", ferritin(effectiveDateTime="2024-03-02T06:00:00"))
    assert len(read_bulk(folder).accounting.rejected) == 1
    assert len(read_bulk(folder, zone=UTC).facts) == 1


def test_what_is_vouched_for_is_kept(write):
    assert read_bulk(write("a.ndjson", P), complete=frozenset({"exposures"})).complete == {"exposures"}


# What goes wrong


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"resourceType": "Observation", "id"', "not valid JSON at character 37"),
        ("[1, 2]", "not a FHIR resource"),
        ("{}", "not a FHIR resource"),
        ('{"id": "1", "id": "2"}', "not valid FHIR: an object names one key twice"),
        ("[" * 100_000, "nested too deeply to be a FHIR resource"),
    ],
)
def test_a_broken_line_is_rejected_with_file_and_line(write, ferritin, line, reason):
    account = read_bulk(write("labs.ndjson", P, line, ferritin())).accounting
    assert [(r.record, r.reason) for r in account.rejected] == [("labs.ndjson:2", reason)]
    assert (account.used, account.read) == (2, 3)


def test_a_line_that_is_not_text_is_rejected(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(json.dumps(P).encode() + b"\n\xff\xfe\n")
    (rejection,) = read_bulk(tmp_path).accounting.rejected
    assert rejection.record == "a.ndjson:2"


def test_empty_files_and_blank_lines_hold_nothing(write, ferritin, tmp_path):
    write("none.ndjson")
    write("none.ndjson.gz")
    folder = write("labs.ndjson", P, "", "  ", ferritin())
    assert read_bulk(folder).accounting.read == 2


def test_a_resource_without_a_subject_is_rejected(write, ferritin):
    account = read_bulk(write("a.ndjson", P, ferritin(subject=None))).accounting
    assert account.reasons() == [("it names no subject", 1)]


def test_a_truncated_gzip_says_how_many_lines_were_read(tmp_path):
    # Without compression the bytes of a line lie in the file as they are, so that the cut is known to be in the third.
    line = json.dumps({**P, "text": "x" * 1000}).encode() + b"\n"
    whole = gzip.compress(line * 4, compresslevel=0)
    (tmp_path / "cut.ndjson.gz").write_bytes(whole[: 30 + 2 * len(line)])
    for reader in (read_bulk, patients_of_bulk, lambda folder: list(iterate_bulk(folder))):
        with pytest.raises(InputError, match=r"cut\.ndjson\.gz: .* after 2 whole lines"):
            reader(tmp_path)


def test_a_gzip_of_which_only_the_first_bytes_arrived_is_refused(tmp_path):
    (tmp_path / "cut.ndjson.gz").write_bytes(gzip.compress(b"{}")[:5])
    with pytest.raises(InputError, match="after 0 whole lines"):
        read_bulk(tmp_path)


def test_a_folder_without_ndjson_or_without_patients_is_refused(tmp_path, write):
    with pytest.raises(InputError, match="cannot be read"):
        read_bulk(tmp_path / "none")
    with pytest.raises(InputError, match="no file"):
        read_bulk(tmp_path)
    write("a.ndjson", {"resourceType": "Claim"})
    for reader in (read_bulk, patients_of_bulk):
        with pytest.raises(InputError, match="no patient"):
            reader(tmp_path)


# All patients


def test_every_line_is_accounted_for_once_over_all_patients(write, ferritin):
    write("people.ndjson", Q, P, {"resourceType": "Claim"}, "broken")
    folder = write(
        "labs.ndjson", ferritin(), about("Patient/q", ferritin(id="f2")), about("Group/g", ferritin(id="f3"))
    )
    rest = Accounting()
    timelines = list(iterate_bulk(folder, rest=rest))
    assert [(t.patient.id, len(t.facts), t.accounting.read) for t in timelines] == [("p", 1, 2), ("q", 1, 2)]
    assert dict(rest.outside) == {"Claim": 1, "not about one patient": 1}
    assert [r.record for r in rest.rejected] == ["people.ndjson:4"]
    assert rest.read + sum(t.accounting.read for t in timelines) == 7
    assert [read_bulk(folder, t.patient.id) for t in timelines] == timelines


def test_progress_tells_the_bytes_read(write, monkeypatch):
    monkeypatch.setattr("stormwatch.sources.fhir_store.ndjson.PROGRESS_EVERY", 50)
    told: list[int] = []
    read_bulk(write("a.ndjson", P, P, P), progress=told.append)
    length = len(json.dumps(P)) + 1
    assert told == [2 * length]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_patients(write, ferritin):
    def peak(patients):
        lines = [about(f"Patient/{n}", ferritin(id=f"{n}-{k}")) for k in range(20) for n in range(patients)]
        folder = write("labs.ndjson", *lines)
        del lines
        tracemalloc.start()
        assert sum(len(t.facts) for t in iterate_bulk(folder)) == 20 * patients
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(2000) < peak(200) + 2_000_000


def test_a_line_over_the_limit_is_refused(write, monkeypatch):
    monkeypatch.setattr("stormwatch.sources.fhir_store.ndjson.LINE_LIMIT", 100)
    with pytest.raises(InputError, match=r"a\.ndjson: line 2 is over"):
        read_bulk(write("a.ndjson", P, {**P, "text": "x" * 100}))


@pytest.mark.real
def test_all_official_examples_in_one_folder_are_accounted_for(shared_data, write):
    """Each example is a line, as in an export of one server; a component of an Observation is a record of its own."""
    examples = [json.loads(path.read_text()) for path in (shared_data / "fhir_r4_official_examples").glob("*.json")]
    assert len(examples) == 700
    components = [len(e.get("component", [])) for e in examples if e.get("resourceType") == "Observation"]
    folder = write("examples.ndjson.gz", *examples)
    rest = Accounting()
    timelines = list(iterate_bulk(folder, zone=UTC, rest=rest))
    assert rest.read + sum(t.accounting.read for t in timelines) == 700 + sum(components)
    assert [t.patient.id for t in timelines] == patients_of_bulk(folder)
    one = read_bulk(folder, "example", UTC)
    assert one.accounting.read == 700 + sum(components)
    assert one.facts == next(t.facts for t in timelines if t.patient.id == "example")
