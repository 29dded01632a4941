"""How fast the columnar engine is: rows a second and peak memory, with NumPy alone and with numba.

The data are made here, in columns: patients whose 15 signals are measured in panels, with heavy-tailed activity.
Workload A is HLH-2004 and HScore, workload B every instrument.

    python benchmarks/columnar.py [--patients 100000] [--workload A|B|one] [--engine numpy|numba] [--seed 1]

``one`` is a single patient with 2,000 facts, every instrument: the whole timeline at once, and fact by fact.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from run import write_patient

from stormwatch.engines.columnar.changes import batched, changes
from stormwatch.engines.columnar.facts import MEASUREMENT, UNBORN, Facts, People
from stormwatch.engines.columnar.fast import compiled_passes
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.engines.columnar.monitor import Monitor
from stormwatch.engines.columnar.passes import NUMPY, Passes
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.times import NEVER
from stormwatch.facts import usable_from
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.sources import read

# name, centre, spread (log), decimals, share of panels that hold it
SIGNALS = (
    ("temperature", 37.6, 0.02, 1, 0.9),
    ("haemoglobin", 10.0, 0.2, 1, 0.35),
    ("platelets", 150.0, 0.7, 0, 0.35),
    ("neutrophils", 3.0, 0.8, 2, 0.3),
    ("wbc", 6.0, 0.6, 1, 0.35),
    ("ferritin", 400.0, 1.5, 0, 0.06),
    ("triglycerides", 150.0, 0.5, 0, 0.05),
    ("fibrinogen", 300.0, 0.4, 0, 0.08),
    ("sil2r", 1500.0, 1.0, 0, 0.01),
    ("ast", 35.0, 0.9, 0, 0.2),
    ("alt", 35.0, 0.9, 0, 0.2),
    ("ldh", 260.0, 0.5, 0, 0.1),
    ("creatinine", 1.0, 0.5, 2, 0.3),
    ("bilirubin_total", 0.8, 0.8, 1, 0.2),
    ("crp", 30.0, 1.3, 1, 0.2),
)
_MINUTE = 60_000_000
_START = 1_700_000_000_000_000


def made(patients: int, seed: int) -> Facts:
    """About 106 observations a patient, of 15 signals, at about 33 moments."""
    chance = np.random.default_rng(seed)
    panels = np.maximum(1, chance.lognormal(2.95, 1.0, patients).astype(np.int64))
    patient = np.repeat(np.arange(patients), panels)
    gaps = chance.lognormal(5.5, 1.2, len(patient)).astype(np.int64) + 1
    elapsed = np.cumsum(gaps)
    minute = elapsed - np.repeat(elapsed[np.cumsum(panels) - panels] - gaps[np.cumsum(panels) - panels], panels)
    moment = _START + minute * _MINUTE
    held = chance.random((len(patient), len(SIGNALS))) < np.array([share for *_, share in SIGNALS])
    row, code = np.nonzero(held)
    low = np.empty(len(row))
    for place, (_, centre, spread, decimals, _) in enumerate(SIGNALS):
        here = code == place
        low[here] = np.round(centre * np.exp(spread * chance.standard_normal(here.sum())), decimals)
    names = tuple((MEASUREMENT, name) for name, *_ in SIGNALS)
    unsaid = np.zeros(patients, np.bool_)
    people = People(
        born_first=np.full(patients, UNBORN),
        born_last=np.full(patients, UNBORN),
        sex=np.zeros(patients, np.int8),
        death=np.full(patients, NEVER),
        findings_complete=unsaid,
        exposures_complete=unsaid,
    )
    return Facts(
        names=names, people=people, patient=patient[row], usable=moment[row], code=code.astype(np.int64), low=low
    )


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, default=100_000)
    asked.add_argument("--workload", choices=["A", "B", "one"], default="A")
    asked.add_argument("--engine", choices=["numpy", "numba"], default="numpy")
    asked.add_argument("--rows", type=int, default=None)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--times", type=int, default=3)
    given = asked.parse_args()
    if given.workload == "one":
        one_patient(compiled_passes() if given.engine == "numba" else NUMPY)
        return
    facts = made(given.patients, given.seed)
    names = ["hlh-2004", "hscore"] if given.workload == "A" else list(shipped())
    made_of = f"{len(names)} instruments, {given.patients:,} patients, {len(facts):,} observations"
    print(f"workload {given.workload}, {given.engine}: {made_of}")
    before = _peak()
    passes = compiled_passes() if given.engine == "numba" else NUMPY
    plan = Plan([instrument(name) for name in names])
    for turn in range(given.times):
        start, worked = time.perf_counter(), time.process_time()
        rows = sum(len(part) for part in batched(facts, plan, passes=passes, rows=given.rows))
        spent = time.perf_counter() - start
        worked = time.process_time() - worked
        rate = len(facts) / spent / 1e6
        took = f"{spent:6.2f} s ({worked:.2f} s of processor)"
        print(f"  run {turn + 1}: {took}  {rate:6.2f} M observations/s  {rows:,} changes")
    print(f"  peak memory {_peak():.2f} GB, of which before the first run {before:.2f} GB")


def one_patient(passes: Passes) -> None:
    """The whole timeline of one patient, and every fact as a ward would add it."""
    with tempfile.TemporaryDirectory() as folder:
        write_patient(Path(folder) / "patient.csv")
        timeline = read(Path(folder) / "patient.csv")
    plan = Plan([instrument(name) for name in shipped()])
    facts = facts_of([timeline])
    whole = _times(lambda: changes(facts, plan, passes=passes), 21)
    print(f"one patient, {len(facts):,} facts, {len(shipped())} instruments, warm")
    print(f"  whole timeline: median {whole[10]:.1f} ms (least {whole[0]:.1f})")
    for _ in range(2):
        monitor = Monitor(timeline.patient, plan)
        spent = sorted(_once(partial(monitor.add, fact)) for fact in sorted(timeline.facts, key=usable_from))
    middle, most = spent[len(spent) // 2], spent[len(spent) * 99 // 100]
    print(f"  one more fact: median {middle:.3f} ms, 99 of 100 under {most:.3f} ms")


def _times(work: Callable[[], object], times: int) -> list[float]:
    work()
    return sorted(_once(work) for _ in range(times))


def _once(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
