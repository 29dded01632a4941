"""Times to onset, which dates are usable, and the Weibull fit against SciPy, profile likelihood and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import chi2, weibull_min

from stormwatch.signals.onset import BANDS, Onset, onset
from stormwatch.signals.selection import Selection
from stormwatch.signals.weibull import Weibull, fit_weibull


def fitted(times) -> Weibull:
    found = fit_weibull(times)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_scipys(seed):
    times = weibull_min.rvs(0.5 + seed / 2, scale=20, size=80, random_state=seed)
    shape, _, scale = weibull_min.fit(times, floc=0)
    found = fitted(times)
    assert found.shape == pytest.approx(shape, rel=1e-4)
    assert found.scale == pytest.approx(scale, rel=1e-4)


def profile(shape, times):
    """The log-likelihood by SciPy's density, at the scale that is best for the shape."""
    best = minimize_scalar(
        lambda log: -weibull_min.logpdf(times, shape, scale=np.exp(log)).sum(), bounds=(-10, 15), method="bounded"
    )
    return -best.fun


@pytest.mark.parametrize("seed", range(3))
def test_the_limits_lose_as_much_likelihood_as_chi_squared_allows(seed):
    times = weibull_min.rvs(0.8 + seed, scale=5, size=30, random_state=seed)
    found = fitted(times)
    drop = chi2.ppf(0.95, 1) / 2
    for limit in (found.shape_low, found.shape_high):
        assert profile(found.shape, times) - profile(limit, times) == pytest.approx(drop, abs=1e-4)
    assert found.shape_low < found.shape < found.shape_high


@given(
    st.lists(st.integers(1, 3000), min_size=5, max_size=40).filter(lambda one: len(set(one)) > 1), st.floats(0.01, 100)
)
def test_other_units_of_time_change_the_scale_and_not_the_shape(days, factor):
    first, second = fitted(days), fitted([day * factor for day in days])
    assert second.shape == pytest.approx(first.shape, rel=1e-6)
    assert second.scale == pytest.approx(first.scale * factor, rel=1e-6)
    # At the maximum the mean of (t / scale) ** shape is 1, for any sample.
    assert np.mean((np.asarray(days) / first.scale) ** first.shape) == pytest.approx(1, rel=1e-9)


def test_few_or_equal_times_are_not_fitted():
    assert fit_weibull([1, 2, 3, 4]) is None
    assert fit_weibull([7] * 20) is None


def test_the_pattern_follows_the_limits():
    early = fitted(weibull_min.rvs(0.4, size=200, random_state=1))
    late = fitted(weibull_min.rvs(3, size=200, random_state=1))
    steady = fitted(weibull_min.rvs(1, size=30, random_state=2))
    assert early.pattern.startswith("early failure")
    assert late.pattern.startswith("wear-out")
    assert steady.pattern.startswith("no clear")


@given(st.lists(st.integers(0, 2000)))
def test_the_bands_hold_every_time_once(days):
    bands = Onset(len(days), tuple(days), {}, None).bands()
    assert sum(bands.values()) == len(days)
    assert bands["day 0"] == days.count(0)
    assert bands[f"over {BANDS[-1]} days"] == sum(day > 365 for day in days)
    assert bands["4-7 days"] == sum(4 <= day <= 7 for day in days)


def test_only_whole_dates_of_the_drug_count_and_the_others_are_named(quarter, database):
    one = quarter()

    def report(case, event_day, *starts, drug="BLINATUMOMAB"):
        both = one.report(case, drugs=(drug, ("OTHER", "C")), events=("Fever",), event_dt=event_day, fda_dt="20180101")
        for seq, start in starts:
            one.add("THER", **both, dsg_drug_seq=seq, start_dt=start)

    report(1, "20170510", (1, "20170501"))
    report(2, "20170510", (1, "20170510"))
    report(3, "20170510", (1, "20170101"), (1, "20170508"), (1, "20170601"))
    report(4, "20170510", (1, "20170601"))
    report(5, "20170510", (2, "20170501"))
    report(6, "20170510", (1, "201705"))
    report(7, "201705", (1, "20170501"))
    report(8, "", (1, "20170501"))
    report(9, "20170510", (1, "20170501"), drug="IMATINIB")
    store = database(one)
    found = onset(store, Selection(deduplication="versions"), ("blinatumomab",), "SELECT n FROM reports")
    assert sorted(found.days) == [0, 2, 9]
    assert found.unusable == {
        "every start of therapy lies after the event": 1,
        "no start of therapy": 1,
        "start of therapy not a whole date": 1,
        "event date not whole or impossible": 1,
        "no event date": 1,
    }
    assert found.reports == len(found.days) + sum(found.unusable.values()) == 8
    held = found.as_json()
    assert (held["median"], held["usable"], held["weibull"]) == (2.0, 3, None)
