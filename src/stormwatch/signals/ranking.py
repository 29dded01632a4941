"""How well a score tells two groups apart: the area under the ROC curve, with DeLong's interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, rankdata


@dataclass(frozen=True, slots=True)
class Area:
    """The area, its limits, and how many of each group it rests on. Limits are cut at 0 and 1."""

    area: float
    low: float
    high: float
    positive: int
    negative: int
    level: float
    interval: str = "DeLong, normal"


def area(positive: ArrayLike, negative: ArrayLike, level: float = 0.95) -> Area | None:
    """The chance that a positive scores above a negative, ties counting half; None when a group has fewer than two.

    Source: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837.

    >>> found = area([3, 4, 5], [1, 2, 4])
    >>> found is not None and round(found.area, 4)
    0.8333
    """
    above, below = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if min(len(above), len(below)) < 2:
        return None
    ranks = rankdata(np.concatenate((above, below)))
    first = (ranks[: len(above)] - rankdata(above)) / len(below)
    second = 1 - (ranks[len(above) :] - rankdata(below)) / len(above)
    middle = float(first.mean())
    spread = float(np.sqrt(first.var(ddof=1) / len(above) + second.var(ddof=1) / len(below)))
    half = float(norm.ppf((1 + level) / 2)) * spread
    return Area(middle, max(0.0, middle - half), min(1.0, middle + half), len(above), len(below), level)
