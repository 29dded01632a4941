"""How many vasopressors run."""

from __future__ import annotations

from stormwatch.facts import Exposure, Given, Interval, Origin
from stormwatch.sources.derived import with_derived
from stormwatch.testing.records import given, hour, measured, record

TWO = [given("norepinephrine", 0, until=10), given("vasopressin", 4, until=6), given("dexamethasone", 1, until=9)]


def counts(facts, complete=("exposures",)):
    found = with_derived(record(facts, complete=complete)).measurements.get("vasopressor_count", ())
    return [(one.time.latest, one.value) for one in found]


def at(*steps):
    return [(hour(hours).latest, Interval.point(number)) for hours, number in steps]


def test_the_count_changes_with_every_start_and_stop():
    assert counts(TWO) == at((0, 1), (4, 2), (6, 1), (10, 0))


def test_a_record_that_is_not_vouched_complete_gives_no_count():
    assert counts(TWO, complete=()) == []
    assert counts(TWO, complete=("findings",)) == []


def test_two_bags_of_one_drug_are_one_vasopressor():
    assert counts([given("norepinephrine", 0, until=5), given("norepinephrine", 4, until=8)]) == at((0, 1), (8, 0))


def test_an_infusion_still_running_does_not_end():
    assert counts([given("norepinephrine", 2, running=True)]) == at((2, 1))


def test_a_single_dose_and_an_order_do_not_run():
    order = Exposure("epinephrine", Given.ORDERED, "x", hour(0), hour(0), Origin("test", "o"), stop=hour(5))
    assert counts([given("phenylephrine", 0), order]) == []


def test_a_count_that_is_recorded_wins():
    assert counts([*TWO, measured("vasopressor_count", 3, 4)]) == at((0, 1), (4, 3), (6, 1), (10, 0))


def test_known_no_sooner_than_the_infusions_it_counts():
    late = Exposure("norepinephrine", Given.GIVEN, "x", hour(0), hour(3), Origin("test", "o"), stop=hour(8))
    first, last = with_derived(record([late], complete=["exposures"])).measurements["vasopressor_count"]
    assert (first.known_at, last.known_at) == (hour(3), hour(8))
    assert "test#o" in first.origin.record
