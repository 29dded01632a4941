"""A cohort run under PySpark: patients are brought together and sorted by Spark, then evaluated by the same kernel."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from shutil import which
from typing import Any

from stormwatch.cohort.feeds.meds.events import columns_of
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.finish import Run, finish
from stormwatch.cohort.identity import identity, settle
from stormwatch.cohort.run import sweep
from stormwatch.cohort.spark.partition import SCHEMA, Task
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.instrument import Instrument
from stormwatch.sources.formats import Kind, Options, kind_of
from stormwatch.sources.mapped.arrow import opened_parquet
from stormwatch.sources.meds.shards import number_of_rows, shards

ROWS = 2_000_000
"""Rows in a partition, more or less."""

_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
}
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",  # the numbers of the partitions name the chunks
}


def run(source: Source, instruments: Sequence[Instrument], into: Path, *, master: str = "", fast: bool = False) -> Run:
    """The same as ``stormwatch.cohort.run.run``, for a MEDS record in Parquet, on the caller's own Spark.

    ``into`` and the source must be folders that every executor sees under the same path. The content of the tables is
    the same; it is cut into parts in another way. ``fast``: the executors have numba, too.

    Raises:
        InputError: the source is no MEDS record, or cannot be read.
        UsageError: Spark or Java is not installed, no master is named, or the folder holds another run.
    """
    if not master:
        raise UsageError("name the Spark master with --master, such as local[2] or spark://host:7077")
    _check_installed()
    options = Options(source.clock, frozenset(source.complete), source.map, source.schema)
    if kind_of(source.path, options) is not Kind.MEDS:
        raise InputError(
            f"{source.name}: Spark reads MEDS records in Parquet; run other sources without --engine spark"
        )
    settle(into, identity(source, instruments) | {"engine": "spark"})
    sweep(into)
    files = {shard.resolve().as_posix(): name for shard, name in shards(source.path)}
    task = Task(replace(source, fast=fast), tuple(instruments), into.resolve(), tuple(files.values()))
    session = _session(master)
    try:
        _evaluated(session, source, task, list(files))
    finally:
        session.stop()
    return finish(into, source, instruments)


def _check_installed() -> None:
    from importlib.util import find_spec

    if find_spec("pyspark") is None:
        raise UsageError('this needs pyspark; install: pip install "stormwatch[spark]"')
    if which("java") is None and "JAVA_HOME" not in os.environ:
        raise UsageError("Spark needs Java 17 or later, and there is no java on this machine; install one")


def _session(master: str) -> Any:
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("stormwatch cohort")
    settings = _ALWAYS | (_LOCAL if master.startswith("local") else {})
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _evaluated(session: Any, source: Source, task: Task, files: list[str]) -> None:
    """Bring the patients together, sort each one's rows, and evaluate every partition."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        sorted_rows(session, source, files).mapInArrow(task, SCHEMA).collect()
    except (PySparkException, Py4JError) as problem:
        raise InputError(f"{source.name}: Spark could not finish: {_why(str(problem))}") from None


def sorted_rows(session: Any, source: Source, files: list[str]) -> Any:
    """The rows that are read, by patient and by where they stand in their file."""
    with opened_parquet(files[0]) as file:
        columns = columns_of(file, files[0])
    text = "text_value" if len(columns) > 4 else "cast(null as string) as text_value"
    chosen = reduce(
        lambda one, other: one.union(other),
        [
            session.read.parquet(file).selectExpr(
                *("subject_id", "time", "code", f"{columns[3]} as number", text),
                *(f"cast({place} as bigint) as file", "_metadata.row_index as row"),
            )
            for place, file in enumerate(files)
        ],
    )
    partitions = max(2 * session.sparkContext.defaultParallelism, -(-number_of_rows(source.path) // ROWS))
    return chosen.repartition(partitions, "subject_id").sortWithinPartitions("subject_id", "file", "row")


def _why(said: str) -> str:
    """The error raised in a task, out of what Spark wraps around it; or what Spark's own name for it says."""
    marked = [line for line in said.splitlines() if line.startswith("stormwatch.errors.")]
    if marked:
        return marked[-1].partition(": ")[2]
    if "FAILED_READ_FILE" in said:
        return "a file is no Parquet file, or it is broken or cut short; copy it again"
    return "see the log of the executors"
