"""Trajectories: baseline, extreme, fold, doubling and halving time, time to normal, and the reasons for none."""

from dataclasses import replace
from fractions import Fraction
from math import inf, log

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from stormwatch.course.exposure import exposure
from stormwatch.course.kinetics import ratio, twofold_hours
from stormwatch.course.trajectories import fall, trajectories, trajectory_rules
from stormwatch.facts import Interval, When
from stormwatch.testing.records import given, hour, measured, record

BAG = given("blinatumomab", 0, until=600)


def follow(analyte, values, *, dose=BAG, low=None, high=None, until=None):
    """The trajectory of values by hour."""
    facts = [measured(analyte, value, at, low=low, high=high) for at, value in values.items()]
    return only(record([*facts, *([dose] if dose else [])]), until)


def only(timeline, until=None):
    """The one trajectory of a record."""
    moment = hour(2000 if until is None else until).latest
    (found,) = trajectories(timeline, exposure(timeline, moment), moment)
    return found


class TestByHand:
    """CRP 5 before the dose, then 20, 80, 320, 160, 40, 4 (mg/L, upper limit 5)."""

    crp = follow("crp", {-6: 5, 12: 20, 24: 80, 36: 320, 48: 160, 60: 40, 84: 4}, high=5)

    def test_baseline_is_the_last_value_before_the_cycle(self):
        assert self.crp.baseline.value == Interval.point(5)

    def test_fold_is_exact(self):
        assert self.crp.fold == Interval.point(64)

    def test_doubling_from_the_last_value_at_most_half_the_peak(self):
        assert self.crp.doubling == Interval.point(6)  # 80 to 320 in 12 h: two doublings

    def test_halving_to_the_first_value_at_most_half_the_peak(self):
        assert self.crp.halving == Interval.point(12)  # 320 to 160 in 12 h

    def test_time_to_normal_counts_from_the_peak(self):
        assert self.crp.normal_after.total_seconds() == 48 * 3600

    def test_every_number_names_its_facts(self):
        assert [m.origin.record for m in self.crp.made_of["doubling"]] == ["crp-24", "crp-36"]
        assert [m.origin.record for m in self.crp.made_of["fold"]] == ["crp--6", "crp-36"]
        assert self.crp.why_not == {}


class TestNadir:
    """Platelets 200, 100, 50, 100, 200 (lower limit 150): the fall halves, the recovery doubles."""

    platelets = follow("platelets", {-1: 200, 24: 100, 48: 50, 84: 100, 120: 200}, low=150)

    def test_the_extreme_is_the_lowest(self):
        assert self.platelets.extreme.value == Interval.point(50)
        assert self.platelets.fold == Interval.point(Fraction(1, 4))

    def test_halving_stands_before_and_doubling_after_it(self):
        assert (self.platelets.halving, self.platelets.doubling) == (Interval.point(24), Interval.point(36))

    def test_normal_again_at_the_lower_limit(self):
        assert self.platelets.normal_after.total_seconds() == 72 * 3600


class TestCensored:
    """The published shape: ferritin above what the laboratory can measure."""

    ferritin = follow("ferritin", {-2: 400, 10: 8000, 22: Interval.above(40000), 34: 30000, 46: 10000})

    def test_the_fold_has_no_upper_end(self):
        assert self.ferritin.fold == Interval.above(100)

    def test_doubling_was_this_quick_or_quicker(self):
        assert float(self.ferritin.doubling.high) == pytest.approx(12 * log(2) / log(5), abs=1e-6)
        assert (self.ferritin.doubling.low, self.ferritin.doubling.low_closed) == (0, False)

    def test_halving_was_this_quick_or_quicker(self):
        assert float(self.ferritin.halving.high) == pytest.approx(24 * log(2) / log(4), abs=1e-6)

    def test_a_higher_value_after_a_censored_one_is_the_highest_certain(self):
        found = follow("ferritin", {-2: 400, 10: Interval.above(2000), 22: 8000})
        assert found.extreme.value == Interval.point(8000)
        assert found.fold == Interval(20, inf, True, False)

    def test_a_baseline_below_detection_may_be_zero(self):
        found = follow("crp", {-2: Interval.below(5, floor=0), 10: 50, 20: 100})
        assert found.fold == Interval.above(20)

    def test_fall_is_described_in_percent_and_not_judged(self):
        fallen = fall(self.ferritin, days=1)
        assert fallen is not None
        percent = fallen.percent
        assert (percent.low, percent.high, percent.low_closed) == (75, 100, False)

    def test_a_fall_needs_a_later_value(self):
        assert fall(follow("ferritin", {-2: 400, 10: 8000})) is None


