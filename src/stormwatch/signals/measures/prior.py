"""The two-gamma prior of the empirical Bayes measures, and what a pair's count makes of it.

Each pair reports at a rate of lambda times expected. Lambda is drawn from one of two gamma distributions; given the
count it follows the same mixture with new shapes, rates and weights.
Source: DuMouchel, Am Stat 1999;53:177.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln, psi

from stormwatch.errors import UsageError
from stormwatch.signals.measures.information import per_count
from stormwatch.signals.measures.tables import Floats


@dataclass(frozen=True, slots=True)
class Prior:
    """``weight`` of Gamma(alpha1, rate beta1), the rest Gamma(alpha2, rate beta2).

    >>> Prior(0.2041, 0.05816, 1.415, 1.838, 0.0969).mean.round(3).item()
    1.035
    """

    NAMES: ClassVar[tuple[str, ...]] = ("alpha1", "beta1", "alpha2", "beta2", "weight")

    alpha1: float
    beta1: float
    alpha2: float
    beta2: float
    weight: float

    def __post_init__(self) -> None:
        if not min(self.alpha1, self.beta1, self.alpha2, self.beta2) > 0 or not 0 <= self.weight <= 1:
            raise UsageError("A prior needs four positive gamma parameters and a weight between 0 and 1")

    @property
    def theta(self) -> tuple[float, float, float, float, float]:
        return self.alpha1, self.beta1, self.alpha2, self.beta2, self.weight

    @property
    def mean(self) -> np.float64:
        """The mean rate over expected; near 1 for a prior that fits its data."""
        return np.float64(self.weight * self.alpha1 / self.beta1 + (1 - self.weight) * self.alpha2 / self.beta2)

    @property
    def shapes(self) -> Floats:
        return np.array([self.alpha1, self.alpha2])

    @property
    def rates(self) -> Floats:
        return np.array([self.beta1, self.beta2])


@dataclass(frozen=True, slots=True)
class Posterior:
    """For each pair: the two gamma distributions its rate may follow, and the weight of the first."""

    prior: Prior
    n: Floats
    expected: Floats
    weight: Floats

    @classmethod
    def of(cls, prior: Prior, n: NDArray[np.number], expected: Floats) -> Posterior:
        """NaN weights where nothing can be expected (``expected`` is 0 or unknown)."""
        known = np.where(expected > 0, expected, np.nan)
        with np.errstate(divide="ignore"):
            odds = np.log(prior.weight) - np.log1p(-prior.weight)
        return cls(prior, np.asarray(n, dtype=np.float64), known, expit(odds + log_ratio(prior, n, known)))

    @property
    def ebgm(self) -> Floats:
        """Empirical Bayes geometric mean: e to the posterior mean of log lambda."""
        means: Floats = np.exp(self.mean_log)
        return means

    @property
    def mean_log(self) -> Floats:
        digamma = per_count(self.n, lambda m: psi(m + self.prior.shapes[:, None]))
        first = digamma[0] - np.log(self.expected + self.prior.beta1)
        second = digamma[1] - np.log(self.expected + self.prior.beta2)
        mean: Floats = second + self.weight * (first - second)
        return mean


def log_ratio(prior: Prior, n: NDArray[np.number], expected: Floats) -> Floats:
    """Log of how much likelier the count is under the first gamma than under the second."""
    difference = prior.shapes[0] - prior.shapes[1]
    head = per_count(n, lambda m: gammaln(m + prior.alpha1) - gammaln(m + prior.alpha2))
    head += gammaln(prior.alpha2) - gammaln(prior.alpha1)
    # (n + alpha) log(beta + E) twice would cancel for large n: take the ratio of the rates first.
    second = expected + prior.beta2
    rates = np.log1p((prior.beta1 - prior.beta2) / second)
    tail = prior.alpha1 * np.log(prior.beta1) - prior.alpha2 * np.log(prior.beta2)
    ratio: Floats = head + tail - (np.asarray(n) + prior.alpha1) * rates - difference * np.log(second)
    return ratio


def log_chance(shape: float, rate: float, n: NDArray[np.number], expected: Floats) -> Floats:
    """Log probability of a count when lambda is Gamma(shape, rate): a negative binomial."""
    head = per_count(n, lambda m: gammaln(m + shape) - gammaln(m + 1)) - gammaln(shape)
    share = np.log1p(expected / rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where(np.asarray(n) > 0, n * (np.log(expected / rate) - share), 0.0)
    chance: Floats = head - shape * share + seen
    return chance


def log_likelihood(prior: Prior, n: NDArray[np.number], expected: Floats, times: Floats | float = 1.0) -> float:
    """The log-likelihood of pairs, each counted ``times`` times; nothing is left out or approximated."""
    first = log_chance(prior.alpha1, prior.beta1, n, expected)
    second = log_chance(prior.alpha2, prior.beta2, n, expected)
    with np.errstate(divide="ignore"):
        both = np.logaddexp(np.log(prior.weight) + first, np.log1p(-prior.weight) + second)
    return float(np.sum(both * times))
