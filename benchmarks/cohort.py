"""How fast a cohort run is, beside what others do on the same data; answers are checked equal before a time counts.

Workload A is HLH-2004 and HScore on the worst value of 72 h, at every moment an answer can change; workload B is every
instrument. The peers answer the full workload A, with both ends of what is open: at every change (delta sweep) or at
every moment with a new fact (all others). Ours is compared with each, patient by patient and to the microsecond.

    python benchmarks/cohort.py CACHE [--patients 100000] [--turns 3] [--large] [--only NAME ...] [--resume]
        [--aces PEERS/bin/python] [--pandas 300] [--seed 1]

CACHE is a folder outside the repository for the data (about 1.5 kB a patient; --large: ten times the patients, about
5 kB a patient more), kept for the next time. ACES has libraries of its own and so needs a Python of its own, named by
--aces or by STORMWATCH_BENCH_ACES. Each measure runs in a process of its own, so that its peak memory is its own.
Before the clock starts, libraries are imported, definitions read and compiled loops loaded.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from hospital import data, figures
from hospital.measures import PANDAS, Measure, measures
from hospital.ours import rows_of, warm
from hospital.process import timed
from hospital.session import Session


def main() -> None:
    given = _asked()
    if given.one:
        _one(given)
        return
    folder = (given.cache / f"cohort-{given.patients}-{given.seed}").resolve()
    if given.prepare:
        data.prepared(folder, given.patients, given.seed, large=given.large)
        return
    subprocess.run([sys.executable, *sys.argv, "--prepare"], check=True)  # memory of its own
    print(f"{given.patients:,} patients, {rows_of(folder, 'sorted'):,} observations, best of {given.turns}; {_load()}")
    session = Session(folder, given.turns, given.pandas, given.aces, given.large)
    if given.resume:
        session.take_up()
    _measure(session, given)
    _table(session)


def _measure(session: Session, given: argparse.Namespace) -> None:
    chosen = session.chosen(given.only)
    todo = {one.name for one in chosen if "seconds" not in session.results.get(one.name, {})}
    if any(one.asked and one.name in todo for one in chosen):
        session.answer_kept()
    for measure in chosen:
        found = session.measured(measure) if measure.name in todo else session.results[measure.name]
        print(_line(measure, found, given.patients), flush=True)


def _line(measure: Measure, found: dict[str, Any], patients: int) -> str:
    if "failed" in found:
        return f"  {measure.name:34} {found['failed']}"
    if "median_ms" in found:
        most = f", 99 of 100 under {found['most_ms']:.2f} ms" if "most_ms" in found else ""
        return f"  {measure.name:34} {found['median_ms']:8.2f} ms median{most}"
    rate = 1e-6 / found["per_row"]
    said = "; ".join(filter(None, [found.get("said", ""), _whole(measure, found, patients)]))
    return f"  {measure.name:34} {found['seconds']:8.2f} s {rate:9.3f} M rows/s {found['peak']:6.2f} GB  {said}"


def _whole(measure: Measure, found: dict[str, Any], patients: int) -> str:
    """The pandas loop does some patients; what it would take for all is not measured."""
    if measure.name != PANDAS or not found.get("sample"):
        return ""
    whole = found["seconds"] * patients / found["sample"]
    return f"the first {found['sample']:,} patients; scaled to all: {whole:,.0f} s"


def _table(session: Session) -> None:
    rows = list(figures.rows(session.results))
    print(f"\n{'figure':50} {'target':>15} {'reached':>12}  enough; {_load()}")
    for row in rows:
        print(f"{row.text:50} {row.asked:>15} {row.reached:>12}  {row.verdict}")
    counts = [sum(row.verdict == verdict for row in rows) for verdict in ("yes", "no", "not measured")]
    print("{} yes, {} no, {} not measured".format(*counts))


def _load() -> str:
    return f"load of the machine {os.getloadavg()[0]:.1f}"


def _one(given: argparse.Namespace) -> None:
    """One measure, in this process."""
    measure = measures(given.pandas)[given.one]
    assert measure.work is not None, "this one needs another Python"
    if measure.warm:
        warm()
    timed(partial(measure.work, given.cache, given.keep))


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("cache", type=Path)
    asked.add_argument("--patients", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--turns", type=int, default=3)
    asked.add_argument("--pandas", type=int, default=300, help="patients of the pandas loop")
    asked.add_argument("--aces", default=os.environ.get("STORMWATCH_BENCH_ACES", ""), help="a Python that has es-aces")
    asked.add_argument("--large", action="store_true", help="ten times the patients, too")
    asked.add_argument("--only", nargs="*", default=[], help="parts of names")
    asked.add_argument("--resume", action="store_true", help="take up what an earlier run has measured")
    asked.add_argument("--one", default="", help=argparse.SUPPRESS)
    asked.add_argument("--keep", type=Path, help=argparse.SUPPRESS)
    asked.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    return asked.parse_args()


if __name__ == "__main__":
    main()
