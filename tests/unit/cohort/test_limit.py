"""A patient with too many rows is left out, listed and counted; all others are as if that patient were not there."""

from __future__ import annotations

from dataclasses import replace
from shutil import which

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.cohort.feeds.omop import PERSONS, ROWS, pages
from stormwatch.cohort.feeds.sparing import Large, spared
from stormwatch.cohort.run import run
from stormwatch.cohort.spark.run import run as run_on_spark
from stormwatch.instruments.catalogue import instrument


@pytest.fixture(scope="module")
def instruments():
    return [instrument(name) for name in ("crs-astct", "hscore")]


def column(finished, table, what, where="true"):
    """One column of a table, in order."""
    return sorted(
        row[0] for row in duckdb.execute(f"SELECT {what} FROM '{finished.into}/{table}' WHERE {where}").fetchall()
    )


def sizes(source):
    """Rows of each patient, counted by SQL in the file itself."""
    shards = f"{source.path}/data/**/*.parquet"
    return dict(duckdb.execute(f"SELECT subject_id::VARCHAR, count(*) FROM '{shards}' GROUP BY 1").fetchall())


def check(finished, without, large):
    """Only ``large`` are left out; nothing of them is evaluated, nothing of the others has changed."""
    assert column(finished, "patients/*.parquet", "patient", "left_out IS NOT NULL") == sorted(large)
    assert column(finished, "patients/*.parquet", "facts", "left_out IS NOT NULL") == [0] * len(large)
    assert finished.about["patients_left_out"] == len(large)
    rejected = {reason: n for reason, n in finished.about["accounting"]["rejected"].items() if "more than" in reason}
    assert sum(rejected.values()) == sum(large.values())
    listed = column(finished, "rejected/*.parquet", "rows", "reason LIKE '%more than%'")
    assert listed == sorted(large.values())
    assert finished.about["accounting"]["read"] == without.about["accounting"]["read"]
    others = ", ".join(f"'{one}'" for one in large)
    for table in ("assessments", "episodes", "standing", "recorded"):
        one, other = (f"SELECT * FROM '{out.into}/{table}/*.parquet'" for out in (finished, without))
        expected = f"{other} WHERE patient NOT IN ({others})"
        for first, second in ((one, expected), (expected, one)):
            assert not duckdb.execute(f"({first}) EXCEPT ALL ({second})").fetchall(), table


@pytest.fixture(scope="module")
def every(meds, instruments, tmp_path_factory):
    """A run in which nobody is left out."""
    return run(meds, instruments, tmp_path_factory.mktemp("every") / "out", workers=1)


@pytest.fixture(scope="module")
def limit(meds):
    """So many rows that three of the patients have more."""
    return sorted(sizes(meds).values())[-4]


@pytest.mark.parametrize("sort", [False, True])
def test_the_largest_patients_of_a_meds_record_are_left_out(meds, instruments, every, limit, sort, tmp_path):
    large = {who: rows for who, rows in sizes(meds).items() if rows > limit}
    assert 0 < len(large) < 4
    finished = run(replace(meds, most=limit, sort=sort), instruments, tmp_path / "out", workers=1)
    check(finished, every, large)
    steps = dict(duckdb.execute(f"SELECT step, patients FROM '{tmp_path}/out/attrition.parquet'").fetchall()[:2])
    assert steps[0] - steps[1] == len(large)


def test_exactly_so_many_rows_are_allowed(meds, instruments, every, tmp_path):
    finished = run(replace(meds, most=max(sizes(meds).values())), instruments, tmp_path / "out", workers=1)
    assert finished.about["patients_left_out"] == 0


def test_the_largest_patients_of_a_table_are_left_out(table, instruments, tmp_path):
    rows = duckdb.execute(f"SELECT patient_id, count(*) FROM read_csv('{table.path}', all_varchar=true) GROUP BY 1")
    counts = {who: n for who, n in rows.fetchall() if who}
    most = sorted(counts.values())[-2]
    every = run(table, instruments, tmp_path / "every", workers=1)
    finished = run(replace(table, most=most), instruments, tmp_path / "out", workers=1)
    check(finished, every, {who: n for who, n in counts.items() if n > most})


def test_the_largest_persons_of_an_omop_store_are_left_out(omop, instruments, tmp_path):
    every = run(omop, instruments, tmp_path / "every", workers=1)
    counts: dict[str, int] = {}
    for name in ("measurement", "observation", "drug_exposure", "condition_occurrence", "visit_occurrence"):
        for who, n in duckdb.execute(
            f"SELECT person_id::VARCHAR, count(*) FROM '{omop.path}/{name}.parquet' GROUP BY 1"
        ).fetchall():
            counts[who] = counts.get(who, 0) + n
    most = sorted(counts.values())[-2]
    finished = run(replace(omop, most=most), instruments, tmp_path / "out", workers=1)
    (large,) = (who for who, n in counts.items() if n > most)
    assert column(finished, "patients/*.parquet", "patient", "left_out IS NOT NULL") == [large]
    assert finished.about["accounting"]["rejected"][f"the patient has more than {most:,} rows"] == counts[large]
    assert large not in column(finished, "assessments/*.parquet", "patient")
    assert set(column(finished, "assessments/*.parquet", "patient")) == set(
        column(every, "assessments/*.parquet", "patient", f"patient <> '{large}'")
    )


@pytest.mark.slow
@pytest.mark.skipif(which("java") is None, reason="Spark needs Java 17, and this machine has no java")
@pytest.mark.filterwarnings("ignore")  # those of Spark itself
def test_spark_leaves_out_the_same_patients(meds, instruments, every, limit, tmp_path):
    large = {who: rows for who, rows in sizes(meds).items() if rows > limit}
    one = replace(meds, most=limit)
    here = run(one, instruments, tmp_path / "here", workers=1)
    there = run_on_spark(one, instruments, tmp_path / "there", master="local[2]")
    check(there, every, large)
    assert there.about["accounting"] == here.about["accounting"]
    rejected = [column(out, "rejected/*.parquet", "(record, rows)") for out in (here, there)]
    assert rejected[0] == rejected[1]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 7), st.integers(1, 9))
def test_rows_are_sifted_the_same_however_the_batches_come(lengths, size, limit):
    subject = [who for who, n in enumerate(lengths) for _ in range(n)]
    row = list(range(1, len(subject) + 1))
    table = pa.table({"subject_id": subject, "file": pa.array([0] * len(row)), "row": row})
    found = list(spared(iter(table.to_batches(max_chunksize=size)), limit))
    left = {one.subject: (one.rows, one.first[1]) for one in found if isinstance(one, Large)}
    firsts = {who: subject.index(who) + 1 for who in set(subject)}
    assert left == {who: (n, firsts[who]) for who, n in enumerate(lengths) if n > limit}
    kept = [r for one in found if not isinstance(one, Large) for r in one.column("row").to_pylist()]
    assert kept == [r for r, who in zip(row, subject, strict=True) if lengths[who] <= limit]


@given(st.lists(st.integers(0, 400_000), max_size=40))
def test_pages_hold_everyone_who_is_small_enough_once(counts):
    found = list(pages(np.array(counts, np.int64), 100_000))
    on_pages = [place for start, stop in found for place in range(start, stop)]
    assert on_pages == [place for place, count in enumerate(counts) if count <= 100_000]
    for start, stop in found:
        assert stop - start <= PERSONS
        assert sum(counts[start:stop]) <= ROWS or stop - start == 1
