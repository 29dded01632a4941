"""A run against the reference engine and the course: every answer, every episode, every row accounted for."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import duckdb
import pytest

from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.run import run
from stormwatch.course.episodes import episodes
from stormwatch.engines import reference
from stormwatch.engines.readings import Readings
from stormwatch.errors import InputError, UsageError
from stormwatch.facts import Accounting
from stormwatch.instruments.catalogue import instrument
from stormwatch.logic.sweep import BEGINNING
from stormwatch.sources import iterate

NAMES = ("crs-astct", "crs-lee", "hlh-2004", "hscore", "easix", "ohi")


@pytest.fixture(scope="module")
def instruments():
    return [instrument(name) for name in NAMES]


@pytest.fixture(scope="module", params=["meds", "omop", "table"])
def both(request, instruments, tmp_path_factory):
    """A run, and the timelines of the same source."""
    source: Source = request.getfixturevalue(request.param)
    into = tmp_path_factory.mktemp(request.param) / "out"
    finished = run(source, instruments, into, workers=1)
    timelines = list(iterate(source.path, zone=source.zone, map=source.map))
    return finished, timelines


def rows(finished, table, columns, where="true"):
    found = duckdb.sql(f"SELECT {columns} FROM '{finished.into}/{table}' WHERE {where}")
    assert found is not None
    return list(zip(*(column.to_pylist() for column in found.to_arrow_table().columns), strict=True))


def until(timeline):
    death = timeline.patient.death
    return timeline.end if death is None else max(timeline.end, death.latest)


def test_assessments_are_the_changes_the_reference_engine_finds(both, instruments):
    finished, timelines = both
    expected = set()
    for timeline in timelines:
        record = Readings(timeline)
        for one in instruments:
            for m in reference.changes(one, record, until(timeline)):
                score: tuple[Any, ...] = (None,) * 4
                if m.score is not None:
                    score = (float(m.score.low), float(m.score.high), not m.score.low_closed, not m.score.high_closed)
                moment = None if m.moment == BEGINNING else m.moment
                verdict = None if m.verdict is None else m.verdict.value
                expected.add((timeline.patient.id, one.id, one.edition, moment, verdict, *score))
    columns = "patient, instrument, edition, moment, verdict, low, high, low_open, high_open"
    found = rows(finished, "assessments/*.parquet", columns)
    assert len(found) == len(expected)
    assert set(found) == expected


def test_episodes_are_those_of_the_course(both, instruments):
    finished, timelines = both
    expected = set()
    for timeline in timelines:
        record = Readings(timeline)
        tracks = {one.id: reference.track(one, record, until(timeline)) for one in instruments}
        for e in episodes(tracks, (), record):
            peak: tuple[Any, ...] = (None, None, None, None)
            if e.peak is not None:
                peak = (float(e.peak.low), float(e.peak.high), e.peak_at, float(e.peak_possible or 0))
            times = (e.onset, e.possible_onset, e.last_met, e.resolved)
            expected.add((timeline.patient.id, e.syndrome, e.instrument, e.number, *times, e.end, *peak))
    columns = (
        'patient, syndrome, instrument, number, onset, possible_onset, last_met, resolved, "end", '
        "peak_low, peak_high, peak_at, peak_possible"
    )
    found = rows(finished, "episodes/*.parquet", columns)
    assert expected
    assert len(found) == len(expected)
    assert set(found) == expected


def test_the_account_is_that_of_the_readers(both):
    finished, timelines = both
    total = Accounting()
    for timeline in timelines:
        total.used += timeline.accounting.used
        total.rejected += timeline.accounting.rejected
        total.outside.update(timeline.accounting.outside)
    about = finished.about["accounting"]
    assert (about["read"], about["used"], about["outside"]) == (total.read, total.used, total.outside.total())
    assert about["rejected"] == dict(total.reasons())
    assert Counter(rows(finished, "rejected/*.parquet", "record, reason")) == Counter(
        (one.record, one.reason) for one in total.rejected
    )
    assert dict(rows(finished, "outside.parquet", "label, rows")) == dict(total.outside)


def test_what_is_recorded_is_counted_by_name(both):
    finished, timelines = both
    expected = {
        (timeline.patient.id, analyte, len(measured))
        for timeline in timelines
        for analyte, measured in timeline.measurements.items()
    }
    assert set(rows(finished, "recorded/*.parquet", "patient, name, facts", "kind = 'measurement'")) == expected
    everyone = {(t.patient.id, len(t.facts), t.end) for t in timelines}
    assert set(rows(finished, "patients/*.parquet", 'patient, facts, "last"')) == everyone


def test_run_json_says_how_the_tables_came_about(both, instruments):
    finished, timelines = both
    about = json.loads((finished.into / "run.json").read_text())
    assert about["patients"] == len(timelines)
    assert about["instruments"]["hscore"] == {"edition": "2014", "sha256": instrument("hscore").hash}
    assert about["data_cut"] == max(t.end for t in timelines).isoformat()
    assert about["software"].startswith("stormwatch ")


def test_attrition_follows_from_the_assessments(both, instruments):
    """Counted again from the timelines: who has an answer, and in whom HScore was certainly above its cut-off."""
    finished, timelines = both
    found = {(i, step): n for i, step, n in rows(finished, "attrition.parquet", "instrument, step, patients")}
    assert found["", 0] == found["", 1] == found["", 2] == len(timelines)
    met = [t for t in timelines if reference.track(instrument("hscore"), Readings(t), until(t)).first_met]
    assert found["hscore", 6] == len(met)
    asked = [t for t in timelines if {"ferritin", "sil2r"} & set(t.measurements)]
    assert found["ohi", 3] == len(asked)
    for name in NAMES:
        counts = [found[name, step] for step in range(3, 7) if (name, step) in found]
        assert counts == sorted(counts, reverse=True)


def test_the_cohort_table_has_the_form_of_ohdsi(both):
    """One row for each run of days covered by episodes, worked out here day by day."""
    finished, _ = both
    ids = {
        name: number for number, name in rows(finished, "cohort_definition.parquet", "cohort_definition_id, instrument")
    }
    subject = {patient: number for number, patient in rows(finished, "cohort_subject.parquet", "subject_id, patient")}
    days: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
    for patient, name, onset, last in rows(finished, "episodes/*.parquet", "patient, instrument, onset, last_met"):
        days.setdefault((ids[name], subject[patient]), []).append((onset.date(), max(onset, last).date()))
    expected = set()
    for key, spans in days.items():
        merged: list[list[Any]] = []
        for start, stop in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], stop)
            else:
                merged.append([start, stop])
        expected |= {(*key, start, stop) for start, stop in merged}
    columns = "cohort_definition_id, subject_id, cohort_start_date, cohort_end_date"
    assert set(rows(finished, "cohort.parquet", columns)) == expected
    schema = duckdb.execute(f"DESCRIBE SELECT * FROM '{finished.into}/cohort.parquet'").fetchall()
    assert [(name, kind) for name, kind, *_ in schema] == [
        ("cohort_definition_id", "BIGINT"),
        ("subject_id", "BIGINT"),
        ("cohort_start_date", "DATE"),
        ("cohort_end_date", "DATE"),
    ]


def test_a_folder_with_another_run_is_refused(meds, instruments, tmp_path):
    run(meds, instruments[:1], tmp_path / "out", workers=1)
    with pytest.raises(UsageError, match="another run is in this folder"):
        run(meds, instruments[1:2], tmp_path / "out", workers=1)


def test_a_folder_with_something_else_is_refused(meds, instruments, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds something else"):
        run(meds, instruments, tmp_path, workers=1)


def test_an_empty_list_of_instruments_is_refused(meds, tmp_path):
    with pytest.raises(UsageError, match="name one at least"):
        run(meds, [], tmp_path / "out")


def test_no_record_is_an_input_error(instruments, tmp_path):
    with pytest.raises(InputError):
        run(Source(str(tmp_path / "absent.csv")), instruments, tmp_path / "out", workers=1)
