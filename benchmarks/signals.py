"""What `make bench-signals` prints: how long it takes from reports to all measures for all pairs.

    python benchmarks/signals.py 1e5 1e6 [--peer PYTHON] [--engine numpy|numba]

The reports are made here: 5,000 drugs and 15,000 events of Zipf-Mandelbrot popularity, about 3 drugs and 2.7 events
per report, each drug with a profile of its own over 1,500 groups of events, and 600 planted pairs. PYTHON is the
interpreter of an environment with vigipy; the same pairs are given to it, and its ratios and EBGM are compared before
its time is. Each size runs in a process of its own, so that the peak of memory is its own too.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stormwatch.signals.counts import Counts, Mentions, count
from stormwatch.signals.measures.fit import fit_prior
from stormwatch.signals.measures.frequentist import prr, ror
from stormwatch.signals.measures.holdout import hold_out
from stormwatch.signals.measures.prior import Posterior, Prior
from stormwatch.signals.measures.quantiles import quantile
from stormwatch.signals.measures.screen import screen
from stormwatch.signals.measures.tables import Tables

DRUGS, EVENTS, GROUPS, PLANTED = 5_000, 15_000, 1_500, 600
SPREAD = 0.15
PART = 500_000
Floats = NDArray[np.float64]


def main() -> None:
    options = _options()
    if options.one:
        run(int(float(options.reports[0])), options.engine, options.peer)
        return
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, {os.cpu_count()} cores")
    for reports in options.reports:
        peer = ["--peer", options.peer] if options.peer else []
        subprocess.run([sys.executable, __file__, reports, "--one", "--engine", options.engine, *peer], check=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", nargs="*", default=["1e5", "1e6"], help="numbers of reports, as 1e6")
    parser.add_argument("--peer", default=os.environ.get("STORMWATCH_BENCH_PEER"), help="a Python that has vigipy")
    parser.add_argument("--engine", default="auto", choices=["auto", "numpy", "numba"])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def run(reports: int, engine: str, peer: str | None) -> None:
    drugs, events = generate(reports)
    print(f"\n{reports:,} reports, {len(drugs.item):,} drug and {len(events.item):,} event rows")
    warm(engine)
    print(f"{'step':<32}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}")
    begun = time.perf_counter(), time.process_time()
    with timed("count"):
        counts = count(drugs, events, n_drugs=DRUGS, n_events=EVENTS, reports=reports, engine=engine)  # type: ignore[arg-type]
    with timed("fit prior, zeros included"):
        fit = fit_prior(counts)
    with timed("all measures"):
        found = screen(counts, prior=fit, check_cover=False)
    wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
    print(f"{'together':<32}{wall:>9.2f}{cpu:>9.2f}{_peak():>9,.0f}")
    with timed("hold-out cover (a second fit)"):
        cover = hold_out(counts)
    theta = " ".join(f"{value:.4f}" for value in fit.prior.theta)
    print(f"{len(counts):,} pairs, {cpu / len(counts) * 1e6:.2f} CPU s per million; theta {theta}")
    print(
        f"90 % interval covers {cover.inside:.3f} ± {cover.error:.3f}; EB05 >= 2: {np.sum(found['eb05'] >= 2):,} pairs"
    )
    if peer:
        compare(drugs, events, counts, cpu, peer)


def warm(engine: str) -> None:
    """Compile before the clock starts."""
    few = Mentions(np.array([1, 1], np.int32), np.array([1, 0], np.int32))
    count(few, few, engine="numpy" if engine == "numpy" else "numba")


@contextmanager
def timed(step: str) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{step:<32}{time.perf_counter() - wall:>9.2f}{time.process_time() - cpu:>9.2f}{_peak():>9,.0f}", flush=True)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- the reports ---------------------------------------------------------------------------------------------------


def generate(reports: int, seed: int = 1) -> tuple[Mentions, Mentions]:
    """Rows sorted by report, items within a report in no order, some twice, as databases have them."""
    chance = np.random.default_rng(seed)
    world = _World(np.random.default_rng(0))
    parts = [world.reports(chance, first, min(PART, reports - first)) for first in range(0, reports, PART)]
    columns = [np.concatenate([part[k] for part in parts]) for k in range(4)]
    return Mentions(columns[0], columns[1]), Mentions(columns[2], columns[3])


class _World:
    """Popularity, profiles and planted pairs: the same for every number of reports."""

    def __init__(self, chance: np.random.Generator) -> None:
        self.drug = np.cumsum(_popularity(DRUGS, 12.0, 1.15))
        popularity = _popularity(EVENTS, 30.0, 1.25)
        group = chance.integers(0, GROUPS, EVENTS)
        order = np.argsort(group, kind="stable")
        self.events, sizes = order, np.bincount(group, weights=popularity, minlength=GROUPS)
        self.within = np.cumsum(popularity[order])
        edges = np.concatenate(([0.0], self.within))[np.searchsorted(group[order], np.arange(GROUPS + 1))]
        self.group_low, self.group_high = edges[:-1], edges[1:]
        weights = chance.gamma(SPREAD, 1 / SPREAD, (DRUGS, GROUPS)) * sizes
        self.profile = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
        self.profile += np.arange(DRUGS)[:, None]
        self.popularity = popularity
        self.planted = [
            (int(d), int(e), float(x))
            for d, e, x in zip(
                chance.integers(0, 1500, PLANTED),
                chance.integers(50, 4000, PLANTED),
                np.exp(chance.uniform(np.log(1.5), np.log(20), PLANTED)),
                strict=True,
            )
        ]

    def reports(self, chance: np.random.Generator, first: int, many: int) -> tuple[NDArray[np.int32], ...]:
        drugs_each = 1 + chance.negative_binomial(1.2, 1.2 / (1.2 + 1.97), many)
        events_each = 1 + chance.negative_binomial(1.5, 1.5 / (1.5 + 1.66), many)
        drug_report = np.repeat(np.arange(many), drugs_each)
        drug = np.searchsorted(self.drug, chance.random(len(drug_report)) * self.drug[-1])
        main = drug[np.cumsum(drugs_each) - drugs_each]
        event_report = np.repeat(np.arange(many), events_each)
        event = self._events(chance, main[event_report])
        extra_report, extra = self._planted(chance, drug_report, drug)
        event_report, event = np.concatenate((event_report, extra_report)), np.concatenate((event, extra))
        order = np.argsort(event_report, kind="stable")
        columns = drug_report + first, drug, event_report[order] + first, event[order]
        return tuple(column.astype(np.int32) for column in columns)

    def _events(self, chance: np.random.Generator, drug: NDArray[np.int64]) -> NDArray[np.int64]:
        place = np.searchsorted(self.profile.ravel(), drug + chance.random(len(drug)))
        group = np.clip(place - drug * GROUPS, 0, GROUPS - 1)
        low, high = self.group_low[group], self.group_high[group]
        return self.events[
            np.minimum(np.searchsorted(self.within, low + chance.random(len(drug)) * (high - low)), EVENTS - 1)
        ]

    def _planted(
        self, chance: np.random.Generator, report: NDArray[np.int64], drug: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(drug, kind="stable")
        edges = np.searchsorted(drug[order], np.arange(DRUGS + 1))
        found: list[tuple[NDArray[np.int64], int]] = []
        for planted, event, rate in self.planted:
            rows = order[edges[planted] : edges[planted + 1]]
            usual = 2.66 * self.popularity[event] / self.popularity.sum()
            found.append((report[rows[chance.random(len(rows)) < min(1.0, (rate - 1) * usual)]], event))
        reports = [rows for rows, _ in found]
        return np.concatenate(reports), np.repeat([event for _, event in found], [len(rows) for rows in reports])


def _popularity(items: int, shift: float, power: float) -> Floats:
    weights: Floats = (np.arange(items) + shift) ** -power
    return weights / weights.sum()


# --- the peer ------------------------------------------------------------------------------------------------------

PEER = """
import sys, time, warnings
import numpy as np, pandas as pd
warnings.simplefilter("ignore")
from vigipy import bcpnn, convert, gps, prr, ror
given = np.load(sys.argv[1])
begun = time.process_time()
steps = {}
def step(name, call):
    start = time.process_time()
    answer = call()
    steps[name] = time.process_time() - start
    return answer
