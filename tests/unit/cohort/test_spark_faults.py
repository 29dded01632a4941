"""Faults under Spark: an error, a listed rejection, or the same answers as without it; never a wrong row."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from shutil import copytree, rmtree, which
from time import monotonic, sleep

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from pyarrow.dataset import dataset
from tests.unit.cohort.conftest import content

from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.run import run
from stormwatch.cohort.spark.run import run as run_on_spark
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.catalogue import instrument

pytest.importorskip("pyspark", reason="pyspark is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # those of Spark itself
    pytest.mark.skipif(which("java") is None and "JAVA_HOME" not in os.environ, reason="this machine has no java"),
]
NAMES = ("crs-astct", "hscore")
INSTRUMENTS = [instrument(name) for name in NAMES]
MASTER = "local[2]"
LONGEST = 120  # seconds; after them a run is taken to hang


@pytest.fixture(scope="module")
def whole(meds, tmp_path_factory):
    """An uninterrupted run."""
    return run_on_spark(meds, INSTRUMENTS, tmp_path_factory.mktemp("spark") / "whole", master=MASTER).into


def command(source, into, engine=("--engine", "spark", "--master", MASTER)):
    said = ["cohort", "run", source.path, "--map", source.map, "--time-zone", "UTC", "-o", str(into)]
    return [sys.executable, "-m", "stormwatch", *said, "--instruments", ",".join(NAMES), *engine]


def rows(folder, table):
    """The rows of a table of a run, in one order."""
    return sorted(map(repr, dataset(f"{folder}/{table}").to_table().to_pylist()))


def test_killed_at_any_moment_and_taken_up_again(meds, whole, tmp_path):
    """At random times, and once as soon as something is finished, everything is killed; then the run is taken up."""
    chance, into = Random(9), tmp_path / "out"
    for wait in (chance.uniform(1, 4), None, chance.uniform(1, 4), chance.uniform(1, 4)):
        begin, running = monotonic(), start(meds, into)
        try:
            while not (finished(into) if wait is None else monotonic() - begin > wait):
                assert running.poll() is None
                assert monotonic() - begin < LONGEST
                sleep(0.002)
            assert wait is not None or "java" in living(running.pid)
            assert not (into / "run.json").exists()
        finally:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
        while living(running.pid):  # the workers of Spark are a group of their own, and end when it does
            assert monotonic() - begin < LONGEST
            sleep(0.05)
    assert 0 < finished(into) <= finished(whole)
    assert start(meds, into).wait(LONGEST) == 0
    assert content(into) == content(whole)


def start(meds, into):
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command(meds, into), start_new_session=True, stdout=quiet, stderr=quiet)


def living(session):
    """The names of the processes of a session, but for those that have ended."""
    told = subprocess.run(["ps", "-s", str(session), "-o", "stat=,comm="], capture_output=True, text=True).stdout
    return [line.split()[1] for line in told.splitlines() if not line.startswith("Z")]


def finished(into):
    """How many chunks are."""
    return len(list(into.glob("ledger/*.json")))


def test_what_is_missing_of_a_run_is_made_again_on_another_number_of_processors(meds, whole, tmp_path):
    """Spark would cut the patients into other partitions there, whose numbers name the chunks."""
    into = copytree(whole, tmp_path / "out")
    for one in sorted((into / "ledger").iterdir())[::2]:
        one.unlink()
    (into / "assessments/.part-000001.parquet.4711").write_bytes(b"half")
    run_on_spark(meds, INSTRUMENTS, into, master="local[3]")
    assert content(into) == content(whole)


def test_a_part_that_cannot_be_written_is_an_error_of_use(meds, whole, tmp_path):
    """As without Spark: exit code 2, not that of an unreadable record."""
    into = copytree(whole, tmp_path / "out")
    rmtree(into / "ledger")
    first = into / "assessments/part-000000.parquet"
    first.unlink()
    (first / "in the way").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"assessments/part-000000.parquet cannot be written \(Is a directory\)"):
        run_on_spark(meds, INSTRUMENTS, into, master=MASTER)


def test_a_broken_row_group_ends_the_run_with_one_sentence(meds, tmp_path):
    """Also on a cluster that is set up to leave out what it cannot read."""
    path = tmp_path / "broken.parquet"
    parquet.write_table(parquet.read_table(next(Path(meds.path).rglob("data/**/*.parquet"))), path, row_group_size=1000)
    column = parquet.read_metadata(path).row_group(1).column(0)
    with path.open("r+b") as file:
        file.seek(column.dictionary_page_offset or column.data_page_offset)
        file.write(b"\xff" * column.total_compressed_size)
    (tmp_path / "spark-defaults.conf").write_text("spark.sql.files.ignoreCorruptFiles true\n")
    source, settings = replace(meds, path=str(path)), os.environ | {"SPARK_CONF_DIR": str(tmp_path)}
    there = subprocess.run(command(source, tmp_path / "out"), capture_output=True, text=True, env=settings)
    here = subprocess.run(command(source, tmp_path / "here", ()), capture_output=True, text=True)
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout) == (3, "")
    said = [line for line in there.stderr.splitlines() if line.startswith("stormwatch:")]
    why = "a file is no Parquet file, or it is broken or cut short; copy it again"
    assert said == [f"stormwatch: broken.parquet: Spark could not finish: {why}"]
    assert "Traceback" not in there.stderr
    assert list(content(tmp_path / "out")) == ["plan.json"]  # no part, no table, no page


CODES = "code,analyte,drug,finding,scale,unit,cap,says\nTEMP,temperature,,,,Cel,,\n"


def write(path, events, number=np.float32, **more):
    """A shard of temperatures: of whom, when, how high."""
    subject, at, value = zip(*events, strict=True)
    columns = {"subject_id": pa.array(subject, pa.int64()), "time": pa.array(at, pa.timestamp("us"))}
    columns |= {"code": ["TEMP"] * len(events), "numeric_value": pa.array(np.array(value, number), from_pandas=True)}
    path.parent.mkdir(exist_ok=True)
    parquet.write_table(pa.table(columns | more), path, row_group_size=7)


def same(there, here):
    for table in ("assessments", "episodes", "standing", "recorded", "patients"):
        assert rows(there.into, table) == rows(here.into, table), table
    assert there.about["accounting"] == here.about["accounting"]


def most(done):
    """The most points of HScore that each patient is sure of."""
    where = f"FROM '{done.into}/assessments/*.parquet' WHERE instrument = 'hscore'"
    return dict(duckdb.execute(f"SELECT patient, max(low) {where} GROUP BY ALL").fetchall())


def test_float32_at_a_cut_off(tmp_path):
    """38.4 and 39.4 are stored as 38.400002 and 39.400002; HScore gives 33 points from 38.4 to 39.4, 49 above."""
    (tmp_path / "codes.csv").write_text(CODES)
    warm = {1: 39.4, 2: 38.4, 3: 39.5, 4: 38.3}
    day = [datetime(2024, 1, 1, hour) for hour in range(24)]
    events = [(who, at, high if at == day[12] else 37.0) for who, high in warm.items() for at in day]
    Random(1).shuffle(events)
    write(tmp_path / "data/0.parquet", events[:50])
    texts = pa.array([None] * 46 + ["> 39.4"])  # the other file has no column for them
    write(tmp_path / "data/1.parquet", [*events[50:], (5, day[0], None)], text_value=texts)
    source = Source(str(tmp_path), zone="UTC", map=str(tmp_path / "codes.csv"))
    there = run_on_spark(source, INSTRUMENTS, tmp_path / "there", master=MASTER)
    same(there, run(replace(source, sort=True), INSTRUMENTS, tmp_path / "here", workers=1))
    assert most(there) == {"1": 33, "2": 33, "3": 49, "4": 0, "5": 49}


def test_numbers_of_32_and_of_64_bits_are_not_mixed(tmp_path):
    """Spark and DuckDB would make 39.400002 of 39.4, and 49 points of 33."""
    (tmp_path / "codes.csv").write_text(CODES)
    for who, number in enumerate((np.float32, np.float64)):
        write(tmp_path / f"data/{who}.parquet", [(who, datetime(2024, 1, 1), 39.4)], number)
    source = Source(str(tmp_path), zone="UTC", map=str(tmp_path / "codes.csv"))
    assert most(run(source, INSTRUMENTS, tmp_path / "here", workers=1)) == {"0": 33, "1": 33}
    with pytest.raises(InputError, match=r"different types, .* write them alike"):
        run_on_spark(source, INSTRUMENTS, tmp_path / "there", master=MASTER)
    with pytest.raises(InputError, match=r"different types, .* write them alike"):
        run(replace(source, sort=True), INSTRUMENTS, tmp_path / "sorted", workers=1)


def test_rows_in_any_order_over_two_files(meds, tmp_path):
    """Facts out of order in time, and patients who stand apart."""
    table = pa.concat_tables(map(parquet.read_table, sorted(Path(meds.path).rglob("data/**/*.parquet"))))
    table = table.take(np.random.default_rng(3).permutation(len(table)))
    (tmp_path / "data").mkdir()
    for shard, part in enumerate((table[: len(table) // 3], table[len(table) // 3 :])):
        parquet.write_table(part, tmp_path / f"data/{shard}.parquet", row_group_size=500)
    source = replace(meds, path=str(tmp_path))
    there = run_on_spark(source, INSTRUMENTS, tmp_path / "there", master=MASTER)
    same(there, run(replace(source, sort=True), INSTRUMENTS, tmp_path / "here", workers=1))
    assert there.about["accounting"]["read"] == len(table)
