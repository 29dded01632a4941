"""A cohort run under PySpark: patients are brought together and sorted by Spark, then evaluated by the same kernel."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from shutil import which
from typing import Any

from stormwatch.cohort.feeds.meds.alike import NUMBER, SUBJECT, TIME, columns_of_each
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.finish import Run, finish
from stormwatch.cohort.identity import PLAN, identity, settle
from stormwatch.cohort.run import sweep
from stormwatch.cohort.spark.partition import SCHEMA, Task
from stormwatch.errors import InputError, StormwatchError, UsageError
from stormwatch.instruments.instrument import Instrument
from stormwatch.sources.formats import Kind, Options, kind_of
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
    "spark.sql.files.ignoreCorruptFiles": "false",  # a cluster may be set up to leave out what it cannot read
    "spark.sql.files.ignoreMissingFiles": "false",
}


def run(source: Source, instruments: Sequence[Instrument], into: Path, *, master: str = "", fast: bool = False) -> Run:
    """The same as ``stormwatch.cohort.run.run``, for a MEDS record in Parquet, on the caller's own Spark.

    ``into`` and the source must be folders that every executor sees under the same path. The content of the tables is
    the same; it is cut into parts in another way. ``fast``: the executors have numba, too.

    Raises:
        InputError: the source is no MEDS record, or cannot be read.
        UsageError: Spark or Java is not installed, no master is named, or the folder holds another run or cannot be
            written to.
    """
    if not master:
        raise UsageError("name the Spark master with --master, such as local[2] or spark://host:7077")
    _check_installed()
    options = Options(source.clock, frozenset(source.complete), source.map, source.schema)
    if kind_of(source.path, options) is not Kind.MEDS:
        raise InputError(
            f"{source.name}: Spark reads MEDS records in Parquet; run other sources without --engine spark"
        )
    files = {shard.resolve().as_posix(): name for shard, name in shards(source.path)}
    task = Task(replace(source, fast=fast), tuple(instruments), into.resolve(), tuple(files.values()))
    session = _session(master)
    try:
        partitions = _partitions(session, source, into)
        settle(into, identity(source, instruments) | {"engine": "spark", "partitions": partitions})
        sweep(into)
        _evaluated(session, source, task, list(files), partitions)
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


def _partitions(session: Any, source: Source, into: Path) -> int:
    """How many. A run that is taken up keeps its own, on however many processors: their numbers name the chunks."""
    try:
        return int(json.loads((into / PLAN).read_text(encoding="utf-8"))["partitions"])
    except (OSError, ValueError, TypeError, KeyError):
        return max(2 * int(session.sparkContext.defaultParallelism), -(-number_of_rows(source.path) // ROWS))


def _evaluated(session: Any, source: Source, task: Task, files: list[str], partitions: int) -> None:
    """Bring the patients together, sort each one's rows, and evaluate every partition."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        sorted_rows(session, source, files, partitions).mapInArrow(task, SCHEMA).collect()
    except (PySparkException, Py4JError) as problem:
        raise _error(source.name, str(problem)) from None


def sorted_rows(session: Any, source: Source, files: list[str], partitions: int) -> Any:
    """The rows that are read, by patient and by where they stand in their file."""
    named = [(Path(file), Path(file).name) for file in files]
    columns_of_files = columns_of_each(named, source.name, alike=(SUBJECT, TIME, NUMBER))
    chosen = reduce(
        lambda one, other: one.union(other),
        [
            session.read.parquet(file).selectExpr(
                *("subject_id", "time", "code", f"{columns[3]} as number"),
                "text_value" if len(columns) > 4 else "cast(null as string) as text_value",
                *(f"cast({place} as bigint) as file", "_metadata.row_index as row"),
            )
            for place, (file, columns) in enumerate(zip(files, columns_of_files, strict=True))
        ],
    )
    return chosen.repartition(partitions, "subject_id").sortWithinPartitions("subject_id", "file", "row")


def _error(name: str, said: str) -> StormwatchError:
    """The error raised in a task, out of what Spark wraps around it; or what Spark's own name for it says."""
    kind: type[StormwatchError] = InputError
    why = "see the log of the executors"
    marked = [line for line in said.splitlines() if line.startswith("stormwatch.errors.")]
    if marked:
        raised, _, why = marked[-1].partition(": ")
        kind = UsageError if raised.endswith(".UsageError") else InputError
    elif "FAILED_READ_FILE" in said:
        why = "a file is no Parquet file, or it is broken or cut short; copy it again"
    return kind(f"{name}: Spark could not finish: {why}")
