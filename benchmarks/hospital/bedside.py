"""One patient with 2,000 facts, every instrument: the whole timeline at once, and fact by fact as a ward adds them."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from run import write_patient

from stormwatch.engines.columnar.changes import changes
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.engines.columnar.monitor import Monitor
from stormwatch.engines.columnar.passes import Passes
from stormwatch.engines.columnar.plan import Plan
from stormwatch.facts import Timeline, usable_from
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.sources import read

_TURNS = 41


def patient() -> Timeline:
    with tempfile.TemporaryDirectory() as folder:
        write_patient(Path(folder) / "patient.csv")
        return read(Path(folder) / "patient.csv")


def plan() -> Plan:
    return Plan([instrument(name) for name in shipped()])


def whole_timeline(passes: Passes) -> dict[str, float]:
    """Milliseconds for all changes of all instruments, warm."""
    facts, units = facts_of([patient()]), plan()
    work = partial(changes, facts, units, passes=passes)
    work()
    spent = sorted(_milliseconds(work) for _ in range(_TURNS))
    return {"rows": len(facts), "median_ms": median(spent), "least_ms": spent[0]}


def fact_by_fact() -> dict[str, float]:
    """Milliseconds for one more fact through the ward monitor, over the whole stay; the second stay is told."""
    timeline, units = patient(), plan()
    facts = sorted(timeline.facts, key=usable_from)
    for _ in range(2):
        monitor = Monitor(timeline.patient, units)
        spent = sorted(_milliseconds(partial(monitor.add, fact)) for fact in facts)
    return {"rows": len(facts), "median_ms": median(spent), "most_ms": spent[len(spent) * 99 // 100]}


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
