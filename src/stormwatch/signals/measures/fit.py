"""Fitting the prior: maximum likelihood over all cells, with evidence that the maximum was found.

Published tools fit other likelihoods (dropping the zeros, or truncating each gamma by itself) and lose about half of
the alerts or invent some; or they stop at a bound or an iteration limit without saying so. Here a fit that did not
reach a maximum raises, and one that did says how far from it the last step was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln, logit, psi

from stormwatch.errors import CheckFailed
from stormwatch.signals.counts import Counts
from stormwatch.signals.measures.points import BIN, Points, merged, points
from stormwatch.signals.measures.prior import Prior
from stormwatch.signals.measures.tables import Floats

STARTS = (
    Prior(0.2041, 0.05816, 1.415, 1.838, 0.0969),  # DuMouchel 1999, the United States database
    Prior(0.2, 0.1, 2.0, 4.0, 1 / 3),  # this and the rest are ours, spread out
    Prior(2.0, 1.5, 0.2, 0.2, 0.5),
    Prior(0.5, 0.1, 0.5, 0.5, 0.1),
    Prior(4.0, 0.5, 1.0, 1.0, 0.02),
)
LIMITS = ((np.log(1e-5), np.log(1e5)),) * 4 + ((-14.0, 14.0),)
"""Bounds of the logarithms of the gamma parameters, and of the logit of the weight."""
COARSE = 25
"""Bins merged for the search from each start; the best is then polished on all of them."""
CLOSE = 1e-8
"""A fit has converged when the next step would raise the log-likelihood by less than this (by less than this per
million of log-likelihood in large databases, where the sum itself is not known more closely)."""
STEPS = 40


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted prior and how it was reached.

    ``gradient_norm`` is the largest derivative of the log-likelihood by a logarithm of a parameter (for the weight, by
    its logit). ``shortfall`` is how much log-likelihood a further step would gain. ``bounds`` names parameters that
    ended at a bound.
    """

    prior: Prior
    log_likelihood: float
    converged: bool
    bounds: tuple[str, ...]
    gradient_norm: float
    shortfall: float
    starts: int
    cells: int
    points: int
    likelihood: str = "full, zero cells included (DuMouchel 1999)"


class NotConverged(CheckFailed):
    """No maximum of the likelihood was found; ``fit`` holds where the search stopped. It must not be used."""

    def __init__(self, message: str, fit: Fit) -> None:
        super().__init__(message)
        self.fit = fit


def fit_prior(
    counts: Counts, strata: Sequence[Counts] = (), *, starts: Sequence[Prior] = STARTS, width: float = BIN
) -> Fit:
    """Fit the two-gamma prior to every cell of the table, zeros included.

    The component with the larger mean comes first. Raises ``NotConverged`` where no maximum inside the bounds is found,
    as happens in small tables: use more of the background, or a prior fitted elsewhere and named as such.
    """
    return fit_points(points(counts, strata, width), starts=starts)


def fit_points(data: Points, *, starts: Sequence[Prior] = STARTS) -> Fit:
    """As ``fit_prior``, from likelihood points."""
    rough, fine = _Likelihood(merged(data, COARSE)), _Likelihood(data)
    reached = [rough.search(_to_x(start)) for start in starts]
    x = fine.polish(fine.search(min(reached, key=rough.value)))
    fit = _described(fine, x, len(starts))
    if not fit.converged:
        at = f", {', '.join(fit.bounds)} at a bound" if fit.bounds else ""
        raise NotConverged(
            f"The prior of the empirical Bayes measures could not be fitted to {fit.cells} cells: a further step would "
            f"gain {fit.shortfall:.2g} log-likelihood{at}. The table may be too small for five parameters: use a wider "
            "background, give a prior fitted elsewhere, or leave the empirical Bayes measures out",
            fit,
        )
    return fit


