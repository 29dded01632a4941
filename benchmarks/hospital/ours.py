"""Stormwatch: reading and evaluating, and whole runs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
from columnar import made
from pyarrow import parquet

from hospital.data import prepared
from stormwatch.cohort.feeds.choosing import feed_of
from stormwatch.cohort.feeds.feed import Chunk
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.run import run
from stormwatch.engines.columnar.changes import Changes, batched
from stormwatch.engines.columnar.fast import compiled_passes
from stormwatch.engines.columnar.passes import NUMPY
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.times import BEGINNING
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.sources.meds.shards import number_of_rows

A, B = ("hlh-2004", "hscore"), tuple(shipped())


def source(folder: Path, form: str = "sorted", *, fast: bool = False) -> Source:
    return Source(str(folder / form), zone="UTC", map=str(folder / "codes.csv"), sort=form == "shuffled", fast=fast)


def warm() -> None:
    """Have the definitions read and the compiled loops loaded before a clock starts, on ten other patients."""
    chosen = [instrument(name) for name in B]
    for passes in (NUMPY, compiled_passes()):
        for _ in batched(made(10, 1), chosen, passes=passes):
            pass
    with TemporaryDirectory() as few:
        prepared(Path(few), 10, 2, large=False)
        for fast in (False, True):
            for chunk in feed_of(source(Path(few), fast=fast)).chunks(frozenset()):
                assert chunk is not None
                chunk.portion()


def evaluated(
    folder: Path, names: tuple[str, ...], form: str, out: Path | None, *, fast: bool, workers: int = 1
) -> int:
    """Reading and evaluating: every change of every instrument as columns; with ``out`` they are kept."""
    if out is not None:
        return _kept(_changes(folder, names, form, fast=fast), out)
    if workers == 1:
        return sum(len(found) for _, found in _changes(folder, names, form, fast=fast))
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        chunks = feed_of(source(folder, form, fast=fast), processes=workers).chunks(frozenset())
        return sum(pool.map(partial(_counted, names, fast), chunks))


def _counted(names: tuple[str, ...], fast: bool, chunk: Chunk) -> int:
    """One chunk in a process of its own."""
    passes = compiled_passes() if fast else NUMPY
    return sum(map(len, batched(chunk.portion().facts, _plan(names), passes=passes)))


@cache
def _plan(names: tuple[str, ...]) -> Plan:
    return Plan([instrument(name) for name in names])


def _changes(
    folder: Path, names: tuple[str, ...], form: str, *, fast: bool
) -> Iterator[tuple[tuple[str, ...], Changes]]:
    plan, passes = _plan(names), compiled_passes() if fast else NUMPY
    for chunk in feed_of(source(folder, form, fast=fast)).chunks(frozenset()):
        assert chunk is not None
        portion = chunk.portion()
        for found in batched(portion.facts, plan, passes=passes):
            yield portion.ids, found


def _kept(parts: Iterator[tuple[tuple[str, ...], Changes]], out: Path) -> int:
    """The changes as a file: patient, place of the instrument, moment and both ends."""
    tables = [
        pa.table(
            {
                "patient": np.array(ids, np.int64)[found.patient],
                "place": found.instrument,
                "moment": np.maximum(found.moment, BEGINNING),
                "low": found.low,
                "high": found.high,
            }
        )
        for ids, found in parts
    ]
    parquet.write_table(pa.concat_tables(tables), out)
    return sum(map(len, tables))


def whole_run(folder: Path, names: tuple[str, ...], form: str, *, workers: int, fast: bool) -> int:
    """Reading, evaluating and writing every table."""
    into = folder / "run"
    shutil.rmtree(into, ignore_errors=True)
    chosen = [instrument(name) for name in names]
    finished = run(source(folder, form), chosen, into, workers=workers, fast=fast)
    shutil.rmtree(into)
    return int(finished.about["tables"]["assessments"])


def rows_of(folder: Path, form: str) -> int:
    return number_of_rows(str(folder / form))