class TestTooThin:
    def test_a_baseline_of_zero_has_no_multiple(self):
        found = follow("crp", {-2: 0, 10: 50, 20: 100})
        assert (found.fold, found.why_not["fold"]) == (None, "the baseline may be zero")

    def test_from_a_peak_of_zero_nothing_can_fall(self):
        assert fall(follow("crp", {-2: 0, 10: 0, 20: 0})) is None

    def test_no_drug_no_baseline(self):
        found = follow("ferritin", {0: 400, 10: 8000}, dose=None)
        assert (found.baseline, found.fold) == (None, None)
        assert found.why_not["fold"] == "no baseline: no drug under suspicion is recorded"

    def test_a_value_of_more_than_seven_days_before_is_no_baseline(self):
        assert follow("ferritin", {-168: 400, 10: 8000}).baseline is not None
        assert follow("ferritin", {-168.1: 400, 10: 8000}).baseline is None

    def test_two_values_give_a_fold_and_no_doubling_time(self):
        found = follow("ferritin", {-2: 400, 10: 8000})
        assert found.fold == Interval.point(20)
        assert found.why_not["doubling"] == "2 values; at least 3 are asked for"

    def test_samples_too_far_apart_give_none(self):
        assert follow("ferritin", {-2: 400, 0: 400, 48: 8000}).doubling is not None
        found = follow("ferritin", {-2: 400, 0: 400, 49: 8000})
        assert found.why_not["doubling"] == "samples up to 49 h apart; at most 48 h are asked for"

    def test_what_never_doubled_has_no_doubling_time(self):
        found = follow("ldh", {-2: 200, 10: 300, 20: 399})
        assert found.why_not["doubling"] == "no value before the extreme is certainly twofold away from it"

    def test_only_values_before_the_first_dose(self):
        found = follow("ldh", {-9: 200, -2: 300})
        assert (found.extreme, found.fold) == (None, None)
        assert found.why_not["extreme"] == "no value since the first dose"

    def test_a_temperature_has_no_fold(self):
        found = follow("temperature", {-2: 36, 10: 40, 20: 37})
        assert found.extreme.value == Interval.point(40)
        assert {"fold", "doubling", "halving"} <= set(found.why_not)

    def test_a_nadir_of_zero_has_no_halving_time(self):
        found = follow("neutrophils", {-2: 2, 10: 1, 20: 0})
        assert found.fold == Interval.point(0)
        assert found.halving is None


class TestNormal:
    def test_without_a_limit_nothing_can_be_said(self):
        found = follow("ferritin", {-2: 400, 10: 8000, 20: 100})
        assert (found.normal_after, found.why_not["normal_after"]) == (None, "no reference limit recorded")

    def test_it_must_stay(self):
        found = follow("ldh", {-2: 200, 10: 900, 20: 240, 30: 260, 40: 250}, high=250)
        assert found.normal_after.total_seconds() == 30 * 3600

    def test_not_yet(self):
        found = follow("ldh", {-2: 200, 10: 900, 20: 251}, high=250)
        assert found.why_not["normal_after"] == "not certainly within the reference limit at the last value"

    def test_a_bound_across_the_limit_is_not_certain(self):
        found = follow("crp", {-2: 2, 10: 90, 20: Interval.below(6, floor=0)}, high=5)
        assert found.normal_after is None

    def test_never_abnormal(self):
        found = follow("ldh", {-2: 200, 10: 210, 20: 205}, high=250)
        assert found.why_not["normal_after"] == "it was never outside the reference limit"

    def test_the_limit_of_an_earlier_value_serves_when_a_value_has_none(self):
        facts = [measured("ldh", 900, 10, high=250), measured("ldh", 200, 20)]
        assert only(record(facts)).normal_after.total_seconds() == 10 * 3600


