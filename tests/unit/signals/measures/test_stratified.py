"""Mantel-Haenszel measures: against R's published example, exact fractions, and the crude measures."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.signals.counts import Counts
from stormwatch.signals.measures import Tables, mantel_haenszel, prr, ror
from stormwatch.signals.measures.stratified import expected

# Admissions to Berkeley 1973 by department: men admitted, men rejected, women admitted, women rejected.
BERKELEY = (
    (512, 313, 89, 19),
    (353, 207, 17, 8),
    (120, 205, 202, 391),
    (138, 279, 131, 244),
    (53, 138, 94, 299),
    (22, 351, 24, 317),
)
CELL = st.integers(1, 200)
TABLE = st.tuples(CELL, CELL, CELL, CELL)


def test_berkeley_equals_what_r_prints_for_it():
    """R: mantelhaen.test(UCBAdmissions), as its documentation shows it."""
    found = mantel_haenszel([Tables.of(*cells) for cells in BERKELEY])
    assert found.ror.value[0] == pytest.approx(0.9046968, abs=5e-8)
    assert (found.ror.low[0], found.ror.high[0]) == pytest.approx((0.7719074, 1.0603298), abs=5e-8)
    assert found.chi_squared_yates[0] == pytest.approx(1.4269, abs=5e-5)


@given(st.lists(TABLE, min_size=1, max_size=5))
def test_the_ratios_are_the_textbook_sums(tables):
    found = mantel_haenszel([Tables.of(*cells) for cells in tables])
    odds = sum(Fraction(a * d, a + b + c + d) for a, b, c, d in tables)
    against = sum(Fraction(b * c, a + b + c + d) for a, b, c, d in tables)
    above = sum(Fraction(a * (c + d), a + b + c + d) for a, b, c, d in tables)
    below = sum(Fraction(c * (a + b), a + b + c + d) for a, b, c, d in tables)
    assert found.ror.value[0] == pytest.approx(float(odds / against), rel=1e-12)
    assert found.prr.value[0] == pytest.approx(float(above / below), rel=1e-12)


@given(st.lists(TABLE, min_size=1, max_size=5))
def test_the_variance_of_the_prr_is_that_of_greenland_and_robins(tables):
    """log PRR: sum of ((m1 n1 n0 - a c T) / T^2) over the product of the two sums."""
    found = mantel_haenszel([Tables.of(*cells) for cells in tables])
    spread = above = below = Fraction(0)
    for a, b, c, d in tables:
        total = a + b + c + d
        spread += Fraction((a + c) * (a + b) * (c + d) - a * c * total, total**2)
        above += Fraction(a * (c + d), total)
        below += Fraction(c * (a + b), total)
    half_width = 1.959963984540054 * float(spread / (above * below)) ** 0.5
    assert np.log(found.prr.high[0] / found.prr.value[0]) == pytest.approx(half_width, rel=1e-9)


@given(TABLE)
def test_one_stratum_is_the_crude_measure(cells):
    table = Tables.of(*cells)
    found = mantel_haenszel([table])
    for ours, crude in ((found.prr, prr(table)), (found.ror, ror(table))):
        assert (ours.value[0], ours.low[0], ours.high[0]) == pytest.approx(
            (crude.value[0], crude.low[0], crude.high[0]), rel=1e-9
        )


@given(TABLE)
def test_an_empty_stratum_changes_nothing(cells):
    alone, joined = (
        mantel_haenszel([Tables.of(*one) for one in tables]) for tables in ([cells], [cells, (0, 0, 0, 0)])
    )
    assert joined.ror.value[0] == pytest.approx(alone.ror.value[0])
    assert joined.ror.high[0] == pytest.approx(alone.ror.high[0])
    assert joined.chi_squared[0] == pytest.approx(alone.chi_squared[0])


def test_a_drug_and_an_event_that_never_share_a_stratum_have_no_ratio():
    found = mantel_haenszel([Tables.of(0, 0, 5, 10), Tables.of(0, 7, 0, 10)])
    assert np.isnan([found.prr.value[0], found.ror.value[0]]).all()


def test_expected_counts_add_up_over_strata():
    """A drug and an event both common in one half and rare in the other are expected together more often."""
    pair, one = np.array([0]), np.array([1])
    halves = [Counts(pair, pair, one, np.array([n]), np.array([n]), 100) for n in (50, 10)]
    assert expected(halves, pair, pair).tolist() == [50 * 50 / 100 + 10 * 10 / 100]