def counted():
    drugs = pd.DataFrame({"report": given["drug_report"], "name": given["drug"]}).drop_duplicates()
    events = pd.DataFrame({"report": given["event_report"], "AE": given["event"]}).drop_duplicates()
    return drugs.merge(events, on="report").groupby(["name", "AE"]).size().reset_index(name="count")
frame = step("count (pandas)", counted)
data = step("convert", lambda: convert(frame))
a = step("prr", lambda: prr(data, min_events=1, continuity_correction=False))
b = step("ror", lambda: ror(data, min_events=1, continuity_correction=False))
step("bcpnn", lambda: bcpnn(data, min_events=1))
c = step("gps", lambda: gps(data, min_events=1))
total = time.process_time() - begun
def table(result, column):
    t = result.all_signals
    key = t["Product"].to_numpy().astype(np.int64) * 1000000 + t["Adverse Event"].to_numpy().astype(np.int64)
    order = np.argsort(key)
    return key[order], t[column].to_numpy()[order]
key, p = table(a, "PRR"); _, r = table(b, "ROR"); _, g = table(c, "EBGM"); _, low = table(c, "LowerBound")
np.savez(sys.argv[2], key=key, prr=p, ror=r, ebgm=g, eb05=low, theta=np.asarray(c.param["prior_param"], float),
         total=total, steps=list(steps.values()), names=list(steps), message=str(c.param.get("convergence")))
