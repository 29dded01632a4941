"""Look-back: which fact answers, from which moment to which."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from stormwatch.engines.readings import Readings
from stormwatch.facts import Given, Interval, Patient, When
from stormwatch.logic.inputs import (
    AgeInput,
    Baseline,
    DeathInput,
    DrugInput,
    FindingInput,
    LabInput,
    Relative,
    SexInput,
    Take,
)
from stormwatch.logic.truth import Truth
from stormwatch.testing.records import given, hour, measured, record, stated

DAY = timedelta(days=1)
OPEN = Interval(0, high_closed=False)


def at(timeline, which, hours):
    return Readings(timeline).reading(which, hour(hours).latest)


def lab(take=Take.LATEST, within=DAY, **more):
    return LabInput("ferritin", take, within, **more)


def point(value):
    return Interval.point(Fraction(value))


class TestWindow:
    timeline = record([measured("ferritin", 700, 10, known=16)])

    def test_a_result_is_not_used_before_it_is_known(self):
        reading = at(self.timeline, lab(), 15.99)
        assert (reading.value, reading.why_open) == (OPEN, "not yet known")

    def test_it_is_used_from_the_moment_it_is_known(self):
        assert at(self.timeline, lab(), 16).value == point(700)

    def test_its_age_counts_from_the_time_it_is_about(self):
        assert at(self.timeline, lab(), 33.99).value == point(700)
        reading = at(self.timeline, lab(), 34)
        assert (reading.value, reading.why_open) == (OPEN, "the last value is too old")

    def test_a_result_known_only_after_its_window_is_never_used(self):
        late = record([measured("ferritin", 700, 0, known=30)])
        assert at(late, lab(), 31).value == OPEN

    def test_without_a_limit_a_value_never_ages(self):
        assert at(self.timeline, lab(within=None), 10_000).value == point(700)


class TestTake:
    timeline = record([measured("ferritin", v, t) for v, t in ((900, 0), (300, 6), (500, 12))])

    @pytest.mark.parametrize(
        ("take", "hours", "value"),
        [
            (Take.LATEST, 12, 500),
            (Take.HIGHEST, 12, 900),
            (Take.LOWEST, 12, 300),
            (Take.HIGHEST, 24, 500),  # the 900 of hour 0 is exactly a day old
            (Take.LOWEST, 30, 500),
        ],
    )
    def test_which_value_counts(self, take, hours, value):
        assert at(self.timeline, lab(take), hours).value == point(value)

    def test_the_reading_names_the_fact_it_came_from(self):
        (fact,) = at(self.timeline, lab(Take.HIGHEST), 12).facts
        assert fact.origin.record == "ferritin-0"

    def test_a_correction_of_the_same_time_that_became_known_later_wins(self):
        timeline = record([measured("ferritin", 500, 0, known=1), measured("ferritin", 5000, 0, known=2)])
        assert at(timeline, lab(), 1).value == point(500)
        assert at(timeline, lab(), 2).value == point(5000)

    def test_contradicting_values_of_one_moment_leave_both_open(self):
        timeline = record([measured("ferritin", 500, 0, record="a"), measured("ferritin", 700, 0, record="b")])
        reading = at(timeline, lab(), 0)
        assert (reading.value, len(reading.facts)) == (Interval(500, 700), 2)

    def test_a_censored_value_widens_the_highest(self):
        facts = [measured("ferritin", 900, 0), measured("ferritin", Interval.below(1000, floor=0), 1)]
        assert at(record(facts), lab(Take.HIGHEST), 2).value == Interval(900, 1000, True, False)

    def test_a_censored_value_above_everything_decides(self):
        facts = [measured("ferritin", 900, 0), measured("ferritin", Interval.above(40000), 1)]
        assert at(record(facts), lab(Take.HIGHEST), 2).value == Interval.above(40000)


class TestLimits:
    def test_over_the_limit_printed_with_the_value(self):
        timeline = record([measured("ferritin", 600, 0, high=300)])
        assert at(timeline, lab(relative_to=Relative.ULN), 1).value == point(2)

    def test_over_the_last_limit_known_when_the_value_has_none(self):
        timeline = record([measured("ferritin", 100, 0, high=300), measured("ferritin", 600, 2)])
        reading = at(timeline, lab(relative_to=Relative.ULN), 3)
        assert (reading.value, len(reading.facts)) == (point(2), 2)

    def test_no_limit_leaves_it_open_with_the_reason(self):
        reading = at(record([measured("ferritin", 600, 0)]), lab(relative_to=Relative.ULN), 1)
        assert (reading.value, reading.why_open) == (OPEN, "no upper reference limit recorded")

    def test_a_limit_of_zero_is_no_limit(self):
        timeline = record([measured("ferritin", 600, 0, low=0)])
        assert at(timeline, lab(relative_to=Relative.LLN), 1).value == OPEN


class TestBaseline:
    rule = Baseline(frozenset({"blinatumomab"}), "blinatumomab", timedelta(days=30))
    timeline = record(
        [
            measured("ferritin", 999, -2000),
            measured("ferritin", 100, 0, high=50),
            given("blinatumomab", 5, until=100),
            measured("ferritin", 400, 10),
        ]
    )

    def test_over_the_last_value_before_the_first_dose(self):
        which = lab(within=None, relative_to=Relative.BASELINE, baseline=self.rule)
        assert at(self.timeline, which, 11).value == point(4)
        assert at(self.timeline, which, 9).value == OPEN

    def test_the_baseline_itself_shows_at_the_first_dose(self):
        which = lab(within=None, baseline=self.rule, at_baseline=True)
        assert at(self.timeline, which, 4).value == OPEN
        assert at(self.timeline, which, 5).value == point(100)

    def test_the_baseline_over_its_limit(self):
        which = lab(within=None, relative_to=Relative.ULN, baseline=self.rule, at_baseline=True)
        assert at(self.timeline, which, 11).value == point(2)

    def test_a_baseline_that_is_too_old_is_none(self):
        timeline = record([measured("ferritin", 100, -2000), given("blinatumomab", 5), measured("ferritin", 400, 10)])
        which = lab(within=None, relative_to=Relative.BASELINE, baseline=self.rule)
        assert at(timeline, which, 11).why_open == "no baseline before treatment recorded"


class TestFindings:
    facts = (stated("fever", 0), stated("fever", 10, present=False))

    def test_the_latest_statement(self):
        assert at(record(self.facts), FindingInput("fever", Take.LATEST, DAY), 11).value is Truth.NOT_MET

    def test_any_statement_in_the_window(self):
        which = FindingInput("fever", Take.ANY, DAY)
        assert at(record(self.facts), which, 11).value is Truth.MET
        assert at(record(self.facts), which, 24).value is Truth.NOT_MET
        assert at(record(self.facts), which, 34).value is Truth.UNKNOWN

    def test_silence_is_unknown_unless_the_record_is_vouched_complete(self):
        which = FindingInput("cough", Take.ANY, DAY)
        assert at(record(self.facts), which, 11).value is Truth.UNKNOWN
        assert at(record(self.facts, complete=["findings"]), which, 11).value is Truth.NOT_MET

    def test_present_and_absent_at_one_moment_is_unknown(self):
        timeline = record([stated("fever", 0), stated("fever", 0, present=False)])
        assert at(timeline, FindingInput("fever", Take.LATEST, DAY), 1).why_open == "the record contradicts itself"


class TestDrugs:
    pressors = DrugInput("vasopressor", frozenset({"norepinephrine", "phenylephrine"}), DAY, "vasopressor")
    facts = (given("norepinephrine", 0, until=10), given("phenylephrine", 5), given("norepinephrine", 6, until=8))

    def test_what_is_recorded_is_the_least_there_was(self):
        assert at(record(self.facts), self.pressors, 4).value == Interval(1, 2)
        assert at(record(self.facts), self.pressors, 6).value == Interval.point(2)

    def test_a_complete_record_counts_different_drugs(self):
        timeline = record(self.facts, complete=["exposures"])
        assert at(timeline, self.pressors, -1).value == Interval.point(0)
        assert at(timeline, self.pressors, 4).value == Interval.point(1)
        assert at(timeline, self.pressors, 28.9).value == Interval.point(2)
        assert at(timeline, self.pressors, 29).value == Interval.point(1)
        assert at(timeline, self.pressors, 34).value == Interval.point(0)

    def test_a_running_infusion_counts_until_it_is_stopped(self):
        timeline = record([given("norepinephrine", 0, running=True)], complete=["exposures"])
        assert at(timeline, self.pressors, 5000).value == Interval.point(1)

    def test_a_statement_that_none_runs_is_a_zero(self):
        timeline = record([stated("vasopressor", 0, present=False)])
        assert at(timeline, self.pressors, 1).value == Interval.point(0)

    def test_a_recorded_drug_counts_more_than_the_statement(self):
        timeline = record([stated("vasopressor", 0, present=False), given("norepinephrine", 0)])
        assert at(timeline, self.pressors, 1).value == Interval(1, 2)

    def test_an_order_is_neither_given_nor_denied(self):
        ordered = [replace(given(drug, 0), given=Given.ORDERED) for drug in sorted(self.pressors.drugs)]
        assert at(record(ordered), self.pressors, 1).value == OPEN
        assert at(record([*ordered, given("norepinephrine", 0)]), self.pressors, 1).value == Interval(1, 2)

    def test_none_was_given_when_every_drug_of_the_group_is_denied(self):
        denied = [replace(given(drug, 0), given=Given.NOT_GIVEN) for drug in sorted(self.pressors.drugs)]
        assert at(record(denied[:1]), self.pressors, 1).value == OPEN
        assert at(record(denied), self.pressors, 1).value == Interval.point(0)

    def test_other_drugs_do_not_count(self):
        assert at(record([given("dexamethasone", 0)]), self.pressors, 1).value == OPEN


class TestPatient:
    def test_age_in_completed_years_changes_on_the_birthday(self):
        patient = Patient("p", birth=When.parse("2006-01-02"))
        timeline = record([measured("ferritin", 1, 0), measured("ferritin", 1, 100)], patient=patient)
        assert at(timeline, AgeInput(), 10).value == Interval.point(17)
        assert at(timeline, AgeInput(), 30).value == Interval.point(18)

    def test_a_birth_year_alone_gives_two_possible_ages(self):
        patient = Patient("p", birth=When.parse("2006"))
        timeline = record([measured("ferritin", 1, 0)], patient=patient)
        assert at(timeline, AgeInput(), 1).value == Interval(17, 18)

    def test_sex(self):
        timeline = record([measured("ferritin", 1, 0)], patient=Patient("p", sex="female"))
        assert at(timeline, SexInput("female"), 1).value is Truth.MET
        assert at(timeline, SexInput("male"), 1).value is Truth.NOT_MET
        assert at(record([]), SexInput("male"), 1).value is Truth.UNKNOWN

    def test_death(self):
        timeline = record([], patient=Patient("p", death=hour(5)))
        assert at(timeline, DeathInput(), 4).value is Truth.NOT_MET
        assert at(timeline, DeathInput(), 5).value is Truth.MET
