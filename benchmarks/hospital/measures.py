"""Everything that is measured, by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hospital import bedside, ours, pandas_loop, spark, sql
from stormwatch.engines.columnar.fast import compiled_passes
from stormwatch.engines.columnar.passes import NUMPY

CHANGES, MOMENTS, ROWS = "changes", "moments", "rows"
ACES, PANDAS = "ACES", "pandas loop"
OURS = "A, NumPy"
"""Whose answers the peers are compared with."""

Work = Callable[[Path, "Path | None"], "int | dict[str, float]"]


@dataclass(frozen=True, slots=True)
class Measure:
    """``asked``: on what an answer is compared with ours (empty: it is not). ``tree``: it starts processes.

    ``warm``: it is ours, and definitions are read and compiled loops loaded before the clock starts.

    ``rows`` names the record whose observations are counted. ``once``: one turn is enough. Without ``work`` another
    Python does it.
    """

    name: str
    work: Work | None
    asked: str = ""
    rows: str = "sorted"
    tree: bool = False
    once: bool = False
    warm: bool = False


def measures(sample: int) -> dict[str, Measure]:
    """All of them in the order in which they are run; ``sample``: patients of the pandas loop."""
    found = [*_bounds(), *_workloads(), *_peers(sample), *_large(), *_bedside(), *_spark()]
    return {measure.name: measure for measure in found}


def _bounds() -> list[Measure]:
    """What cannot be beaten: reading the file, and sorting it."""
    return [
        Measure("scan, sorted", lambda folder, out: sql.scan(folder, "sorted", out)),
        Measure("scan, shuffled", lambda folder, out: sql.scan(folder, "shuffled", out)),
        Measure("scan and sort, shuffled", lambda folder, out: sql.scan_and_sort(folder, "shuffled", out)),
    ]


def _workloads() -> list[Measure]:
    return [
        _evaluated(OURS, ours.A, "sorted", fast=False),
        _evaluated("A, numba", ours.A, "sorted", fast=True),
        _evaluated("A, NumPy, two processes", ours.A, "sorted", fast=False, workers=2),
        _evaluated("A, numba, two processes", ours.A, "sorted", fast=True, workers=2),
        _evaluated("A shuffled, NumPy", ours.A, "shuffled", fast=False),
        _evaluated("A shuffled, numba", ours.A, "shuffled", fast=True),
        _evaluated("A shuffled, numba, two processes", ours.A, "shuffled", fast=True, workers=2),
        _run("A whole run, one process", ours.A, "sorted", workers=1),
        _run("A whole run, two processes", ours.A, "sorted", workers=2),
        _run("A whole run, shuffled", ours.A, "shuffled", workers=2),
        _evaluated("B, NumPy", ours.B, "sorted", fast=False),
        _evaluated("B, numba", ours.B, "sorted", fast=True),
        _run("B whole run, two processes", ours.B, "sorted", workers=2),
    ]


def _peers(sample: int) -> list[Measure]:
    return [
        Measure("DuckDB delta sweep", sql.delta_sweep, CHANGES),
        Measure("DuckDB mask frames", sql.mask_frames, MOMENTS),
        Measure("DuckDB self join", sql.self_join, MOMENTS),
        Measure(ACES, None, MOMENTS),
        Measure(PANDAS, partial(pandas_loop.loop, patients=sample), MOMENTS, once=True),
    ]


def _large() -> list[Measure]:
    return [
        _evaluated("A large, NumPy", ours.A, "large", fast=False),
        _evaluated("A large, numba", ours.A, "large", fast=True),
        _run("A large whole run, two processes", ours.A, "large", workers=2),
    ]


def _bedside() -> list[Measure]:
    works: dict[str, Work] = {
        "one patient, NumPy": lambda folder, out: bedside.whole_timeline(NUMPY),
        "one patient, numba": lambda folder, out: bedside.whole_timeline(compiled_passes()),
        "one patient, monitor": lambda folder, out: bedside.fact_by_fact(),
    }
    return [Measure(name, work, once=True, warm=True) for name, work in works.items()]


def _spark() -> list[Measure]:
    return [
        Measure("Spark scan and sort", lambda folder, out: spark.scan_and_sort(folder), tree=True),
        Measure("Spark whole run", lambda folder, out: spark.whole_run(folder), tree=True, warm=True),
    ]


def _evaluated(name: str, instruments: tuple[str, ...], form: str, *, fast: bool, workers: int = 1) -> Measure:
    def work(folder: Path, out: Path | None) -> int:
        return ours.evaluated(folder, instruments, form, out, fast=fast, workers=workers)

    asked = ROWS if name != OURS and instruments == ours.A and form != "large" else ""
    return Measure(name, work, asked, rows=form, tree=workers > 1, warm=True)


def _run(name: str, instruments: tuple[str, ...], form: str, *, workers: int) -> Measure:
    def work(folder: Path, out: Path | None) -> int:
        return ours.whole_run(folder, instruments, form, workers=workers, fast=True)

    return Measure(name, work, rows=form, tree=workers > 1, warm=True)


def why_not(measure: Measure, *, aces: str, large: bool) -> str:
    """Why something cannot be measured here; empty where it can."""
    if measure.rows == "large" and not large:
        return "not asked for: --large"
    if measure.name == ACES and not (aces and shutil.which(aces)):
        return "not here: python -m venv PEERS && PEERS/bin/pip install es-aces==0.7.3, then --aces PEERS/bin/python"
    if measure.name.startswith("Spark") and not shutil.which("java"):
        return "not here: Java 17 or later"
    return ""
