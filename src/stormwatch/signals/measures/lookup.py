"""Quantiles for millions of pairs: solved on a grid, then interpolated where the grid proves fine enough.

For one count the quantile is a smooth function of the expected count. It is solved exactly at nodes of log expected;
six neighbouring nodes give the values between. Each stretch is checked: interpolating from every second node must
reproduce the node between to ``CLOSE``, so the full grid, 64 times closer still, is right to about 1e-11. Where it does
not (the two parts of the prior change over within a narrow range) a finer grid is laid. What that does not reach, and
counts that few pairs share, are solved pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stormwatch.signals.counts import Integers
from stormwatch.signals.measures.prior import Posterior, Prior
from stormwatch.signals.measures.quantiles import log_quantile
from stormwatch.signals.measures.tables import Floats

Pairs = Callable[[], Iterable[tuple[Integers, Floats]]]
"""Gives the pairs in parts of (count, expected), each time it is called."""

STEPS = (1 / 128, 1 / 1024)
"""Distance of the nodes of each grid, in natural logarithm of expected."""
CLOSE = 1e-9
HIGHEST = 4096
"""Counts above this are always solved one by one; few pairs reach it."""
PAD = 6
"""Nodes beyond the outermost pair, so that six neighbours exist everywhere."""
HALFWAY = np.array([3, -25, 150, 150, -25, 3]) / 256
"""Lagrange's weights in the middle of six equidistant nodes."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Log quantiles on grids, the coarse one first."""

    prior: Prior
    chances: tuple[float, ...]
    grids: tuple[_Grid, ...]

    @classmethod
    def build(cls, prior: Prior, pairs: Pairs, chances: Sequence[float] = (0.05, 0.95)) -> Lookup:
        """Grids for the counts that many of these pairs share."""
        grids: tuple[_Grid, ...] = ()
        for step in STEPS:
            grids += (_Grid.build(prior, _left(pairs(), grids), chances, step),)
        return cls(prior, tuple(chances), grids)

    def __call__(self, posterior: Posterior) -> Floats:
        """The quantiles, one row per chance asked for."""
        answer: Floats = np.empty((len(self.chances), len(posterior.n)))
        left = np.arange(len(posterior.n))
        for grid in self.grids:
            known, values = grid(posterior.n[left], posterior.expected[left])
            answer[:, left[known]] = values
            left = left[~known]
        rest = Posterior(posterior.prior, posterior.n[left], posterior.expected[left], posterior.weight[left])
        for row, chance in enumerate(self.chances):
            answer[row, left] = log_quantile(rest, chance)
        return np.exp(answer, out=answer)


@dataclass(frozen=True, slots=True)
class _Grid:
    """One stretch of nodes per tabled count, all in one array."""

    step: float
    start: Integers
    length: Integers
    low: Floats
    values: Floats
    fine: NDArray[np.bool_]

    @classmethod
    def build(
        cls, prior: Prior, pairs: Iterable[tuple[Integers, Floats]], chances: Sequence[float], step: float
    ) -> _Grid:
        low, nodes = _stretches(pairs, step)
        start = np.where(nodes > 0, np.cumsum(nodes) - nodes, -1)
        n = np.repeat(np.arange(HIGHEST), nodes)
        within = np.arange(len(n)) - np.repeat(start, nodes)
        posterior = Posterior.of(prior, n, np.exp(low[n] + within * step))
        values = np.stack([log_quantile(posterior, chance) for chance in chances])
        return cls(step, start, nodes, low, values, _fine(values))

    def __call__(self, n: NDArray[np.number], expected: Floats) -> tuple[NDArray[np.bool_], Floats]:
        """Which pairs this grid may answer, and for these the log quantiles."""
        known, place, between = self.find(n, expected)
        values = np.zeros((len(self.values), len(place)))
        for offset, weight in zip(range(-2, 4), _lagrange(between), strict=True):
            values += weight * self.values.take(place + offset, axis=1)
        return known, values

    def find(self, n: NDArray[np.number], expected: Floats) -> tuple[NDArray[np.bool_], Integers, Floats]:
        """Which pairs lie on the grid where it is fine; the node below each, and how far beyond it the pair lies."""
        row = np.minimum(n, HIGHEST - 1).astype(np.int64)
        known = (n < HIGHEST) & (self.start[row] >= 0) & (expected > 0)
        row = row[known]
        nodes = (np.log(expected[known]) - self.low[row]) / self.step
        below = np.floor(nodes).astype(np.int64)
        length = self.length[row]
        inside = (below >= PAD - 1) & (below < length - PAD)
        place = np.where(inside, self.start[row] + below, 0)
        good = inside & self.fine[place]
        known[known] = good
        return known, place[good], (nodes - below)[good]


def _left(pairs: Iterable[tuple[Integers, Floats]], grids: Sequence[_Grid]) -> Iterable[tuple[Integers, Floats]]:
    """The pairs that no grid so far may answer."""
    for n, expected in pairs:
        for grid in grids:
            known = grid.find(n, expected)[0]
            n, expected = n[~known], expected[~known]
        yield n, expected


def _stretches(pairs: Iterable[tuple[Integers, Floats]], step: float) -> tuple[Floats, Integers]:
    """For each count the lowest node, and how many nodes; none where solving each pair costs less."""
    low, high, many = np.full(HIGHEST, np.inf), np.full(HIGHEST, -np.inf), np.zeros(HIGHEST, np.int64)
    for n, expected in pairs:
        usable = (n < HIGHEST) & (expected > 0)
        count, place = n[usable], np.log(expected[usable])
        many += np.bincount(count, minlength=HIGHEST)
        np.minimum.at(low, count, place)
        np.maximum.at(high, count, place)
    with np.errstate(invalid="ignore"):
        nodes = np.where(many > 0, np.ceil((high - low) / step) + 2 * PAD, 0)
    nodes = np.where(many > nodes, nodes, 0).astype(np.int64)
    return np.where(nodes > 0, low - PAD * step, 0.0), nodes


def _fine(values: Floats) -> NDArray[np.bool_]:
    """Whether the stretch from each node to the next can be interpolated."""
    count = values.shape[1]
    good = np.zeros(count, dtype=np.bool_)
    if count < 11:
        return good
    coarse = sum(weight * values[:, 2 * k : count - 10 + 2 * k] for k, weight in enumerate(HALFWAY))
    with np.errstate(invalid="ignore"):
        good[5:-5] = (np.abs(coarse - values[:, 5:-5]) <= CLOSE).all(axis=0)
    # Each node was predicted from its neighbours; a stretch needs both of its ends predicted.
    good[:-1] &= good[1:]
    return good


def _lagrange(t: Floats) -> list[Floats]:
    """Weights of the six nodes -2 to 3 at distance ``t`` from node 0."""
    nodes = range(-2, 4)
    weights = []
    for here in nodes:
        others = [there for there in nodes if there != here]
        weight = np.full_like(t, 1.0)
        for there in others:
            weight *= (t - there) * (1.0 / (here - there))
        weights.append(weight)
    return weights
