"""The blinatumomab band: against published numbers and against numeric integration of its differential equation."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from math import exp, log, sqrt

import pytest
from hypothesis import given as cases
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from tests.unit.course.builders import bag

from stormwatch.course.concentration import band, kinetics, moments_to_show
from stormwatch.course.exposure import exposure
from stormwatch.errors import UsageError
from stormwatch.testing.records import given, hour, record

CLEARANCE, VOLUME = 2.22, 5.98  # L/h and L, doi 10.1007/s40262-019-00823-8


def course(*bags, until=2000.0):
    return exposure(record(bags), hour(until).latest)[0]


def typical(found, *at):
    return [level.typical for level in band(found, [hour(one).latest for one in at])]


@pytest.mark.parametrize(("per_day", "steady"), [(9, 169), (28, 526)])
def test_the_steady_state_is_rate_over_clearance(per_day, steady):
    assert typical(course(bag(0, 672, per_day)), 600) == [pytest.approx(steady, abs=0.5)]


def test_the_typical_half_life_is_that_of_the_publication():
    assert kinetics().half_life == pytest.approx(1.87, abs=0.005)
    at_stop, later = typical(course(bag(0, 672)), 672, 672 + log(2) * VOLUME / CLEARANCE)
    assert later == pytest.approx(at_stop / 2)


def test_ten_hours_after_a_stop_less_than_3_percent_is_left():
    at_stop, later = typical(course(bag(0, 672)), 672, 682)
    assert later / at_stop == pytest.approx(exp(-10 * CLEARANCE / VOLUME))
    assert later / at_stop < 0.03


def integrated(rates, at):
    """The typical level by numeric integration: rates are (start, stop, mcg/day) in hours."""
    total, level = 0.0, [0.0]
    edges = sorted({0.0, at, *(edge for start, stop, _ in rates for edge in (start, stop) if edge < at)})
    for begin, end in pairwise(edges):
        total = sum(rate for start, stop, rate in rates if start <= begin < stop) * 1000 / 24

        def change(_, amount, inflow=total):
            return (inflow - CLEARANCE * amount) / VOLUME

        level = solve_ivp(change, (begin, end), level, rtol=1e-10, atol=1e-10).y[:, -1]
    return level[0]


@cases(
    st.lists(
        st.tuples(st.integers(1, 60), st.integers(0, 40), st.sampled_from([5, 9, 15, 28])), min_size=1, max_size=4
    ),
    st.integers(1, 240),
)
def test_the_closed_form_is_the_solution_of_the_equation(plan, at):
    rates, start = [], 0.0
    for length, pause, rate in plan:
        rates.append((start, start + length, rate))
        start += length + pause
    found = course(*(bag(begin, end, rate) for begin, end, rate in rates))
    assert typical(found, at)[0] == pytest.approx(integrated(rates, float(at)), rel=1e-6, abs=1e-6)


def test_a_gap_between_bags_shows_although_they_are_one_infusion():
    found = course(bag(0, 100), bag(103, 200))
    before, after = typical(found, 100, 103)
    assert after == pytest.approx(before * exp(-3 * CLEARANCE / VOLUME))


def test_the_spread_comes_from_the_means_and_deviations_of_the_label():
    def omega(mean, deviation):
        return sqrt(log(1 + (deviation / mean) ** 2))

    known = kinetics()
    assert log(known.clearance_factor) / 1.645 == pytest.approx(omega(616, 537), abs=0.005)
    assert log(known.half_life_factor) / 1.645 == pytest.approx(omega(2.20, 1.34), abs=0.005)


def test_the_typical_half_life_and_its_spread_give_the_mean_of_the_label():
    spread = log(kinetics().half_life_factor) / 1.645
    assert kinetics().half_life * exp(spread**2 / 2) == pytest.approx(2.20, abs=0.03)


def test_the_band_holds_the_means_of_the_label_and_the_typical_level():
    for per_day, mean in ((9, 228), (28, 616)):
        (level,) = band(course(bag(0, 672, per_day)), [hour(600).latest])
        assert level.low < level.typical < mean < level.high


def test_nothing_is_left_out_of_the_band_before_the_first_dose():
    (level,) = band(course(bag(0, 672)), [hour(0).latest - timedelta(hours=5)])
    assert (level.low, level.typical, level.high) == (0, 0, 0)


def test_an_unknown_rate_gives_no_level_until_it_is_washed_out():
    found = course(bag(0, 100, None), bag(100, 600))
    levels = band(found, [hour(at).latest for at in (50, 120, 500)])
    assert [level.at for level in levels] == [hour(500).latest]


def test_an_unknown_end_gives_no_level():
    assert band(course(bag(0, None)), [hour(10).latest]) == ()


def test_a_running_infusion_goes_on_to_the_moment_asked_for():
    found = course(bag(0, None, 28, "in-progress"), until=300)
    assert typical(found, 299) == [pytest.approx(526, abs=0.5)]


def test_another_drug_is_refused():
    found = exposure(record([given("teclistamab", 0)]), hour(10).latest)[0]
    with pytest.raises(UsageError, match="no concentration is computed for teclistamab"):
        band(found, [hour(1).latest])


def test_the_moments_of_a_curve_hold_every_start_and_stop():
    moments = moments_to_show(course(bag(0, 168, 9), bag(168, 672)), hour(700).latest)
    assert {hour(0).latest, hour(168).latest, hour(672).latest} <= set(moments)
    assert list(moments) == sorted(set(moments))
    assert moments[-1] <= hour(700).latest


def test_the_reader_is_told_that_the_band_is_not_the_patients():
    said = " ".join(kinetics().statements)
    assert "not a measurement of this patient" in said
    assert "The spread is ours" in said
