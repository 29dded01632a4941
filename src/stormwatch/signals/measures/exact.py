"""Exact inference for one two-by-two table with fixed margins: slow, so for the pairs one looks at.

Given its margins, a table follows Fisher's non-central hypergeometric distribution, whose parameter is the odds ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp

from stormwatch.signals.measures.tables import Estimate, Floats, Tables

FARTHEST = 700.0
"""Log odds ratio beyond which a limit is 0 or infinite in double precision."""


def ror_exact(tables: Tables, level: float = 0.95) -> Estimate:
    """Odds ratio by conditional maximum likelihood, with the exact (conditional, central) interval.

    A limit at the edge of what the margins allow is 0 or infinite, as it is defined; all three are NaN where the
    margins allow one table only. Source: Cornfield, Proc 3rd Berkeley Symp 1956;4:135; Fisher, JRSS 1935;98:39.

    >>> e = ror_exact(Tables.of(1, 1, 0, 2))
    >>> float(e.value[0]), round(float(e.low[0]), 4)
    (inf, 0.0256)
    """
    rows = [_one(_Support(*cells), (1 - level) / 2) for cells in zip(*_cells(tables), strict=True)]
    value, low, high = (np.array(column) for column in zip(*rows, strict=True))
    return Estimate(value, low, high)


def fisher_mid_p(tables: Tables) -> Floats:
    """One-sided Fisher test, more reports than expected, mid-p: P(more) + P(as many) / 2; NaN without a choice.

    >>> round(float(fisher_mid_p(Tables.of(3, 1, 1, 3))[0]), 6)
    0.128571
    """
    return np.array([_mid_p(_Support(*cells)) for cells in zip(*_cells(tables), strict=True)])


class _Support:
    """All tables with these margins: what ``a`` could be, and the log weight of each."""

    def __init__(self, a: float, b: float, c: float, d: float) -> None:
        with_drug, with_event, total = a + b, a + c, a + b + c + d
        self.a = a
        self.x: Floats = np.arange(max(0.0, with_drug + with_event - total), min(with_drug, with_event) + 1)
        x = self.x
        self.weight: Floats = -(
            gammaln(x + 1)
            + gammaln(with_drug - x + 1)
            + gammaln(with_event - x + 1)
            + gammaln(total - with_drug - with_event + x + 1)
        )

    def chances(self, log_odds: float) -> Floats:
        weight = self.weight + log_odds * self.x
        chances: Floats = np.exp(weight - logsumexp(weight))
        return chances


def _cells(tables: Tables) -> tuple[Floats, Floats, Floats, Floats]:
    return tables.a, tables.b, tables.c, tables.d


def _mid_p(support: _Support) -> float:
    if len(support.x) < 2:
        return np.nan
    chances = support.chances(0.0)
    return float(chances[support.x > support.a].sum() + chances[support.x == support.a].sum() / 2)


def _one(support: _Support, tail: float) -> tuple[float, float, float]:
    if len(support.x) < 2:
        return np.nan, np.nan, np.nan
    x, a = support.x, support.a

    def mean(log_odds: float) -> float:
        return float(support.chances(log_odds) @ x) - a

    def at_least(log_odds: float) -> float:
        return float(support.chances(log_odds)[x >= a].sum()) - tail

    def at_most(log_odds: float) -> float:
        return tail - float(support.chances(log_odds)[x <= a].sum())

    lowest, highest = a == x[0], a == x[-1]
    value = 0.0 if lowest else inf if highest else _solve(mean)
    return value, 0.0 if lowest else _solve(at_least), inf if highest else _solve(at_most)


def _solve(rising: Callable[[float], float]) -> float:
    return exp(brentq(rising, -FARTHEST, FARTHEST, xtol=1e-13, rtol=1e-13))
