"""Does the 90 % interval hold 90 %? The prior is fitted on one half, and predicts the other.

A prior that fits its own data can still be wrong about data to come. Half of the information is kept back; each pair's
posterior from the first half predicts its count in the second. With a right prior the second count lies in the 90 %
prediction interval for 90 % of the pairs. (The ends are drawn at random within a count, as is usual for discrete
predictions; so the aim is exactly 90 %.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from stormwatch.signals.counts import Counts, Engine, Mentions, count
from stormwatch.signals.measures import stratified
from stormwatch.signals.measures.fit import fit_prior
from stormwatch.signals.measures.prior import Posterior, Prior
from stormwatch.signals.measures.tables import Floats

THINNING = "binomial thinning: each pair's reports go to either half at random; margins halve"
SPLIT = "reports go to either half at random"
SAMPLE = 200_000
"""Pairs checked at most; drawn at random."""


@dataclass(frozen=True, slots=True)
class Cover:
    """The share of pairs whose second count lay inside, below and above its prediction interval."""

    level: float
    inside: float
    below: float
    above: float
    pairs: int
    split: str

    @property
    def error(self) -> float:
        """Standard error of ``inside``, as if pairs were independent."""
        return float(np.sqrt(self.inside * (1 - self.inside) / max(self.pairs, 1)))


UNKNOWN = Cover(0.90, np.nan, np.nan, np.nan, 0, "not known: no prior could be fitted to half of the data")


def hold_out(counts: Counts, strata: Sequence[Counts] = (), *, level: float = 0.90, seed: int = 1) -> Cover:
    """Cover by thinning the counts; needs no reports. Raises ``NotConverged`` as the fit does."""
    chance = np.random.default_rng(seed)
    first = chance.binomial(counts.n, 0.5)
    seen = first > 0
    # Both halves expect half as much, so halving can be left to the fitted rate.
    half = replace(counts, pair_drug=counts.pair_drug[seen], pair_event=counts.pair_event[seen], n=first[seen])
    prior = fit_prior(half, strata).prior
    chosen = _sample(len(half), chance)
    drug, event = half.pair_drug[chosen], half.pair_event[chosen]
    expected = stratified.expected(strata or (counts,), drug, event)
    later = counts.n[seen][chosen] - half.n[chosen]
    return cover(prior, (half.n[chosen], expected), (later, expected), level=level, seed=seed, split=THINNING)


def hold_out_reports(
    drugs: Mentions, events: Mentions, *, level: float = 0.90, seed: int = 1, engine: Engine = "auto"
) -> Cover:
    """Cover by splitting the reports: stricter, as the pairs of one report stay together."""
    chance = np.random.default_rng(seed)
    reports = np.union1d(drugs.reports, events.reports)
    in_first = chance.random(len(reports)) < 0.5
    sizes = {"n_drugs": int(drugs.item.max()) + 1, "n_events": int(events.item.max()) + 1}
    halves = [
        count(drugs.within(part), events.within(part), reports=len(part), engine=engine, **sizes)
        for part in (reports[in_first], reports[~in_first])
    ]
    first, second = halves
    prior = fit_prior(first).prior
    chosen = _sample(len(first), chance)
    drug, event = first.pair_drug[chosen], first.pair_event[chosen]
    now = first.n[chosen], first.expected(drug, event)
    then = second.look_up(drug, event), second.expected(drug, event)
    return cover(prior, now, then, level=level, seed=seed, split=SPLIT)


def cover(
    prior: Prior,
    seen: tuple[NDArray[np.int64], Floats],
    later: tuple[NDArray[np.int64], Floats],
    *,
    level: float,
    seed: int,
    split: str,
) -> Cover:
    """How often ``later`` counts (count, expected) lie in the interval predicted from those ``seen``."""
    posterior = Posterior.of(prior, *seen)
    usable = np.isfinite(posterior.weight) & (later[1] > 0)
    at_most, below_it = (_predicted(posterior, later[0] - less, later[1]) for less in (0, 1))
    place = below_it + np.random.default_rng(seed).random(len(at_most)) * (at_most - below_it)
    tail, place = (1 - level) / 2, place[usable]
    below, above = float(np.mean(place < tail)), float(np.mean(place > 1 - tail))
    return Cover(level, 1 - below - above, below, above, len(place), split)


def _predicted(posterior: Posterior, n: NDArray[np.int64], expected: Floats) -> Floats:
    """Probability of at most ``n`` reports: a mixture of two negative binomials."""
    prior = posterior.prior
    parts = []
    for shape, rate in zip(prior.shapes, prior.rates, strict=True):
        share = (posterior.expected + rate) / (posterior.expected + rate + expected)
        parts.append(np.where(n < 0, 0.0, betainc(posterior.n + shape, np.maximum(n, 0) + 1.0, share)))
    return posterior.weight * parts[0] + (1 - posterior.weight) * parts[1]


def _sample(pairs: int, chance: np.random.Generator) -> NDArray[np.intp]:
    if pairs <= SAMPLE:
        return np.arange(pairs)
    return np.sort(chance.choice(pairs, SAMPLE, replace=False))