"""


def compare(drugs: Mentions, events: Mentions, counts: Counts, cpu: float, peer: str) -> None:
    """vigipy takes counted pairs, so pandas counts the reports for it. It sums pairs: its margins are mentions."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "pairs.npz", Path(folder) / "answer.npz"
        rows = {"drug_report": drugs.report, "drug": drugs.item, "event_report": events.report, "event": events.item}
        np.savez(given, **rows)
        subprocess.run([peer, "-c", PEER, str(given), str(answer)], check=True)
        theirs = dict(np.load(answer))
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in zip(theirs["names"], theirs["steps"], strict=True))
    print(f"vigipy on the same rows: {float(theirs['total']):.1f} CPU s ({steps}); its fit: {theirs['message']}")
    agree(counts, theirs)
    print(f"ratio of CPU seconds (ours adds chi-squared, Yates, p and q): {float(theirs['total']) / cpu:.1f}")


def agree(counts: Counts, theirs: dict[str, NDArray[np.generic]]) -> None:
    """Largest relative difference on the pairs, at its margins and its prior."""
    summed = Counts(
        counts.pair_drug,
        counts.pair_event,
        counts.n,
        np.bincount(counts.pair_drug, counts.n, len(counts.drug_n)).astype(np.int64),
        np.bincount(counts.pair_event, counts.n, len(counts.event_n)).astype(np.int64),
        int(counts.n.sum()),
        unit="mention",
    )
    key = counts.pair_drug.astype(np.int64) * 1_000_000 + counts.pair_event
    if not np.array_equal(key, theirs["key"]):
        raise SystemExit("vigipy answered for other pairs: not compared")
    tables = Tables.from_counts(summed, counts.pair_drug, counts.pair_event, counts.n)
    posterior = Posterior.of(Prior(*(float(x) for x in theirs["theta"])), counts.n, tables.expected)
    some = np.arange(0, len(counts), max(1, len(counts) // 20_000))
    part = Posterior(posterior.prior, posterior.n[some], posterior.expected[some], posterior.weight[some])
    _report("PRR", prr(tables).value, theirs["prr"])
    _report("ROR", ror(tables).value, theirs["ror"])
    _report("EBGM at its prior", posterior.ebgm, theirs["ebgm"])
    _report("EB05 at its prior", quantile(part, 0.05), theirs["eb05"][some])


def _report(name: str, ours: Floats, theirs: NDArray[np.generic]) -> None:
    both = np.isfinite(ours) & np.isfinite(theirs.astype(np.float64))
    difference = np.abs(ours[both] / theirs[both].astype(np.float64) - 1)
    print(f"  {name}: largest relative difference {difference.max():.1e} over {both.sum():,} pairs")


if __name__ == "__main__":
    main()
