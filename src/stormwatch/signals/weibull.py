"""A Weibull distribution fitted to times to onset: its shape says whether the hazard falls or rises with time.

A shape below 1 with an upper limit below 1 is an early-failure pattern, around 1 a random one, above 1 a wear-out one
(Sauzet et al., Drug Saf 2013;36:995, who proposed the shape for safety data).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import chi2

Floats = NDArray[np.float64]

LEAST = 5
"""Fewer times than this are not fitted (ours)."""
_LOW, _HIGH = 1e-3, 1e3


@dataclass(frozen=True, slots=True)
class Weibull:
    """Shape and scale (days) by maximum likelihood; the limits of the shape are of the profile likelihood."""

    shape: float
    shape_low: float
    shape_high: float
    scale: float
    times: int
    level: float
    interval: str = "profile likelihood"

    @property
    def pattern(self) -> str:
        if self.shape_high < 1:
            return "early failure: the hazard falls"
        return "wear-out: the hazard rises" if self.shape_low > 1 else "no clear fall or rise of the hazard"


def fit_weibull(times: ArrayLike, level: float = 0.95) -> Weibull | None:
    """Fit positive times in days; None when there are too few, or all are equal.

    >>> fit_weibull([1, 2, 3]) is None
    True
    """
    days = np.asarray(times, dtype=np.float64)
    if len(days) < LEAST or np.all(days == days[0]):
        return None
    logs = np.log(days)
    shape = float(brentq(_slope, _LOW, _HIGH, args=(logs,), xtol=1e-12, rtol=1e-13))
    drop = _profile(shape, logs) - float(chi2.ppf(level, 1)) / 2
    low = float(brentq(lambda one: _profile(one, logs) - drop, _LOW, shape, xtol=1e-10))
    high = float(brentq(lambda one: _profile(one, logs) - drop, shape, _HIGH, xtol=1e-10))
    return Weibull(shape, low, high, _scale(shape, logs), len(days), level)


def _weights(shape: float, logs: Floats) -> tuple[Floats, float]:
    """``days ** shape`` relative to its largest, and the logarithm of that; no overflow for any shape."""
    largest = float(np.max(logs)) * shape
    powers: Floats = np.exp(shape * logs - largest)
    return powers, largest


def _slope(shape: float, logs: Floats) -> float:
    """The derivative of the profile log-likelihood by the shape, over the number of times."""
    powers, _ = _weights(shape, logs)
    return float(1 / shape + np.mean(logs) - np.sum(powers * logs) / np.sum(powers))


def _profile(shape: float, logs: Floats) -> float:
    """The log-likelihood at a shape and the scale that is best for it."""
    powers, largest = _weights(shape, logs)
    count = len(logs)
    log_mean = largest + float(np.log(np.mean(powers)))
    return float(count * np.log(shape) - count * log_mean + (shape - 1) * np.sum(logs) - count)


def _scale(shape: float, logs: Floats) -> float:
    powers, largest = _weights(shape, logs)
    return float(np.exp((largest + np.log(np.mean(powers))) / shape))
