"""EB05 and EB95: quantiles of a mixture of two gamma distributions, for many pairs.

The quantile of the mixture lies between the quantiles of its two parts, which bounds the search; a part's quantile is a
constant per count over its rate. Inside the bounds Newton's method works on the logarithm, and halves the interval
where Newton would leave it, so every pair converges by itself and none waits for the worst.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincinv, gammaln

from stormwatch.signals.measures.information import per_count
from stormwatch.signals.measures.prior import Posterior
from stormwatch.signals.measures.tables import Floats

TOLERANCE = 1e-13
"""Of the logarithm of a quantile, so relative to the quantile."""
SHORT = 1e-8
"""A Newton step this short lands within the tolerance, as its error is that of the step squared."""
STEPS = 200
SMALLEST = 1e-300
"""A quantile below this (a count of 0, a shape far below 1) is given as this over the rate."""


def quantile(posterior: Posterior, chance: float) -> Floats:
    """The rate below which lambda lies with this probability; NaN where nothing can be expected.

    >>> from stormwatch.signals.measures.prior import Prior
    >>> one = Posterior.of(Prior(2.0, 1.0, 2.0, 1.0, 0.5), np.array([0]), np.array([1.0]))
    >>> round(float(quantile(one, 0.05)[0]), 6)  # Gamma(2, rate 2)
    0.177681
    """
    return np.exp(log_quantile(posterior, chance))


def log_quantile(posterior: Posterior, chance: float) -> Floats:
    """The logarithm of ``quantile``."""
    parts = part_quantiles(posterior, chance)
    answer: Floats = np.where(posterior.weight > 0.5, parts[0], parts[1])
    open_ = np.flatnonzero(_undecided(posterior.weight, parts))
    if len(open_):
        answer[open_] = _Mixture.of(posterior, open_).solve(chance, parts[:, open_])
    return answer


def part_quantiles(posterior: Posterior, chance: float) -> Floats:
    """The logarithms of the quantiles of the two parts: row 0 the first, row 1 the second."""
    shapes, rates = posterior.prior.shapes[:, None], posterior.prior.rates[:, None]
    unit = per_count(posterior.n, lambda m: np.log(np.maximum(gammaincinv(m + shapes, chance), SMALLEST)))
    quantiles: Floats = unit - np.log(posterior.expected + rates)
    return quantiles


def _undecided(weight: Floats, parts: Floats) -> NDArray[np.bool_]:
    """Where both parts matter; elsewhere one of them is the answer in double precision."""
    both: NDArray[np.bool_] = (weight > 1e-17) & (weight < 1 - 1e-16)
    both &= np.abs(parts[0] - parts[1]) > TOLERANCE
    return both


@dataclass(frozen=True, slots=True)
class _Mixture:
    """Shapes, rates and weights of the parts, one column per pair; constants worked out once."""

    shape: Floats
    rate: Floats
    weight: Floats
    head: Floats

    @classmethod
    def of(cls, posterior: Posterior, chosen: NDArray[np.intp]) -> _Mixture:
        prior, n, weight = posterior.prior, posterior.n[chosen], posterior.weight[chosen]
        shape = n + prior.shapes[:, None]
        head = per_count(n, lambda m: gammaln(m + prior.shapes[:, None]))
        rate = posterior.expected[chosen] + prior.rates[:, None]
        return cls(shape, rate, np.stack((weight, 1 - weight)), head)

    def part(self, chosen: NDArray[np.intp]) -> _Mixture:
        return _Mixture(self.shape[:, chosen], self.rate[:, chosen], self.weight[:, chosen], self.head[:, chosen])

    def __call__(self, log_x: Floats) -> tuple[Floats, Floats]:
        """Probability below, and its slope by the logarithm."""
        scaled = self.rate * np.exp(log_x)
        with np.errstate(divide="ignore", under="ignore"):
            density = np.exp(self.shape * np.log(scaled) - scaled - self.head)
        below = (self.weight * gammainc(self.shape, scaled)).sum(axis=0)
        return below, (self.weight * density).sum(axis=0)

    def solve(self, chance: float, parts: Floats) -> Floats:
        low, high = parts.min(axis=0), parts.max(axis=0)
        x: Floats = (self.weight * parts).sum(axis=0)
        answer, place, mixture = x.copy(), np.arange(x.size), self
        for _ in range(STEPS):
            following, low, high, settled = mixture.step(chance, x, low, high)
            answer[place] = following
            left = np.flatnonzero(~settled)
            if not len(left):
                break
            place, x, low, high, mixture = place[left], following[left], low[left], high[left], mixture.part(left)
        return answer

    def step(
        self, chance: float, x: Floats, low: Floats, high: Floats
    ) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
        """Where to look next (Newton inside the bracket, else its middle), the narrower bracket, and who is done."""
        below, slope = self(x)
        over = below > chance
        low, high = np.where(over, low, x), np.where(over, x, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = x - (below - chance) / slope
            inside = (newton >= low) & (newton <= high)
        settled = (inside & (np.abs(newton - x) <= SHORT)) | (high - low <= TOLERANCE)
        return np.where(inside, newton, (low + high) / 2), low, high, settled
