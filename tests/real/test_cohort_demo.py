"""The MIMIC-IV demo as a cohort: the direct feed, the reader and the OMOP pages against the single-patient path."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from stormwatch.cohort.feeds.choosing import feed_of
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.timelines import TimelineFeed
from stormwatch.cohort.run import run
from stormwatch.engines.columnar.changes import changes
from stormwatch.engines.columnar.plan import Plan
from stormwatch.instruments.catalogue import instrument, shipped

pytestmark = [pytest.mark.real, pytest.mark.slow]
CODES = Path(__file__).parents[1] / "unit/sources/meds/mimic_demo_codes.csv"


def answers(feed, plan):
    rows: Counter[Any] = Counter()
    account: list[Any] = []
    for chunk in feed.chunks(frozenset()):
        portion = chunk.portion()
        found = changes(portion.facts, plan)
        columns = [getattr(found, name).tolist() for name in found.__slots__]
        rows.update((portion.ids[row[0]], *map(repr, row[1:])) for row in zip(*columns, strict=True))
        account.append((portion.account.used, portion.account.outside, portion.account.places, portion.account.reasons))
    used = sum(one[0] for one in account)
    places: Counter[Any] = Counter()
    for _, _, where, why in account:
        places.update(zip(where, why, strict=True))
    return rows, used, sum((one[1] for one in account), Counter()), places


def test_every_answer_for_all_hundred_people_from_meds(shared_data):
    path = shared_data / "mimic_iv_demo_meds/mimic_iv_demo_meds_events.parquet"
    source = Source(str(path), zone="America/New_York", map=str(CODES))
    plan = Plan([instrument(name) for name in shipped()])
    assert answers(feed_of(source), plan) == answers(TimelineFeed(source), plan)


def test_every_answer_for_all_hundred_people_from_omop(shared_data):
    source = Source(str(shared_data / "mimic_iv_demo_omop"), zone="America/New_York")
    plan = Plan([instrument(name) for name in shipped()])
    assert answers(feed_of(source), plan) == answers(TimelineFeed(source), plan)


def test_all_rows_of_the_demo_are_accounted_for(shared_data, tmp_path):
    path = shared_data / "mimic_iv_demo_meds/mimic_iv_demo_meds_events.parquet"
    source = Source(str(path), zone="UTC", map=str(CODES))
    finished = run(source, [instrument("sofa"), instrument("hscore")], tmp_path / "out", workers=1)
    assert finished.about["patients"] == 100
    assert finished.about["accounting"]["read"] == 916_166
    outside = duckdb.execute(f"SELECT sum(rows) FROM '{tmp_path}/out/outside.parquet'").fetchall()[0][0]
    assert outside == finished.about["accounting"]["outside"]
