"""Tables brought together on disk give what the readers give: the same facts and the same account."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from shutil import copy
from typing import Any

import duckdb
import pytest

from stormwatch.cohort.feeds import tables
from stormwatch.cohort.feeds.choosing import feed_of
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.tables import TableFeed
from stormwatch.cohort.feeds.timelines import TimelineFeed
from stormwatch.errors import InputError

MAP = """
shape = "long"
zone = "America/New_York"
code_maps = ["codes.csv"]
[patient]
column = "subject_id"
[time]
columns = ["time"]
[columns]
code = "code"
value = "value"
"""


def told(feed):
    """The facts of each patient, and the account of all, whatever the chunks."""
    people: dict[str, Any] = {}
    used, outside, rejected = 0, Counter[str](), Counter[tuple[str, str]]()
    for chunk in feed.chunks(frozenset()):
        portion = chunk.portion()
        facts, account = portion.facts, portion.account
        named = [facts.names[code] for code in facts.code.tolist()]
        rows = zip(facts.patient.tolist(), named, facts.usable.tolist(), facts.low.tolist(), strict=True)
        for who in portion.ids:
            people.setdefault(who, Counter())
        for who, *row in rows:
            people[portion.ids[who]][repr(row)] += 1
        used, outside = used + account.used, outside + account.outside
        rejected.update(zip(account.places, account.reasons, strict=True))
    return people, used, outside, rejected


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(tables, "ROWS", 300)


@pytest.fixture
def dirty(table, tmp_path):
    """The synthetic table with its rows in any order, and rows that are misshapen or name nobody."""
    head, *rows = Path(table.path).read_text(encoding="utf-8").splitlines()
    rows += [",".join([""] * 11), "1,2", ",".join(["x"] * 14), '1,"2101"x,,,,,,,,,', ""]
    Random(3).shuffle(rows)
    path = tmp_path / "dirty.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return Source(str(path), zone="UTC")


def test_a_shuffled_dirty_table_is_read_as_the_reader_reads_it(dirty, small_chunks):
    feed = feed_of(dirty)
    assert isinstance(feed, TableFeed)
    found = told(feed)
    assert found == told(TimelineFeed(dirty))
    assert len(found[3]) > 4


def test_nothing_is_left_on_the_disk(dirty, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert list(feed_of(dirty, scratch).chunks(frozenset()))
    assert not list(scratch.iterdir())


def test_a_table_that_names_nobody_is_an_input_error(tmp_path):
    (tmp_path / "empty.csv").write_text("patient_id,time,code,name,value,unit\n,2101-01-01,,ferritin,900,ug/L\n")
    with pytest.raises(InputError, match="no patient"):
        list(feed_of(Source(str(tmp_path / "empty.csv"))).chunks(frozenset()))


@pytest.mark.real
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_long_table_of_the_mimic_demo_is_read_as_the_reader_reads_it(shared_data, tmp_path, small_chunks, ending):
    """Twelve patients, with rows of nobody among them; then the same rows in any order, which the reader refuses."""
    copy(Path(__file__).parents[1] / "sources/meds/mimic_demo_codes.csv", tmp_path / "codes.csv")
    (tmp_path / "map.toml").write_text(MAP)
    events = shared_data / "mimic_iv_demo_meds/mimic_iv_demo_meds_events.parquet"
    columns = "CASE WHEN random_nobody THEN NULL ELSE subject_id END AS subject_id, time, code, value"
    query = f"""
        SELECT {columns} FROM (
            SELECT *, file_row_number % 997 = 5 AS random_nobody, file_row_number AS n
            FROM read_parquet('{events}', file_row_number = true)
        ) WHERE subject_id IN (
            SELECT subject_id FROM '{events}' GROUP BY 1 ORDER BY count(*), 1 LIMIT 12 OFFSET 20
        ) ORDER BY """
    for name, order in (("sorted", "n"), ("shuffled", "hash(n)")):
        duckdb.execute(f"COPY ({query} {order}) TO '{tmp_path}/{name}.{ending}'")
    grouped, apart = (
        Source(str(tmp_path / f"{name}.{ending}"), map=str(tmp_path / "map.toml")) for name in ("sorted", "shuffled")
    )
    found = told(feed_of(grouped))
    assert found == told(TimelineFeed(grouped))
    assert found[1] > 100
    with pytest.raises(InputError, match="stand apart"):
        told(TimelineFeed(apart))
    people, used, outside, rejected = told(feed_of(apart))
    assert set(people) == set(found[0])
    assert abs(used - found[1]) < 50  # rows of nobody belong to whoever stands above them
    assert used + outside.total() + rejected.total() == found[1] + found[2].total() + found[3].total()