class _Likelihood:
    """Minus the log-likelihood and its gradient, in parameters without bounds."""

    def __init__(self, data: Points) -> None:
        self.data = data
        self.different, self.place = np.unique(data.n, return_inverse=True)
        self.fixed = data.n * np.log(data.expected) - gammaln(data.n + 1.0)

    def value(self, x: Floats) -> float:
        return self(x)[0]

    def __call__(self, x: Floats) -> tuple[float, Floats]:
        times, weight = self.data.times, expit(x[4])
        first, *first_slopes = self.component(*np.exp(x[0:2]))
        second, *second_slopes = self.component(*np.exp(x[2:4]))
        odds = x[4] + first - second
        from_first = expit(odds)
        # log(w f1 + (1 - w) f2), written so that neither underflows.
        both = self.fixed + second + np.log(expit(-x[4])) + np.logaddexp(0.0, odds)
        of_first, of_second = from_first * times, (1 - from_first) * times
        slopes = [_total(slope, of_first) for slope in first_slopes]
        slopes += [_total(slope, of_second) for slope in second_slopes]
        return -_total(both, times), -np.array([*slopes, _total(from_first - weight, times)])

    def component(self, shape: float, rate: float) -> tuple[Floats, Floats, Floats]:
        """Log chance of each count but for ``fixed``, and its slopes by the logarithms of shape and rate."""
        n, expected, share = self.data.n, self.data.expected, np.log1p(self.data.expected / rate)
        head = (gammaln(self.different + shape) - gammaln(shape))[self.place]
        chance = head - (n + shape) * share - n * np.log(rate)
        by_shape = shape * ((psi(self.different + shape) - psi(shape))[self.place] - share)
        return chance, by_shape, shape - (n + shape) * (rate / (rate + expected))

    def search(self, x: Floats) -> Floats:
        """Near a maximum. (Not by L-BFGS-B: SciPy's starts threads for five numbers, which costs far more.)"""
        scale = 1 / abs(self.value(x))

        def scaled(x: Floats) -> tuple[float, Floats]:
            value, gradient = self(np.clip(x, *np.transpose(LIMITS)))
            return value * scale, gradient * scale

        found = minimize(scaled, x, jac=True, method="BFGS", options={"maxiter": 500, "gtol": 1e-8})
        reached: Floats = np.clip(found.x, *np.transpose(LIMITS))
        return reached

    def polish(self, x: Floats) -> Floats:
        """Newton steps, halved while they do not help; the search above stops short of full precision."""
        value, gradient = self(x)
        for _ in range(STEPS):
            step = _newton(self.hessian(x), gradient)
            while np.abs(step).max() > 1e-14:
                trial = np.clip(x - step, *np.transpose(LIMITS))
                trial_value, trial_gradient = self(trial)
                if trial_value <= value:
                    break
                step /= 2
            else:
                return x
            gain, x, value, gradient = value - trial_value, trial, trial_value, trial_gradient
            if gain <= CLOSE * 1e-2:
                return x
        return x

    def hessian(self, x: Floats) -> Floats:
        h = 1e-5
        rows = [(self(x + h * e)[1] - self(x - h * e)[1]) / (2 * h) for e in np.eye(len(x))]
        return (np.array(rows) + np.array(rows).T) / 2


def _newton(hessian: Floats, gradient: Floats) -> Floats:
    """A step downhill even where the surface is not convex: curvatures count by their size."""
    curvature, direction = np.linalg.eigh(hessian)
    size = np.maximum(np.abs(curvature), 1e-9 * np.abs(curvature).max() + 1e-300)
    step: Floats = np.clip(direction @ ((direction.T @ gradient) / size), -1.0, 1.0)
    return step


def _described(likelihood: _Likelihood, x: Floats, starts: int) -> Fit:
    value, gradient = likelihood(x)
    hessian = likelihood.hessian(x)
    shortfall = float(gradient @ _newton(hessian, gradient)) / 2
    low, high = np.transpose(LIMITS)
    at_bound = (x <= low + 1e-6) | (x >= high - 1e-6)
    is_top = bool(np.linalg.eigvalsh(hessian).min() > 0)
    prior, names = _ordered(_from_x(x)), Prior.NAMES
    return Fit(
        prior=prior,
        log_likelihood=-value,
        converged=is_top and abs(shortfall) <= CLOSE * max(1.0, abs(value) * 1e-6) and not at_bound.any(),
        bounds=tuple(name for name, touched in zip(names, at_bound, strict=True) if touched),
        gradient_norm=float(np.abs(gradient).max()),
        shortfall=shortfall,
        starts=starts,
        cells=round(likelihood.data.times.sum()),
        points=len(likelihood.data.n),
    )


def _total(values: Floats, times: Floats) -> float:
    """The weighted sum. Not by ``@``: it adds less exactly, and starts threads that cost more than they save."""
    return float(np.sum(values * times))


def _ordered(prior: Prior) -> Prior:
    if prior.alpha1 / prior.beta1 >= prior.alpha2 / prior.beta2:
        return prior
    return Prior(prior.alpha2, prior.beta2, prior.alpha1, prior.beta1, 1 - prior.weight)


def _to_x(prior: Prior) -> Floats:
    return np.array([*np.log(prior.theta[:4]), logit(prior.weight)])


def _from_x(x: Floats) -> Prior:
    return Prior(*(float(value) for value in (*np.exp(x[:4]), expit(x[4]))))
