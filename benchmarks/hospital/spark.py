"""Spark on this machine: its own scan and sort, and the same kernel behind them. Starting Spark is not timed."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from hospital.ours import A, rows_of, source
from stormwatch.cohort.spark import run as engine
from stormwatch.instruments.catalogue import instrument

_MASTER = "local[2]"
_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
}


def scan_and_sort(folder: Path) -> dict[str, float]:
    """What Spark needs to bring patients together and to sort each one's rows; nothing is done with them."""
    session = _session()
    start = time.perf_counter()
    rows = session.read.parquet(str(folder / "sorted/data"))
    parts = max(2 * session.sparkContext.defaultParallelism, -(-rows_of(folder, "sorted") // engine.ROWS))
    ordered = rows.repartition(parts, "subject_id").sortWithinPartitions("subject_id", "time")
    ordered.write.format("noop").mode("overwrite").save()
    seconds = time.perf_counter() - start
    session.stop()
    return {"seconds": seconds, "rows": rows_of(folder, "sorted")}


def whole_run(folder: Path) -> dict[str, float]:
    """Scan, sort, evaluate, and write every table."""
    into = folder / "spark"
    shutil.rmtree(into, ignore_errors=True)
    chosen = [instrument(name) for name in A]
    _session()  # the run takes it up
    start = time.perf_counter()
    finished = engine.run(source(folder), chosen, into, master=_MASTER, fast=True)
    seconds = time.perf_counter() - start
    shutil.rmtree(into)
    return {"seconds": seconds, "rows": int(finished.about["tables"]["assessments"])}


def _session() -> Any:
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(_MASTER).appName("stormwatch benchmark")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
