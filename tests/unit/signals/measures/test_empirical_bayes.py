"""Prior, posterior, quantiles and fit: against SciPy, arbitrary precision, and data whose prior is known."""

from functools import partial

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from stormwatch.errors import CheckFailed, UsageError
from stormwatch.signals.counts import Counts
from stormwatch.signals.measures import NotConverged, Posterior, Prior, fit_prior, hold_out, log_likelihood, quantile
from stormwatch.signals.measures.fit import _Likelihood, _to_x
from stormwatch.signals.measures.holdout import cover
from stormwatch.signals.measures.lookup import Lookup
from stormwatch.signals.measures.points import points
from stormwatch.signals.measures.prior import log_chance
from stormwatch.signals.measures.stratified import expected as stratified_expected

PRIORS = (
    Prior(0.2041, 0.05816, 1.415, 1.838, 0.0969),  # DuMouchel 1999
    Prior(2.344, 1.6747, 0.18746, 0.217177, 0.5416),
    Prior(45.135, 3.7989, 1.6075, 1.458, 0.0072),
    Prior(0.02, 0.01, 30.0, 40.0, 0.4),
)


def lower_gamma(shape, x):
    """The regularised lower incomplete gamma function by its power series, which always converges."""
    if x > shape + 40 * mpmath.sqrt(shape) + 200:
        return mpmath.mpf(1)  # less than e^-300 from it
    term = mpmath.exp(shape * mpmath.log(x) - x - mpmath.loggamma(shape + 1))
    total, k = term, 1
    while term > total * mpmath.eps or shape + k < x:
        term *= x / (shape + k)
        total, k = total + term, k + 1
    return total


def in_full_precision(prior: Prior, n: int, expected: float):
    """The posterior of one pair as mpmath functions of log lambda: probability below, and density."""
    a1, b1, a2, b2, w = (mpmath.mpf(value) for value in prior.theta)
    e = mpmath.mpf(expected)

    def log_marginal(a, b):
        return mpmath.loggamma(n + a) - mpmath.loggamma(a) + a * mpmath.log(b) - (n + a) * mpmath.log(b + e)

    weight = 1 / (1 + (1 - w) / w * mpmath.exp(log_marginal(a2, b2) - log_marginal(a1, b1)))
    parts = ((weight, n + a1, b1 + e), (1 - weight, n + a2, b2 + e))

    def below(t):
        return sum(q * lower_gamma(a, b * mpmath.exp(t)) for q, a, b in parts)

    def density(t):
        return sum(
            q * mpmath.exp(a * mpmath.log(b * mpmath.exp(t)) - b * mpmath.exp(t) - mpmath.loggamma(a))
            for q, a, b in parts
        )

    mean_log = sum(q * (mpmath.digamma(a) - mpmath.log(b)) for q, a, b in parts)
    return weight, below, density, mean_log


def random_pairs(many: int) -> list[tuple[Prior, int, float]]:
    """Counts to 100,000, expected from 1e-6 to 1e5; some where the two parts of the prior compete."""
    chance = np.random.default_rng(20)
    pairs = []
    for k in range(many):
        prior, expected = PRIORS[k % len(PRIORS)], 10 ** chance.uniform(-6, 5)
        likely = int(chance.poisson(expected * 10 ** chance.uniform(-1, 1.5)))
        n = (0, min(100_000, likely), int(10 ** chance.uniform(0, 5)))[chance.integers(3)]
        pairs.append((prior, n, expected))
    return pairs


