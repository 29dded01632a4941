"""All 100 patients of the MIMIC-IV demo, and the worked example, through both engines."""

from __future__ import annotations

from pathlib import Path

import pytest

import stormwatch as sw
from stormwatch.engines import reference
from stormwatch.engines.columnar.changes import NO_VERDICT, changes
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.engines.columnar.meanings import VERDICTS
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.times import micros
from stormwatch.engines.readings import Readings
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.sources import iterate

FILE = "mimic_iv_demo_meds/derived_labs_vitals_long.csv.gz"
EXAMPLE = Path(__file__).parents[2] / "examples" / "blinatumomab-mas.json"


def expected(timeline, chosen):
    for m in reference.changes(chosen, Readings(timeline), timeline.end):
        score = m.score and (float(m.score.low), float(m.score.high), m.score.low_closed, m.score.high_closed)
        yield micros(m.moment), m.verdict, score


def rows_by_patient(found, chosen):
    """The rows of one instrument, in the same form, by patient."""
    rows: dict[int, list[tuple[object, ...]]] = {}
    here = found.instrument == chosen
    columns = (found.patient, found.moment, found.verdict, found.low, found.high, ~found.low_open, ~found.high_open)
    for patient, moment, verdict, *score in zip(*(column[here].tolist() for column in columns), strict=True):
        answer = None if verdict == NO_VERDICT else VERDICTS[verdict]
        rows.setdefault(patient, []).append((moment, answer, tuple(score)))
    return rows


def assert_equal(timelines):
    names = list(shipped())
    found = changes(facts_of(timelines), Plan([instrument(name) for name in names]))
    compared = 0
    for place, name in enumerate(names):
        rows = rows_by_patient(found, place)
        for patient, timeline in enumerate(timelines):
            wanted = [(m, v, s or ()) for m, v, s in expected(timeline, instrument(name))]
            given = [(m, v, s if wanted[0][2] else ()) for m, v, s in rows[patient]]
            assert given == wanted, (name, patient)
            compared += len(wanted)
    assert len(found) == compared
    return compared


def test_the_worked_example():
    assert assert_equal([sw.read(EXAMPLE)]) > 100


@pytest.mark.real
def test_all_patients_of_the_mimic_demo(shared_data):
    timelines = list(iterate(shared_data / FILE, zone="UTC"))
    assert len(timelines) == 100
    assert assert_equal(timelines) > 30_000
