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
from shutil import copytree, which
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
from stormwatch.instruments.catalogue import instrument

pytest.importorskip("pyspark", reason="pyspark is not installed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # those of Spark itself
    pytest.mark.skipif(
        which("java") is None and "JAVA_HOME" not in os.environ,
        reason="Spark needs Java 17, and this machine has no java",
    ),
]
NAMES = ("crs-astct", "hscore")
MASTER = "local[2]"
LONGEST = 120
"""Seconds after which a run that should have been killed is taken to hang."""


@pytest.fixture(scope="module")
def instruments():
    return [instrument(name) for name in NAMES]


@pytest.fixture(scope="module")
def whole(meds, instruments, tmp_path_factory):
    """An uninterrupted run."""
    return run_on_spark(meds, instruments, tmp_path_factory.mktemp("spark") / "whole", master=MASTER).into


def command(source, into):
    said = ["cohort", "run", source.path, "--map", source.map, "--time-zone", "UTC", "-o", str(into)]
    spark = ["--engine", "spark", "--master", MASTER, "--instruments", ",".join(NAMES)]
    return [sys.executable, "-m", "stormwatch", *said, *spark]


def rows(folder, table):
    """The rows of a table of a run, in one order."""
    return sorted(map(repr, dataset(f"{folder}/{table}").to_table().to_pylist()))


def test_killed_at_any_moment_and_taken_up_again(meds, whole, tmp_path):
    """Twice after a random time, then as soon as something is finished; the last one may finish."""
    chance, into = Random(9), tmp_path / "out"
    for wait in (chance.uniform(1, 8), chance.uniform(1, 8), None):
        begin, running = monotonic(), start(meds, into)
        while running.poll() is None and monotonic() - begin < LONGEST:
            if monotonic() - begin > wait if wait is not None else finished(into):
                break
            sleep(0.002)
        assert running.poll() is None
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert 0 < finished(into) <= finished(whole)
    assert not (into / "run.json").exists()
    assert start(meds, into).wait() == 0
    assert content(into) == content(whole)


def start(meds, into):
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command(meds, into), start_new_session=True, stdout=quiet, stderr=quiet)


def finished(into):
    """How many chunks are."""
    return len(list(into.glob("ledger/*.json")))


def test_what_is_missing_of_a_run_is_made_again(meds, instruments, whole, tmp_path):
    into = copytree(whole, tmp_path / "out")
    for one in sorted((into / "ledger").iterdir())[::2]:
        one.unlink()
    (into / "assessments/.part-000001.parquet.4711").write_bytes(b"half")
    run_on_spark(meds, instruments, into, master=MASTER)
    assert content(into) == content(whole)


def test_a_broken_row_group_ends_the_run_with_one_sentence(meds, tmp_path):
    shard = next(Path(meds.path).rglob("data/**/*.parquet"))
    broken = bytearray(shard.read_bytes())
    broken[4:4000] = b"\xff" * 3996
    (tmp_path / "broken.parquet").write_bytes(broken)
    source = replace(meds, path=str(tmp_path / "broken.parquet"))
    done = subprocess.run(command(source, tmp_path / "out"), capture_output=True, text=True)
    assert done.returncode == 3
    said = [line for line in done.stderr.splitlines() if line.startswith("stormwatch:")]
    why = "a file is no Parquet file, or it is broken or cut short; copy it again"
    assert said == [f"stormwatch: broken.parquet: Spark could not finish: {why}"]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out/run.json").exists()
    assert not (tmp_path / "out/cohort.parquet").exists()


def test_float32_at_a_cut_off_and_facts_in_any_order(instruments, tmp_path):
    """38.4 and 39.4 are stored as 38.400002 and 39.400002; HScore gives 33 points from 38.4 to 39.4, 49 above."""
    (tmp_path / "codes.csv").write_text("code,analyte,drug,finding,scale,unit,cap,says\nTEMP,temperature,,,,Cel,,\n")
    warm = {1: 39.4, 2: 38.4, 3: 39.5, 4: 38.3}
    day = [datetime(2024, 1, 1, hour) for hour in range(24)]
    events = [(who, at, high if at == day[12] else 37.0) for who, high in warm.items() for at in day]
    Random(1).shuffle(events)
    (tmp_path / "data").mkdir()
    for shard, part in enumerate((events[:50], events[50:])):
        subject, at, value = zip(*part, strict=True)
        table = pa.table(
            {
                "subject_id": pa.array(subject, pa.int64()),
                "time": pa.array(at, pa.timestamp("us")),
                "code": ["TEMP"] * len(part),
                "numeric_value": np.array(value, np.float32),
            }
        )
        parquet.write_table(table, tmp_path / f"data/{shard}.parquet", row_group_size=7)
    source = Source(str(tmp_path), zone="UTC", map=str(tmp_path / "codes.csv"))
    there = run_on_spark(source, instruments, tmp_path / "there", master=MASTER)
    here = run(replace(source, sort=True), instruments, tmp_path / "here", workers=1)
    for table in ("assessments", "episodes", "standing", "patients"):
        assert rows(there.into, table) == rows(here.into, table), table
    least = duckdb.execute(
        f"SELECT patient, max(low) FROM '{there.into}/assessments/*.parquet' WHERE instrument = 'hscore' GROUP BY ALL"
    )
    assert dict(least.fetchall()) == {"1": 33, "2": 33, "3": 49, "4": 0}
