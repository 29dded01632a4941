"""Thresholds on, just below and just above their bounds; none speaks below its fewest reports."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.signals.report.thresholds import judged, rules

# As published, written here a second time: what the measures must reach, how, and on how many reports.
PUBLISHED: dict[str, tuple[dict[str, tuple[float, bool]], int]] = {
    "prr": ({"prr": (2, True), "chi_squared_yates": (4, True)}, 3),
    "prr025": ({"prr025": (1, True)}, 5),
    "ror025": ({"ror025": (1, False)}, 3),
    "ic025": ({"ic025": (0, False)}, 3),
    "eb05": ({"eb05": (2, True)}, 3),
    "ebgm": ({"eb05": (1.8, True), "ebgm": (2.5, True)}, 3),
}
MEASURES = ("prr", "prr025", "chi_squared_yates", "ror025", "ic025", "eb05", "ebgm")


def test_the_thresholds_are_those_of_the_publications():
    assert set(rules()) == set(PUBLISHED)
    assert all(rule.source and rule.evidence in ("primary", "secondary") for rule in rules().values())


@pytest.mark.parametrize(
    ("name", "measure"), [(name, measure) for name, (bounds, _) in PUBLISHED.items() for measure in bounds]
)
def test_on_below_and_above_each_bound(name, measure):
    bounds, least = PUBLISHED[name]
    bound, included = bounds[measure]
    high = {"n": least, **dict.fromkeys(MEASURES, 100.0)}

    def said(value):
        return rules()[name].judge({**high, measure: value})

    assert said(bound) == ("above" if included else "below")
    assert said(math.nextafter(bound, -math.inf)) == "below"
    assert said(math.nextafter(bound, math.inf)) == "above"
    assert said(None) == "not defined"


@given(
    n=st.integers(0, 10),
    values=st.fixed_dictionaries({name: st.none() | st.floats(-10, 1e6) for name in MEASURES}),
)
def test_nothing_is_called_a_signal_on_too_few_reports(n, values):
    for name, said in judged({"n": n, **values}).items():
        assert (said == "too few reports") == (n < PUBLISHED[name][1])
