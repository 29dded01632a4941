"""False discoveries: of thousands of pairs tested, how many stand out by chance alone?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaln

from stormwatch.signals.measures.information import per_count
from stormwatch.signals.measures.tables import Floats

POISSON_MID_P = "one-sided Poisson test of the count given its expected count, mid-p"
BENJAMINI_HOCHBERG = "Benjamini-Hochberg (J R Stat Soc B 1995;57:289)"


def poisson_mid_p(n: NDArray[np.number], expected: Floats) -> Floats:
    """Probability of more reports than ``n``, plus half of that of as many, if only ``expected`` were at work.

    The expected count is taken as known. NaN where nothing can be expected. Extreme pairs give 0 by underflow.

    >>> poisson_mid_p(np.array([0, 3]), np.array([1.0, 1.0])).round(6).tolist()
    [0.81606, 0.049645]
    """
    known = np.where(expected > 0, expected, np.nan)
    count = np.asarray(n, dtype=np.float64)
    with np.errstate(under="ignore"):
        as_many = np.exp(count * np.log(known) - known - per_count(n, lambda m: gammaln(m + 1)))
        p: Floats = gammainc(count + 1, known) + as_many / 2
    return p


def q_values(p: Floats, tests: int | None = None) -> Floats:
    """The smallest false discovery rate at which each pair would count as found; NaN stays NaN.

    ``tests`` is how many pairs were tested, also those that nobody reported: they cannot stand out, and count all the
    same. Without it, the values given. Source: Benjamini and Hochberg, J R Stat Soc B 1995;57:289.

    >>> q_values(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known])]
    many = max(tests or 0, len(order))
    raw = p[order] * (many / np.arange(1, len(order) + 1))
    answer = np.full(len(p), np.nan)
    answer[order] = np.minimum(np.minimum.accumulate(raw[::-1])[::-1], 1.0)
    return answer
