"""PRR, ROR, chi-squared, exact intervals, IC and their reasons, against SciPy and mpmath."""

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats.contingency import odds_ratio, relative_risk

from stormwatch.signals.measures import (
    Tables,
    chi_squared,
    fisher_mid_p,
    ic,
    poisson_mid_p,
    prr,
    q_values,
    reasons,
    ror,
    ror_exact,
)

CELL = st.integers(1, 400)
ANY = st.integers(0, 3)


@given(CELL, CELL, CELL, CELL)
def test_prr_is_scipys_relative_risk(a, b, c, d):
    found, theirs = prr(Tables.of(a, b, c, d)), relative_risk(a, a + b, c, c + d)
    limits = theirs.confidence_interval(0.95)
    assert found.value[0] == pytest.approx(theirs.relative_risk, rel=1e-12)
    assert (found.low[0], found.high[0]) == pytest.approx((limits.low, limits.high), rel=1e-9)


@given(CELL, CELL, CELL, CELL)
def test_ror_is_scipys_sample_odds_ratio(a, b, c, d):
    found, theirs = ror(Tables.of(a, b, c, d)), odds_ratio([[a, b], [c, d]], kind="sample")
    limits = theirs.confidence_interval(0.95)
    assert found.value[0] == pytest.approx(theirs.statistic, rel=1e-12)
    assert (found.low[0], found.high[0]) == pytest.approx((limits.low, limits.high), rel=1e-9)


@given(CELL, CELL, CELL, CELL, st.booleans())
def test_chi_squared_is_scipys(a, b, c, d, yates):
    theirs = stats.chi2_contingency([[a, b], [c, d]], correction=yates).statistic
    assert chi_squared(Tables.of(a, b, c, d), yates=yates)[0] == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_the_exact_interval_is_scipys_conditional_one(a, b, c, d):
    assume(min(a + b, c + d, a + c, b + d) > 0)
    found = ror_exact(Tables.of(a, b, c, d))
    theirs = odds_ratio([[a, b], [c, d]])
    limits = theirs.confidence_interval(0.95)
    assert found.value[0] == pytest.approx(theirs.statistic, rel=1e-6)
    assert (found.low[0], found.high[0]) == pytest.approx((limits.low, limits.high), rel=1e-6)


def test_the_exact_interval_holds_for_a_large_database():
    """Its ends are where one tail of the non-central hypergeometric distribution is 2.5 %; summed here by mpmath."""
    a, b, c, d = 31, 5_931, 4_000, 9_990_038
    found = ror_exact(Tables.of(a, b, c, d))

    def chance(odds: float, at_least: bool) -> float:
        weights = [mpmath.mpf(1)]
        for x in range(600):
            step = mpmath.mpf(a + b - x) * (a + c - x) / ((x + 1) * mpmath.mpf(d - a + x + 1))
            weights.append(weights[-1] * step * mpmath.mpf(odds))
        chosen = weights[a:] if at_least else weights[: a + 1]
        return float(sum(chosen) / sum(weights))

    assert chance(found.low[0], at_least=True) == pytest.approx(0.025, rel=1e-6)
    assert chance(found.high[0], at_least=False) == pytest.approx(0.025, rel=1e-6)


@given(st.integers(0, 20), st.integers(1, 20), st.integers(1, 20), st.integers(0, 20))
def test_fisher_mid_p_is_half_of_the_two_tails(a, b, c, d):
    law = stats.hypergeom(a + b + c + d, a + b, a + c)
    expected = law.sf(a) + law.pmf(a) / 2
    assert fisher_mid_p(Tables.of(a, b, c, d))[0] == pytest.approx(expected, rel=1e-9, abs=1e-14)


@given(ANY, ANY, ANY, ANY)
def test_whatever_is_undefined_or_zero_carries_a_reason(a, b, c, d):
    tables = Tables.of(a, b, c, d)
    found = [*vars_of(prr(tables)), *vars_of(ror(tables)), *vars_of(ic(tables.a, tables.expected))]
    found += [chi_squared(tables)[0], chi_squared(tables, yates=True)[0]]
    assert not np.isinf(found).any()
    if np.isnan(found).any() or prr(tables).value[0] == 0 or ror(tables).value[0] == 0:
        assert reasons(int(tables.reason[0]))


def vars_of(estimate):
    return estimate.value[0], estimate.low[0], estimate.high[0]


def test_a_full_table_carries_no_reason():
    assert reasons(int(Tables.of(1, 2, 3, 4).reason[0])) == ()


def test_no_report_of_the_pair_leaves_an_ic_and_a_reason():
    tables = Tables.of(0, 10, 10, 80)
    assert prr(tables).value[0] == 0
    assert np.isnan(prr(tables).low[0])
    assert ic(tables.a, tables.expected).high[0] > ic(tables.a, tables.expected).value[0]
    assert "a = 0" in reasons(int(tables.reason[0]))[0]


def test_a_drug_that_no_report_names_has_no_measure():
    tables = Tables.of(0, 0, 10, 80)
    assert np.isnan([prr(tables).value[0], ror(tables).value[0], ic(tables.a, tables.expected).value[0]]).all()


@given(st.integers(0, 3000), st.floats(1e-4, 3000))
def test_poisson_mid_p_is_scipys(n, expected):
    law = stats.poisson(expected)
    theirs = law.sf(n) + law.pmf(n) / 2
    assert poisson_mid_p(np.array([n]), np.array([expected]))[0] == pytest.approx(theirs, rel=1e-8, abs=1e-300)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_values_are_scipys(p):
    np.testing.assert_allclose(q_values(np.array(p)), stats.false_discovery_control(p), rtol=1e-12)


def test_unreported_pairs_count_as_tests():
    assert q_values(np.array([0.001, 0.5]), tests=100).tolist() == pytest.approx([0.1, 1.0])


def test_a_missing_p_stays_missing():
    assert np.isnan(q_values(np.array([np.nan, 0.01]))).tolist() == [True, False]
