"""What `make bench` prints: how long the main job takes on this machine.

Each figure is the median of several runs, with the spread. The patient is made here: 2,000 facts over 30 days, the
tests of a hyperinflammation work-up at the intervals a ward takes them.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

FACTS = 2000
START = datetime(2024, 1, 1, tzinfo=UTC)
# name, unit, centre, spread, hours between two results
SIGNALS = (
    ("temperature", "Cel", 38.0, 1.0, 4),
    ("systolic blood pressure", "mm[Hg]", 105, 15, 4),
    ("heart rate", "/min", 95, 15, 4),
    ("WBC", "10*9/L", 3.0, 1.5, 12),
    ("haemoglobin", "g/dL", 9.0, 1.0, 12),
    ("platelets", "10*9/L", 90, 40, 12),
    ("neutrophils", "10*9/L", 1.2, 0.6, 12),
    ("AST", "U/L", 80, 60, 12),
    ("ALT", "U/L", 80, 60, 12),
    ("bilirubin", "mg/dL", 1.2, 0.8, 12),
    ("LDH", "U/L", 500, 200, 12),
    ("creatinine", "mg/dL", 1.0, 0.3, 12),
    ("CRP", "mg/L", 80, 50, 12),
    ("ferritin", "ng/mL", 6000, 4000, 12),
    ("fibrinogen", "mg/dL", 220, 80, 12),
    ("triglycerides", "mg/dL", 250, 80, 24),
)


def main() -> None:
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "patient.csv"
        write_patient(path)
        processes(path)
        inside(path)
    course()


def write_patient(path: Path) -> None:
    """One patient as a long table."""
    chance = random.Random(1)
    rows = itertools.islice(_rows(chance), FACTS)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("patient_id", "time", "name", "value", "unit", "low", "high"))
        writer.writerows(rows)


def _rows(chance: random.Random) -> itertools.chain[tuple[object, ...]]:
    def at(hours: int) -> list[tuple[object, ...]]:
        moment = (START + timedelta(hours=hours)).isoformat()
        due = [signal for signal in SIGNALS if hours % signal[4] == 0]
        return [("bench", moment, n, round(abs(chance.gauss(c, s)), 1), u, c / 2, c) for n, u, c, s, _ in due]

    return itertools.chain.from_iterable(map(at, itertools.count()))


def processes(path: Path) -> None:
    """Whole processes, from the command to its last line."""
    print("\nWhole processes")
    show("stormwatch --help", lambda: _run("--help"), 11)
    chosen = [part for name in ("hscore", "hlh-2004", "ohi", "crs-astct") for part in ("--instrument", name)]
    show(f"assess one patient with {FACTS:,} facts, four instruments", lambda: _run("assess", path, *chosen), 7)
    show(f"assess one patient with {FACTS:,} facts, all instruments", lambda: _run("assess", path), 7)


def inside(path: Path) -> None:
    """Inside one process, per instrument, every input computed anew."""
    import stormwatch as sw
    from stormwatch.engines.readings import Readings
    from stormwatch.engines.reference import track

    print("\nInside one process")
    show("read the table", lambda: sw.read(path), 7)
    timeline = sw.read(path)
    assert len(timeline.facts) == FACTS
    assert timeline.end is not None
    end = timeline.end
    for name in sw.catalogue():
        instrument = sw.instrument(name)
        moments = len(track(instrument, Readings(timeline), end).moments)
        show(f"{name} ({moments} changes)", lambda i=instrument: track(i, Readings(timeline), end), 5)


def course() -> None:
    """The course of a patient with a long stay: many doses of many drugs beside the values of a monitor."""
    import stormwatch as sw
    from stormwatch import terms
    from stormwatch.testing.records import given, measured, record

    drugs = sorted(terms.drugs())
    names = ("temperature", "ferritin", "platelets", "crp")
    values = [measured(names[n % 4], 30 + n * 7919 % 60, n / 20) for n in range(28_000)]
    doses = [given(drugs[n % len(drugs)], n / 15) for n in range(22_000)]
    stay = record([*values, *doses, given("blinatumomab", 0)])
    print("\nA long stay")
    show("follow 50,001 facts, 22,001 of them doses", lambda: sw.follow(stay, suspect="blinatumomab"), 1)


def show(what: str, work: Callable[[], object], times: int) -> None:
    """Run something several times and print the median and the spread."""
    work()
    spent = [_timed(work) for _ in range(times)]
    low, middle, high = min(spent), statistics.median(spent), max(spent)
    print(f"  {what:<62} {middle * 1000:8.1f} ms   ({low * 1000:.1f} to {high * 1000:.1f})")
    RESULTS.append({"what": what, "median_ms": round(middle * 1000, 2)})


RESULTS: list[dict[str, object]] = []


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(*arguments: object) -> None:
    command = [sys.executable, "-m", "stormwatch", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    main()
    if "--json" in sys.argv:
        print(json.dumps(RESULTS))
