"""Exposure: bags into infusions, holds, cycles and dose steps. Expected values are written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given as cases
from hypothesis import strategies as st
from tests.unit.course.builders import bag, dose

from stormwatch.course.exposure import day, day_of_cycle, exposure, treatments
from stormwatch.errors import UnknownName
from stormwatch.facts import Fact, Given, Patient, Timeline, When
from stormwatch.testing.records import START, given, hour, measured, record

DAY = 24


def course(*facts: Fact, until: float = 2000, patient: Patient | None = None):
    (only,) = exposure(record(facts, patient=patient), hour(until).latest)
    return only


def cycles_of(found):
    return [(c.number, c.start, c.infused) for c in found.cycles]


# --- joining ------------------------------------------------------------------------------------------------------


def test_bags_of_one_rate_are_one_infusion():
    found = course(bag(0, 24), bag(24, 48), bag(49, 72))
    (infusion,) = found.infusions
    assert (infusion.start, infusion.stop) == (hour(0).latest, hour(72).latest)
    assert len(infusion.facts) == 3
    assert found.infused == timedelta(hours=71)
    assert infusion.spans == ((hour(0).latest, hour(48).latest), (hour(49).latest, hour(72).latest))


def test_a_gap_of_just_under_four_hours_is_a_change_of_bags_and_one_of_four_is_a_hold():
    assert not course(bag(0, 24), bag(27.99, 700)).holds
    (hold,) = course(bag(0, 24), bag(28, 700)).holds
    assert (hold.why, hold.length) == ("gap in the administrations", timedelta(hours=4))


def test_a_change_of_rate_is_a_step_and_no_hold():
    found = course(bag(0, 168, 9), bag(168, 672, 28))
    assert [(s.at, s.before, s.after, s.unit) for s in found.steps] == [(hour(168).latest, 9, 28, "mcg/day")]
    assert not found.holds
    assert len(found.cycles) == 1


def test_the_same_infusion_recorded_twice_counts_once():
    assert course(bag(0, 168), bag(0, 168)).infused == timedelta(hours=168)


def test_where_infusions_overlap_the_later_one_counts_from_its_start():
    found = course(bag(0, 100, 9), bag(90, 200, 28))
    assert [i.stop for i in found.infusions] == [hour(90).latest, hour(200).latest]
    assert found.infused == timedelta(hours=200)
    assert any("overlap" in said for said in found.assumptions)


def test_an_infusion_never_closed_ends_where_the_next_begins():
    found = course(bag(0, None, 9, "in-progress"), bag(168, 300, 28))
    assert found.infused == timedelta(hours=300)
    assert not found.running


def test_an_end_later_than_the_moment_asked_for_is_not_known_yet():
    found = course(bag(0, 672), until=100)
    assert (found.running, found.infusions[0].stop, found.infused) == (True, None, timedelta(hours=100))


def test_an_infusion_without_an_end_counts_no_time_and_no_hold_is_placed():
    found = course(bag(0, None), bag(48, 96))
    assert found.infused == timedelta(hours=48)
    assert found.infusions[0].open_ended
    assert not [hold for hold in found.holds if hold.start < hour(48).latest]


def test_an_unreadable_rate_is_unknown_and_never_a_step():
    found = course(bag(0, 168, None), bag(168, 672, 28))
    assert found.infusions[0].mcg_per_day is None
    assert not found.steps


@cases(st.lists(st.integers(1, 48), min_size=1, max_size=8), st.permutations(range(8)))
def test_bags_in_any_order_give_the_same_course(lengths, order):
    edges = [sum(lengths[:place]) for place in range(len(lengths) + 1)]
    bags = [bag(start, stop) for start, stop in pairwise(edges)]
    shuffled = [bags[place] for place in order if place < len(bags)]
    timeline = Timeline(Patient("test"), tuple(shuffled))
    (found,) = exposure(timeline, hour(2000).latest)
    assert found.infused == timedelta(hours=sum(lengths))
    assert len(found.infusions) == 1


# --- holds and cycles ---------------------------------------------------------------------------------------------


def test_a_hold_of_seven_days_stays_in_the_cycle_and_a_longer_one_begins_a_new_one():
    same = course(bag(0, 100, status="stopped"), bag(100 + 7 * DAY, 400, 9))
    new = course(bag(0, 100, status="stopped"), bag(100 + 7 * DAY + 0.01, 400, 9))
    assert cycles_of(same) == [(1, hour(0).latest, timedelta(hours=100 + 400 - 268))]
    assert [c.number for c in new.cycles] == [1, 2]
    assert new.holds[0].cycle == 1
    assert new.holds[0].restart == new.infusions[1]
    assert same.steps[0].after == 9
    assert not new.steps


def test_a_whole_cycle_of_28_days_is_over_and_not_held():
    found = course(bag(0, 28 * DAY), bag(42 * DAY, 70 * DAY), until=71 * DAY)
    assert [c.number for c in found.cycles] == [1, 2]
    assert not found.holds


def test_a_short_pause_after_a_whole_cycle_begins_the_next():
    assert [c.number for c in course(bag(0, 28 * DAY), bag(33 * DAY, 61 * DAY)).cycles] == [1, 2]


def test_a_recorded_stop_is_a_hold_however_short():
    (hold,) = course(bag(0, 100, status="stopped"), bag(101, 700)).holds
    assert (hold.why, hold.length) == ("recorded as stopped", timedelta(hours=1))


def test_a_recorded_pause_says_so():
    assert course(bag(0, 100, status="on-hold"), bag(130, 700)).holds[0].why == "recorded as on hold"


def test_a_hold_with_no_restart_has_no_end():
    found = course(bag(0, 100, status="stopped"))
    assert [(h.start, h.stop, h.restart, h.length) for h in found.holds] == [(hour(100).latest, None, None, None)]
    assert not found.running


def test_an_infusion_that_ended_early_and_never_went_on_is_held():
    (hold,) = course(bag(0, 100), measured("ferritin", 500, 300)).holds
    assert (hold.why, hold.stop) == ("gap in the administrations", None)


def test_an_infusion_that_ended_with_the_record_is_not_held():
    assert not course(bag(0, 100), until=102).holds


def test_an_infusion_that_ended_with_death_is_not_held():
    assert not course(bag(0, 100), patient=Patient("test", death=hour(101))).holds


def test_days_only_are_no_proof_of_a_hold():
    first = replace(bag(0, 24), stop=When.parse("2024-01-03"))
    second = replace(bag(0, 600), time=When.parse("2024-01-04"), known_at=When.parse("2024-01-04"))
    found = course(first, second, until=600)
    assert not found.holds
    assert any("to the day" in said for said in found.assumptions)


def test_a_pause_of_seven_or_eight_days_known_to_the_day_is_said_to_be_open():
    first = replace(bag(0, 24), stop=When.parse("2024-01-03"))
    second = replace(bag(0, 600), time=When.parse("2024-01-10"), known_at=When.parse("2024-01-10"))
    assert any("leave open" in said for said in course(first, second).assumptions)


def test_a_cycle_number_in_the_record_wins():
    named = replace(bag(0, 168), recorded="Blinatumomab cycle 3")
    found = course(named, bag(1000, 1100))
    assert [(c.number, c.stated) for c in found.cycles] == [(3, True), (4, False)]


def test_days_count_from_the_first_dose_and_days_of_cycle_from_one():
    found = course(bag(0, 28 * DAY), bag(42 * DAY, 70 * DAY))
    assert day(hour(36).latest, found) == 1.5
    assert day_of_cycle(hour(0).latest, found) == (1, 1)
    assert day_of_cycle(hour(23.99).latest, found) == (1, 1)
    assert day_of_cycle(hour(24).latest, found) == (1, 2)
    assert day_of_cycle(hour(43 * DAY).latest, found) == (2, 2)
    assert day_of_cycle(START - timedelta(hours=1), found) is None


# --- which drugs count --------------------------------------------------------------------------------------------


def test_only_ordered_or_expressly_not_given_is_no_exposure():
    ordered = replace(bag(0, 24), given=Given.ORDERED)
    refused = replace(bag(0, 24), given=Given.NOT_GIVEN)
    timeline = record([ordered, refused, replace(given("tocilizumab", 1), given=Given.ORDERED)])
    assert exposure(timeline, hour(100).latest) == ()
    assert treatments(timeline, hour(100).latest) == ()


def test_two_engagers_at_once_are_two_courses():
    timeline = record([bag(10, 200), dose("teclistamab", 0, "0.06 mg/kg"), given("tocilizumab", 50)])
    both = exposure(timeline, hour(300).latest)
    assert [c.drug for c in both] == ["teclistamab", "blinatumomab"]
    assert [t.drug for t in treatments(timeline, hour(300).latest, both)] == ["tocilizumab"]


def test_single_doses_have_no_cycles_and_their_pauses_are_the_schedule():
    found = course(
        measured("weight", 70, -1),
        dose("teclistamab", 0, "0.06 mg/kg"),
        dose("teclistamab", 72, "0.3 mg/kg"),
        dose("teclistamab", 144, "1.5 mg/kg"),
    )
    assert (found.cycles, found.holds) == ((), ())
    assert [(s.before, s.after, s.unit) for s in found.steps] == [(pytest.approx(4.2), 21, "mg"), (21, 105, "mg")]


def test_a_dose_per_kilogram_uses_the_weight_known_then():
    found = course(
        measured("weight", 70, -1), dose("teclistamab", 0, "1 mg/kg"), measured("weight", 60, 500), until=900
    )
    assert found.infusions[0].mg == 70


def test_a_single_dose_recorded_as_stopped_is_a_hold_until_the_next():
    found = course(dose("glofitamab", 0, "2.5 mg", "stopped"), dose("glofitamab", 168, "2.5 mg"))
    assert [(h.why, h.length, h.cycle) for h in found.holds] == [("recorded as stopped", timedelta(days=7), None)]


def test_car_t_is_one_day_of_infusion():
    found = course(given("axicabtagene_ciloleucel", 0))
    assert (found.kind, found.first, found.cycles, found.holds) == ("car_t", hour(0).latest, (), ())


def test_a_named_suspect_comes_first():
    timeline = record([bag(0, 100), dose("pegaspargase", 50, "3750 [iU]")])
    found = exposure(timeline, hour(200).latest, suspect="Oncaspar")
    assert [(c.drug, c.kind) for c in found] == [("pegaspargase", "other"), ("blinatumomab", "t_cell_engager")]


def test_an_unknown_suspect_is_refused():
    with pytest.raises(UnknownName, match="no drug is called"):
        exposure(record([]), hour(0).latest, suspect="nosuchdrug")


def test_what_became_known_later_is_left_out():
    late = replace(bag(0, 24), known_at=hour(500))
    assert exposure(record([late]), hour(400).latest) == ()


@pytest.mark.parametrize("rates", [(28,), (9, 28)])
def test_many_bags_are_joined(rates):
    bags = [bag(place, place + 1, rates[place % len(rates)]) for place in range(10_000)]
    timeline = record(bags)
    found = exposure(timeline, hour(20_000).latest)[0]
    assert found.infused == timedelta(hours=10_000)
