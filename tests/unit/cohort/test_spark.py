"""The run under Spark writes what the run without it writes."""

from __future__ import annotations

import os
from dataclasses import replace
from shutil import which

import duckdb
import pytest

from stormwatch.cohort.feeds.meds import sorting
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.outputs.schemas import PARTS
from stormwatch.cohort.run import run
from stormwatch.cohort.spark.run import run as run_on_spark
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.catalogue import instrument, shipped

pytest.importorskip("pyspark", reason="pyspark is not installed")
needs_java = pytest.mark.skipif(
    which("java") is None and "JAVA_HOME" not in os.environ, reason="Spark needs Java 17, and this machine has no java"
)


@needs_java
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of Spark itself
@pytest.mark.parametrize("fast", [False, True])
def test_spark_writes_the_same_content(meds, tmp_path, monkeypatch, fast):
    instruments = [instrument(name) for name in shipped()]
    monkeypatch.setattr(sorting, "ROWS", 1000)
    here = run(meds, instruments, tmp_path / "here", workers=1)
    there = run_on_spark(meds, instruments, tmp_path / "there", master="local[2]", fast=fast)
    assert there.about["accounting"] == here.about["accounting"]
    assert there.about["tables"] == here.about["tables"]
    assert there.about["data_cut"] == here.about["data_cut"]
    assert there.about["chunks"] > 1
    tables = [f"{name}/*" for name in PARTS] + ["attrition", "cohort", "cohort_definition", "cohort_subject", "outside"]
    for name in tables:
        assert different(tmp_path / "here", tmp_path / "there", name) == 0
        assert different(tmp_path / "there", tmp_path / "here", name) == 0
    again = run_on_spark(meds, instruments, tmp_path / "there", master="local[2]", fast=fast)
    assert again.about == there.about


def different(one, other, name):
    """How many rows of a table of one run the other one lacks."""
    query = "SELECT count(*) FROM (FROM '{}/{name}.parquet' EXCEPT ALL FROM '{}/{name}.parquet')"
    return duckdb.execute(query.format(one, other, name=name)).fetchall()[0][0]


def test_without_a_master_nothing_is_begun(meds, tmp_path):
    with pytest.raises(UsageError, match="name the Spark master"):
        run_on_spark(meds, [instrument("ohi")], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@needs_java
def test_only_meds_records_are_read(table: Source, tmp_path):
    with pytest.raises(InputError, match="Spark reads MEDS records"):
        run_on_spark(replace(table, map=None), [instrument("ohi")], tmp_path / "out", master="local[2]")


def test_without_java_it_is_said(meds, tmp_path, monkeypatch):
    monkeypatch.setattr("stormwatch.cohort.spark.run.which", lambda _: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UsageError, match="Java 17"):
        run_on_spark(meds, [instrument("ohi")], tmp_path / "out", master="local[2]")
