"""The information component: log2 of observed over expected, pulled towards 0 where little is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from stormwatch.signals.measures.tables import Estimate, Floats

SHRINKAGE = 0.5
"""Added to observed and expected: half a report, as the Uppsala Monitoring Centre does."""


def ic(n: NDArray[np.number], expected: Floats, level: float = 0.95) -> Estimate:
    """Information component with its credibility interval (IC025 and IC975 at 95 %), from exact gamma quantiles.

    The rate is Gamma(n + 0.5, expected + 0.5) distributed. Defined for n = 0 as well; NaN where nothing can be expected
    because no report has the drug or none the event. Source: Norén et al., Stat Methods Med Res 2013;22:57.

    >>> e = ic(np.array([3]), np.array([0.01]))
    >>> [round(float(x[0]), 4) for x in (e.low, e.value, e.high)]
    [0.7283, 2.7788, 3.9726]
    """
    known = np.where(expected > 0, expected, np.nan) + SHRINKAGE
    tail = (1 - level) / 2
    limits = per_count(n, lambda m: np.log2(gammaincinv(m + SHRINKAGE, [[tail], [1 - tail]])))
    scale = np.log2(known)
    return Estimate(np.log2(n + SHRINKAGE) - scale, limits[0] - scale, limits[1] - scale)


def per_count(n: NDArray[np.number], compute: Callable[[Floats], Floats]) -> Floats:
    """Apply a slow function once per different count: many pairs share few counts."""
    whole = np.asarray(n, dtype=np.int64)
    different = np.flatnonzero(np.bincount(whole))
    values = compute(different.astype(np.float64))
    table = np.zeros((*values.shape[:-1], different[-1] + 1 if len(different) else 0))
    table[..., different] = values
    return table[..., whole]