class TestCycles:
    def test_the_baseline_belongs_to_the_cycle_of_the_extreme(self):
        second = given("blinatumomab", 1000, until=1600)
        facts = [measured("ferritin", value, at) for at, value in {-2: 100, 10: 150, 990: 400, 1020: 8000}.items()]
        assert only(record([BAG, second, *facts])).baseline.value == Interval.point(400)


class TestTimes:
    def test_days_instead_of_times_give_a_range(self):
        days = {"2024-01-03": 100, "2024-01-04": 200, "2024-01-05": 800}
        facts = [
            replace(measured("crp", value, 0), time=When.parse(day), known_at=When.parse(day))
            for day, value in days.items()
        ]
        one, two = facts[1], facts[2]
        found = twofold_hours(one, two)
        assert found is not None
        # 200 to 800 is two doublings, between just over 0 h (end of one day, start of the next) and just under 48 h
        assert float(found.low) == pytest.approx(0, abs=1e-6)
        assert float(found.high) == pytest.approx(24, abs=1e-6)

    def test_two_values_of_one_day_have_no_order(self):
        day = When.parse("2024-01-03")
        same = [replace(measured("crp", value, 0), time=day, known_at=day) for value in (10, 100)]
        assert twofold_hours(*same) is None

    def test_what_is_not_known_yet_is_left_out(self):
        facts = [measured("ferritin", 400, 1), measured("ferritin", 9000, 5, known=20)]
        assert only(record(facts), until=10).extreme.value == Interval.point(400)

    def test_an_empty_record(self):
        assert trajectories(record([])) == ()

    def test_one_fact(self):
        found = only(record([measured("ferritin", 400, 1)]))
        assert (len(found.points), found.extreme.value) == (1, Interval.point(400))
        assert set(found.why_not) == {"baseline", "fold", "doubling", "halving", "normal_after"}


def test_the_rules_say_whose_they_are():
    assert trajectory_rules().basis == "ours"


@drawn(st.integers(2, 40), st.integers(1, 12), st.integers(3, 8), st.integers(1, 1000))
def test_an_exact_exponential_gives_its_own_doubling_time(twofold, spacing, samples, start):
    """Values 2^(t / twofold), sampled evenly, rise and fall again: the times come out as put in."""
    steps = samples + 2 * (twofold // spacing)
    rise = {1 + k * spacing: start * 2 ** (k * spacing / twofold) for k in range(steps)}
    top = max(rise)
    falling = {top + k * spacing: rise[top] / 2 ** (k * spacing / twofold) for k in range(1, steps)}
    found = follow("ferritin", {-1: start, **rise, **falling})
    assert float(found.doubling.low) == pytest.approx(twofold, abs=1e-5)
    assert float(found.halving.low) == pytest.approx(twofold, abs=1e-5)


values = st.lists(st.integers(1, 10_000), min_size=2, max_size=8)


@drawn(values, st.fractions(Fraction(1, 1000), 1000).filter(lambda f: f > 0))
def test_a_change_of_scale_changes_no_ratio_and_no_time(numbers, factor):
    """So the unit of the record, which is a factor, does not matter."""
    plain = follow("ldh", {-1 + 6 * k: Fraction(v) for k, v in enumerate(numbers)})
    scaled = follow("ldh", {-1 + 6 * k: v * factor for k, v in enumerate(numbers)})
    assert (plain.fold, plain.doubling, plain.halving) == (scaled.fold, scaled.doubling, scaled.halving)
    assert plain.why_not == scaled.why_not


@drawn(values, st.data())
def test_a_censored_series_holds_the_true_one(numbers, data):
    """Where the laboratory stops counting, the fold of the full numbers lies within the fold of the censored ones."""
    limit = data.draw(st.integers(1, 10_000))
    true = {-1 + 6 * k: Fraction(v) for k, v in enumerate(numbers)}
    cut = {at: Interval.above(limit) if v > limit else v for at, v in true.items()}
    full, censored = follow("ferritin", true), follow("ferritin", cut)
    assert censored.fold is None or full.fold.low in censored.fold


@drawn(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_ratio_holds_every_pair_of_values(a, b, c, d):
    above, below = Interval(min(a, b), max(a, b)), Interval(min(c, d), max(c, d))
    found = ratio(above, below)
    assert (found is None) == (c == d == 0)
    for x in (a, b):
        for y in (y for y in (c, d) if y):
            assert found is not None
            assert Fraction(x, y) in found
