"""What agreement and disagreement weigh under the hit-miss model, in bits.

Under the model each of two records of one case states the true value, or a value drawn by chance (a miss), or nothing
(a blank). The weight of an observation is the logarithm of how much more often it is seen in two records of one case
than in two unrelated ones. A blank in either record weighs nothing, so all chances here are those among records that
state something; the blanks then cancel out of the published formulas.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from stormwatch.signals.duplicates.parameters import NumberField

Floats = NDArray[np.float64]


def either_missed(miss: float) -> float:
    """The chance that at least one of two stated values was drawn by chance."""
    return miss * (2 - miss)


def agreement(share: float, miss: float) -> float:
    """The weight of the same value in both, when ``share`` of the stated values are this one. Rare values weigh more.

    >>> round(agreement(0.5, 0.051), 3), round(agreement(0.001, 0.051), 3)
    (0.926, 9.815)
    """
    return math.log2(1 - either_missed(miss) * (1 - share)) - math.log2(share)


def disagreement(miss: float) -> float:
    """The weight of different values; it is the same for all values.

    >>> round(disagreement(0.051), 3)
    -3.331
    """
    return math.log2(either_missed(miss))


def difference(low: ArrayLike, high: ArrayLike, field: NumberField, spread: float) -> Floats:
    """The weight of a difference between ``low`` and ``high``, in units of the field.

    Two exact values have ``low`` equal to ``high``; a month against a day leaves a range. Half a unit is added at both
    ends, as values are whole units. ``spread`` is the standard deviation of the values; the difference of two
    unrelated ones is taken as normal. Both are ours.
    """
    below, above = np.asarray(low, dtype=np.float64) - 0.5, np.asarray(high, dtype=np.float64) + 0.5
    hit = 1 - field.deviation - field.miss
    same = hit**2 * ((below <= 0) & (above >= 0))
    same = same + 2 * field.deviation * hit * _normal(below, above, field.sigma)
    same = same + field.deviation**2 * _normal(below, above, math.sqrt(2) * field.sigma)
    unrelated = np.maximum(_normal(below, above, math.sqrt(2) * spread), np.finfo(np.float64).tiny)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        weight: Floats = np.log2(same / unrelated + either_missed(field.miss))
    return weight


def _normal(below: Floats, above: Floats, sigma: float) -> Floats:
    """The probability between two values; from the side on which the tail is small, so that it keeps its digits."""
    flip = below > 0
    first, second = np.where(flip, -above, below), np.where(flip, -below, above)
    inside: Floats = ndtr(second / sigma) - ndtr(first / sigma)
    return inside
