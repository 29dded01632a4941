"""Every format, read by the project's own readers: the facts are those that were made, and only the dirt is refused."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections import Counter
from datetime import timedelta
from fractions import Fraction
from math import inf

import pytest
from pyarrow import parquet
from tests.unit.cohort.synth.printed_units import canonical

from stormwatch import assess
from stormwatch.cohort.synth import FORMATS, patients, synthesise
from stormwatch.errors import UsageError
from stormwatch.facts import Finding, Measurement
from stormwatch.sources.record import iterate, read
from stormwatch.sources.record import patients as ids_of

COUNT, SEED = 20, 20

KNOWN_AT = {"csv", "fhir"}
STOPS = {"csv", "fhir", "omop", "omop-parquet"}
PEOPLE = {"fhir", "omop", "omop-parquet", "meds"}

# What a charted category says (groups of ASTCT 2019): the findings it decides, and the one it makes present.
OXYGEN = ("low_flow_oxygen", "high_flow_oxygen", "positive_pressure_ventilation")
AWAKE = ("awakens_spontaneously", "awakens_to_voice", "awakens_to_touch", "unarousable")
CATEGORIES = {
    "room air": (OXYGEN, ""),
    "nasal cannula": (OXYGEN, "low_flow_oxygen"),
    "high flow nasal cannula": (OXYGEN, "high_flow_oxygen"),
    "endotracheal tube": (OXYGEN, "positive_pressure_ventilation"),
    "awake": (AWAKE, "awakens_spontaneously"),
    "to voice": (AWAKE, "awakens_to_voice"),
    "to touch": (AWAKE, "awakens_to_touch"),
    "unarousable": (AWAKE, "unarousable"),
}


@pytest.fixture(scope="module")
def made():
    return {str(one.number): one for one in patients(COUNT, SEED)}


@pytest.fixture(scope="module", params=sorted(FORMATS))
def written(request, tmp_path_factory):
    """The format, the folder, and the timelines read back from it."""
    folder = tmp_path_factory.mktemp("synth") / request.param
    summary = synthesise(COUNT, SEED, folder, request.param)
    return request.param, folder, list(iterate(summary.record, derive=False, **options(request.param, folder)))


def options(form, folder):
    found = {} if form in ("csv", "fhir") else {"zone": "UTC"}
    return found | ({"map": folder / "synthetic-code-map.csv"} if form == "meds" else {})


def bounds(result):
    """Lowest and highest canonical value of a printed one."""
    number = canonical(result.analyte, result.value.lstrip("<> "), result.unit)
    if result.value.startswith(">"):
        return number, inf
    return (Fraction(0), number) if result.value.startswith("<") else (number, number)


def readable(one):
    return [result for result in one.results if result.dirt in ("", "duplicate")]


def test_the_same_patients_stand_in_every_format(written, made):
    _, _, timelines = written
    assert [timeline.patient.id for timeline in timelines] == list(made)


def test_measurements_read_back_as_they_were_made(written, made):
    form, _, timelines = written
    for timeline in timelines:
        expected = Counter(
            (r.analyte, *bounds(r), r.time, r.known_at if form in KNOWN_AT else r.time)
            for r in readable(made[timeline.patient.id])
        )
        found = Counter(
            (f.analyte, f.value.low, f.value.high, f.time.latest, f.known_at.latest)
            for f in timeline.facts
            if isinstance(f, Measurement)
        )
        assert found == expected


def test_reference_limits_read_back_in_canonical_units(written, made):
    form, _, timelines = written
    for timeline in timelines:
        expected = Counter(
            (r.analyte, canonical(r.analyte, r.low, r.unit), canonical(r.analyte, r.high, r.unit))
            for r in readable(made[timeline.patient.id])
            if r.low and form != "meds"
        )
        measured = [f for f in timeline.facts if isinstance(f, Measurement) and f.low is not None]
        assert Counter((f.analyte, f.low, f.high) for f in measured) == expected


def test_findings_read_back_as_they_were_stated(written, made):
    _, _, timelines = written
    for timeline in timelines:
        one = made[timeline.patient.id]
        expected = Counter((a.finding, a.present, a.time) for a in (*one.answers, *one.history))
        for category in one.categories:
            decided, present = CATEGORIES[category.text]
            expected.update((finding, finding == present, category.time) for finding in decided)
        found = [f for f in timeline.facts if isinstance(f, Finding)]
        assert Counter((f.name, f.present, f.time.latest) for f in found) == expected


def test_drugs_read_back_with_times_and_doses(written, made):
    form, _, timelines = written
    for timeline in timelines:
        expected = Counter(
            (d.drug, d.said, d.time, d.stop if form in STOPS else None, f"{d.amount} {d.unit}".strip())
            for d in made[timeline.patient.id].doses
        )
        found = Counter(
            (e.drug, e.given.value, e.time.latest, None if e.stop is None else e.stop.latest, e.dose or e.rate)
            for e in timeline.exposures
        )
        assert found == expected


def test_people_read_back(written, made):
    form, _, timelines = written
    for timeline in (timeline for timeline in timelines if form in PEOPLE):
        one, person = made[timeline.patient.id], timeline.patient
        assert person.sex == one.sex
        assert person.birth is not None
        assert person.birth.latest.date() == one.birth
        assert (None if person.death is None else person.death.latest) == one.death
        if form != "meds":
            (stay,) = timeline.stays
            assert (stay.kind, stay.time.latest, stay.stop.latest) == ("inpatient", one.admitted, one.discharged)


def test_only_the_dirt_is_rejected_and_for_the_expected_reason(written, made):
    _, _, timelines = written
    total = 0
    for timeline in timelines:
        expected = Counter(
            {
                "missing_time": "no time",
                "no_number": "not a number",
                "implausible": f"outside the plausible range of {r.analyte}",
                "missing_unit": f"unit not in the table of {r.analyte}: none given",
                "misspelt_unit": f"unit not in the table of {r.analyte}: {r.unit}",
            }[r.dirt]
            for r in made[timeline.patient.id].results
            if r.dirt not in ("", "duplicate")
        )
        assert Counter(each.reason for each in timeline.accounting.rejected) == expected
        assert not timeline.accounting.outside
        total += expected.total()
    assert total > 20


def test_the_file_of_faults_adds_up_to_the_rejections(written):
    _, folder, timelines = written
    with (folder / "truth" / "synthetic-dirt.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rejected = Counter((t.patient.id, each.reason) for t in timelines for each in t.accounting.rejected)
    expected: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["expected_reason"]:
            expected[row["patient_id"], row["expected_reason"]] += int(row["rows"])
    assert rejected == expected


def test_the_labels_stand_apart_with_onset_and_peak(written, made):
    _, folder, _ = written
    with (folder / "truth" / "synthetic-labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["patient_id"] for row in rows} == set(made)
    for row in rows:
        one = made[row["patient_id"]]
        stated = {(label.syndrome, label.peak.isoformat()) for label in one.labels} or {("quiet", "")}
        assert (row["syndrome"], row["peak"]) in stated
        assert (row["arm"], row["site"]) == (one.arm, one.site)


def test_every_file_says_that_it_is_synthetic(written):
    _, folder, _ = written
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert "synthetic" in path.relative_to(folder).as_posix().lower()
        if path.suffix == ".parquet":
            assert b"Synthetic" in parquet.read_schema(path).metadata[b"synthetic"]
        elif path.suffix == ".ndjson":
            for line in path.read_text("utf-8").splitlines():
                assert json.loads(line)["meta"]["tag"][0]["code"] == "HTEST"
        elif path.name not in {f"{name}.csv" for name in OMOP_WITHOUT_TEXT}:
            assert "synthetic" in path.read_text("utf-8").lower()


# Their folder, and the tables person, visit_occurrence and cdm_source, say so.
OMOP_WITHOUT_TEXT = ("concept", "death", "condition_occurrence", "drug_exposure", "measurement", "observation")


def test_one_patient_can_be_read_alone(written, made):
    form, folder, timelines = written
    record = folder / FORMATS[form].name
    chosen = options(form, folder)
    assert ids_of(record, map=chosen.get("map")) == list(made)
    alone = read(record, patient="7", derive=False, **chosen)
    together = next(timeline for timeline in timelines if timeline.patient.id == "7")
    assert [(type(f), f.time.latest) for f in alone.facts] == [(type(f), f.time.latest) for f in together.facts]


def test_mas_is_seen_by_the_published_criteria_and_quiet_patients_are_quiet(tmp_path, cohort):
    of_mas = [one for one in cohort if any(label.syndrome == "mas" for label in one.labels)][:12]
    chosen = [*of_mas, *[one for one in cohort if not one.labels][:12]]
    with FORMATS["csv"].opened(tmp_path / "some.csv") as writer:
        for one in chosen:
            writer.add(one)
    timelines = {t.patient.id: t for t in iterate(tmp_path / "some.csv")}
    for one in chosen:
        timeline = timelines[str(one.number)]
        for label in (label for label in one.labels if label.syndrome == "mas"):
            # Fever, two lineages and ferritin are always measured at the peak: three of eight at the least.
            score = assess(timeline, "hlh-2004", at=label.peak + timedelta(hours=11)).score
            assert score is not None
            assert score.low >= 3
            assert score.high >= 5
        if not one.labels:
            verdict = assess(timeline, "hlh-2004", at=one.first_dose + timedelta(days=10)).verdict
            assert verdict is None or verdict.value != "met"


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_the_same_seed_writes_the_same_bytes(tmp_path, form):
    for name in ("one", "two"):
        synthesise(6, 5, tmp_path / name, form)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert files
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


@pytest.mark.parametrize("form", ["csv", "omop", "fhir"])
def test_a_larger_cohort_begins_with_the_smaller_one(tmp_path, form):
    for count in (4, 9):
        synthesise(count, 5, tmp_path / str(count), form)
    for path in (tmp_path / "4").rglob("*"):
        if path.is_file() and path.name != "synthetic.json":
            larger = tmp_path / "9" / path.relative_to(tmp_path / "4")
            assert larger.read_bytes().startswith(path.read_bytes())


@pytest.mark.parametrize("form", ["csv", "omop"])
def test_memory_does_not_grow_with_the_number_of_patients(tmp_path, form):
    synthesise(3, 1, tmp_path / "warm", form)
    peaks = []
    for count in (6, 30):
        tracemalloc.start()
        synthesise(count, 1, tmp_path / str(count), form)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").write_text("kept")
    with pytest.raises(UsageError, match="holds something"):
        synthesise(1, 1, tmp_path / "full")
    with pytest.raises(UsageError, match="choose one of omop, omop-parquet, fhir, meds, csv"):
        synthesise(1, 1, tmp_path / "a", "xml")
    with pytest.raises(UsageError, match="one at least"):
        synthesise(0, 1, tmp_path / "b")
    with pytest.raises(UsageError, match="no folder can be made"):
        synthesise(1, 1, tmp_path / "full" / "something" / "below")
    assert (tmp_path / "full" / "something").read_text() == "kept"