@pytest.mark.parametrize("many", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_quantiles_and_means_of_random_pairs_in_arbitrary_precision(many):
    """A quantile is right when Newton's step from it, in 40 digits, is as good as nothing."""
    with mpmath.workdps(40):
        for prior, n, expected in random_pairs(many):
            posterior = Posterior.of(prior, np.array([n]), np.array([expected]))
            weight, below, density, mean_log = in_full_precision(prior, n, expected)
            assert posterior.weight[0] == pytest.approx(float(weight), rel=1e-8, abs=1e-300)
            assert posterior.ebgm[0] == pytest.approx(float(mpmath.exp(mean_log)), rel=1e-9)
            for chance in (0.05, 0.95):
                at = mpmath.log(quantile(posterior, chance)[0])
                error = (below(at) - chance) / density(at)
                assert abs(error) < 1e-9, (prior, n, expected, chance)


@given(st.sampled_from(PRIORS), st.integers(0, 300), st.floats(1e-3, 300), st.floats(0.01, 0.99))
def test_the_quantile_has_its_probability_below_it(prior, n, expected, chance):
    posterior = Posterior.of(prior, np.array([n]), np.array([expected]))
    at = quantile(posterior, chance)[0]
    weight, shapes, rates = posterior.weight[0], prior.shapes + n, prior.rates + expected
    parts = stats.gamma.cdf(at, shapes, scale=1 / rates)
    if at > 1e-290:  # smaller ones are floored
        assert weight * parts[0] + (1 - weight) * parts[1] == pytest.approx(chance, abs=1e-9)


def test_the_lookup_gives_the_quantiles_solved_one_by_one():
    chance = np.random.default_rng(5)
    for prior in PRIORS:
        expected = np.exp(chance.normal(-1.5, 2, 60_000))
        n = np.maximum(chance.poisson(expected * chance.gamma(1.5, 1.2, len(expected))), 1)
        parts = [(n[:30_000], expected[:30_000]), (n[30_000:], expected[30_000:])]
        lookup = Lookup.build(prior, partial(list, parts))
        posterior = Posterior.of(prior, n, expected)
        assert lookup.grids[0].fine.any()
        for row, at in zip(lookup(posterior), (0.05, 0.95), strict=True):
            np.testing.assert_allclose(row, quantile(posterior, at), rtol=1e-9)


@given(st.floats(0.05, 50), st.floats(0.05, 50), st.integers(0, 500), st.floats(1e-3, 500))
def test_the_chance_of_a_count_is_scipys_negative_binomial(shape, rate, n, expected):
    theirs = stats.nbinom.logpmf(n, shape, rate / (rate + expected))
    assert log_chance(shape, rate, np.array([n]), np.array([expected]))[0] == pytest.approx(theirs, rel=1e-8, abs=1e-8)


def test_nothing_to_expect_means_no_measure():
    posterior = Posterior.of(PRIORS[0], np.array([0, 0]), np.array([0.0, np.nan]))
    assert np.isnan(posterior.ebgm).all()
    assert np.isnan(quantile(posterior, 0.05)).all()


def test_a_prior_needs_positive_parameters():
    with pytest.raises(UsageError):
        Prior(0.0, 1, 1, 1, 0.5)


def drawn(prior: Prior, drugs: int = 150, events: int = 200, seed: int = 3) -> Counts:
    """A table whose rates are drawn from the prior; margins are those the counts were drawn with."""
    chance = np.random.default_rng(seed)
    drug_n, event_n = (np.sort(chance.pareto(0.8, size) * 40 + 5).astype(np.int64) for size in (drugs, events))
    reports = int(max(drug_n.max(), event_n.max()) * 2)
    expected = np.outer(drug_n, event_n) / reports
    first = chance.random(expected.shape) < prior.weight
    shape, rate = (np.where(first, two[0], two[1]) for two in (prior.shapes, prior.rates))
    n = chance.poisson(expected * chance.gamma(shape, 1 / rate))
    drug, event = np.nonzero(n)
    return Counts(drug, event, n[drug, event], drug_n, event_n, reports)


def dense(counts: Counts, strata: tuple[Counts, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    n = np.zeros((len(counts.drug_n), len(counts.event_n)), dtype=np.int64)
    n[counts.pair_drug, counts.pair_event] = counts.n
    drug, event = (part.ravel() for part in np.indices(n.shape))
    return n.ravel(), stratified_expected(strata or (counts,), drug, event)


@pytest.mark.parametrize("prior", PRIORS[:3])
def test_the_grouped_likelihood_is_that_of_all_cells(prior):
    """Grouping margins wrongly once cost 470 log-likelihood units in a prototype."""
    counts = drawn(prior)
    grouped, (n, expected) = points(counts), dense(counts)
    assert grouped.times.sum() == n.size
    assert grouped.times[grouped.n == 0].sum() == np.count_nonzero(n == 0)
    assert grouped.n @ grouped.times == n.sum()
    assert (grouped.times @ grouped.expected) == pytest.approx(expected.sum(), rel=1e-12)
    exact = log_likelihood(prior, n, expected)
    assert log_likelihood(prior, grouped.n, grouped.expected, grouped.times) == pytest.approx(exact, rel=1e-7)


def test_the_grouped_likelihood_of_strata_is_that_of_all_cells():
    chance = np.random.default_rng(8)
    counts = drawn(PRIORS[0])
    share = chance.binomial(counts.n, 0.3)
    pieces = []
    for n, part in ((share, 0.3), (counts.n - share, 0.7)):
        drug_n, event_n = (chance.binomial(margin, part) for margin in (counts.drug_n, counts.event_n))
        reports = round(counts.reports * part)
        pieces.append(Counts(counts.pair_drug, counts.pair_event, n, drug_n, event_n, reports))
    strata = (pieces[0], pieces[1])
    grouped, (n, expected) = points(counts, strata), dense(counts, strata)
    possible = expected > 0
    assert grouped.times.sum() == np.count_nonzero(possible)
    exact = log_likelihood(PRIORS[0], n[possible], expected[possible])
    assert log_likelihood(PRIORS[0], grouped.n, grouped.expected, grouped.times) == pytest.approx(exact, rel=1e-6)


def test_the_gradient_is_the_slope_of_the_likelihood():
    likelihood = _Likelihood(points(drawn(PRIORS[0])))
    x = _to_x(Prior(0.5, 0.4, 2.0, 1.5, 0.3))
    slopes = [(likelihood.value(x + 1e-5 * e) - likelihood.value(x - 1e-5 * e)) / 2e-5 for e in np.eye(5)]
    np.testing.assert_allclose(likelihood(x)[1], slopes, rtol=1e-4, atol=1e-3)


def test_a_fit_finds_the_prior_the_data_were_drawn_from():
    truth = Prior(1.5, 0.3, 8.0, 9.0, 0.15)
    counts = drawn(truth, drugs=400, events=500)
    fit = fit_prior(counts)
    assert fit.converged
    assert fit.bounds == ()
    assert fit.shortfall < 1e-8
    np.testing.assert_allclose(fit.prior.theta, truth.theta, rtol=0.12)
    n, expected = dense(counts)
    assert log_likelihood(fit.prior, n, expected) >= log_likelihood(truth, n, expected)


def test_the_component_with_the_larger_mean_comes_first():
    prior = fit_prior(drawn(Prior(8.0, 9.0, 1.5, 0.3, 0.85), drugs=400, events=500)).prior
    assert prior.alpha1 / prior.beta1 > prior.alpha2 / prior.beta2


def test_a_table_that_cannot_hold_five_parameters_raises():
    """All rates equal to 1: no mixture to find, and shapes run to their bound."""
    margin = np.full(12, 100)
    drug, event = (part.ravel() for part in np.indices((12, 12)))
    counts = Counts(drug, event, np.full(144, 10), margin, margin, 1000)
    with pytest.raises(NotConverged, match="wider background") as caught:
        fit_prior(counts)
    assert isinstance(caught.value, CheckFailed)
    assert not caught.value.fit.converged


def test_no_pair_at_all_is_refused():
    nothing = np.zeros(0, dtype=np.int64)
    with pytest.raises(UsageError, match="nothing to fit"):
        fit_prior(Counts(nothing, nothing, nothing, np.array([3]), np.array([0]), 3))


def test_the_hold_out_cover_of_the_right_model_is_its_level():
    found = hold_out(drawn(Prior(1.5, 0.3, 8.0, 9.0, 0.15), drugs=400, events=500))
    assert found.inside == pytest.approx(0.90, abs=4 * found.error + 0.005)
    assert found.inside + found.below + found.above == pytest.approx(1)


def test_the_hold_out_cover_of_a_wrong_prior_is_not():
    """A prior that expects everything at exactly twice the usual rate predicts too much."""
    chance = np.random.default_rng(1)
    expected = np.full(5_000, 10.0)
    seen, later = chance.poisson(expected), chance.poisson(expected)
    wrong = Prior(2000.0, 1000.0, 2000.0, 1000.0, 0.5)
    found = cover(wrong, (seen, expected), (later, expected), level=0.90, seed=1, split="")
    assert found.inside < 0.2
    assert found.below > 0.8
