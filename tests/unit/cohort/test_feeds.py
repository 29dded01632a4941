"""Which feed a source has, and that chunks of any feed add up to the same patients, facts and account."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.cohort.feeds import omop as omop_feed
from stormwatch.cohort.feeds import tables as table_feed
from stormwatch.cohort.feeds import timelines as timeline_feed
from stormwatch.cohort.feeds.choosing import feed_of
from stormwatch.cohort.feeds.joining import joined
from stormwatch.cohort.feeds.meds.feed import MedsFeed
from stormwatch.cohort.feeds.omop import OmopFeed
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.tables import TableFeed
from stormwatch.cohort.feeds.timelines import portion_of
from stormwatch.cohort.synth import synthesise
from stormwatch.engines.columnar.changes import changes
from stormwatch.engines.columnar.plan import Plan
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.catalogue import instrument
from stormwatch.sources import iterate
from stormwatch.testing.records import given as dose
from stormwatch.testing.records import measured, record

PLAN = Plan([instrument(name) for name in ("crs-astct", "hscore", "hlh-2004")])


def answers(portions):
    """Every change of every patient, whatever the chunks."""
    found = []
    for portion in portions:
        told = changes(portion.facts, PLAN)
        columns = [getattr(told, name).tolist() for name in told.__slots__]
        found += [(portion.ids[row[0]], *map(repr, row[1:])) for row in zip(*columns, strict=True)]
    return sorted(found)


def read(feed):
    return [chunk.portion() for chunk in feed.chunks(frozenset())]


def numbers(portions):
    totals = [portion.account.numbers() for portion in portions]
    return [sum(one["used"] for one in totals), sum(sum(one["rejected"].values()) for one in totals)]


def test_each_kind_of_source_has_its_feed(meds, omop, table):
    assert isinstance(feed_of(meds), MedsFeed)
    assert isinstance(feed_of(omop), OmopFeed)
    assert isinstance(feed_of(table), TableFeed)


@pytest.mark.parametrize("kind", ["omop", "table"])
def test_small_chunks_give_what_one_gives(kind, request, monkeypatch):
    source = request.getfixturevalue(kind)
    whole = read(feed_of(source))
    monkeypatch.setattr(timeline_feed, "FACTS", 700)
    monkeypatch.setattr(omop_feed, "PERSONS", 5)
    monkeypatch.setattr(table_feed, "ROWS", 700)
    parts = read(feed_of(source))
    assert len(parts) > len(whole)
    assert [one for p in parts for one in p.ids] == [one for p in whole for one in p.ids]
    assert answers(parts) == answers(whole)
    assert numbers(parts) == numbers(whole)


def test_pages_of_an_omop_store_are_the_reader_s(omop):
    expected = [portion_of(list(iterate(omop.path, zone=omop.zone)))]
    assert answers(read(feed_of(omop))) == answers(expected)


def test_what_is_done_is_not_read_again(meds, omop, table):
    for source in (meds, omop, table):
        assert next(iter(feed_of(source).chunks(frozenset({0})))) is None


@given(st.lists(st.sampled_from(["lab", "drug", "none"]), min_size=1, max_size=6))
def test_joined_portions_answer_as_their_parts(kinds):
    facts: dict[str, list[Any]] = {
        "lab": [measured("ferritin", 900, 1)],
        "drug": [dose("blinatumomab", 0), measured("temperature", 39, 1)],
    }
    timelines = [record(facts.get(kind, [])) for kind in kinds]
    parts = [portion_of([one]) for one in timelines]
    whole, together = portion_of(timelines), joined(parts)
    assert len(together.ids) == len(kinds)
    for name in ("patient", "usable", "low"):
        assert np.array_equal(getattr(together.facts, name), getattr(whole.facts, name), equal_nan=True)
    expected, found = changes(whole.facts, PLAN), changes(together.facts, PLAN)
    for name in found.__slots__:
        assert np.array_equal(getattr(found, name), getattr(expected, name), equal_nan=True), name


def test_an_address_with_a_password_is_not_kept():
    source = Source("postgresql://someone:secret@host/db", schema="omop")
    assert "secret" not in source.name
    assert source.files() == {}


def test_every_line_of_an_export_is_accounted_for_once(tmp_path):
    """Lines that are about nobody are in the account, too: one of them is no JSON, one of a kind that is not read."""
    synthesise(3, 16, tmp_path / "made", "fhir")
    folder = tmp_path / "made/synthetic-fhir"
    (folder / "more.ndjson").write_text('no json\n{"resourceType": "Organization", "id": "1"}\n')
    lines = sum(len(path.read_text().splitlines()) for path in folder.glob("*.ndjson"))
    portions = read(feed_of(Source(str(folder))))
    assert sum(portion.account.read for portion in portions) == lines
    assert "more.ndjson:1" in portions[0].account.places


def test_a_folder_of_nothing_known_is_refused(tmp_path):
    with pytest.raises(InputError):
        feed_of(Source(str(tmp_path)))


def test_a_table_without_its_map_is_refused(tmp_path):
    (tmp_path / "labs.parquet").write_bytes(b"")
    with pytest.raises(UsageError, match="--map"):
        feed_of(Source(str(tmp_path / "labs.parquet")))
