"""Episodes: onset, peak, end, recurrence, overlap and latency, on small records worked out by hand.

The ASTCT grade counts a temperature for 24 h and oxygen as last stated.
"""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from stormwatch import instrument, read, track
from stormwatch.course.episodes import Latency, episodes, latency, overlaps, possible, undecided_judges
from stormwatch.course.exposure import exposure
from stormwatch.course.judging import judges, rules
from stormwatch.facts import Interval, Patient, When
from stormwatch.instruments.catalogue import shipped
from stormwatch.logic.truth import Truth
from stormwatch.testing.records import START, given, hour, measured, record, stated

HOUR = timedelta(hours=1)
EXAMPLE = Path(__file__).parents[3] / "examples/blinatumomab-mas.json"
HYPOXIA = ("low_flow_oxygen", "high_flow_oxygen", "positive_pressure_ventilation", "vasopressor", "hypotension")


def at_bedside(hours, temperature, **signs):
    """A look at the patient that settles the ASTCT grade; it counts for 24 h."""
    yield measured("temperature", Fraction(str(temperature)), hours)
    yield from (stated(sign, hours, present=signs.get(sign, False)) for sign in HYPOXIA)


def course(*looks, complete=("exposures",), death=None, extra=()):
    patient = Patient("test", death=None if death is None else hour(death))
    return record([*(fact for look in looks for fact in look), *extra], complete=complete, patient=patient)


def crs(timeline, drugs=(), **options):
    return episodes({"crs-astct": track(timeline, "crs-astct", **options)}, drugs)


def after_start(moment):
    return (moment - START) / HOUR


class TestOneEpisode:
    """Fever 38.5 at 10 h (grade 1), low-flow oxygen at 20 h (grade 2), all quiet at 50 h; windows are 24 h."""

    timeline = course(
        at_bedside(0, 36.8),
        at_bedside(10, 38.5),
        at_bedside(20, 38.2, low_flow_oxygen=True),
        at_bedside(30, 36.9),
        at_bedside(50, 36.8),
        at_bedside(80, 36.8),
    )

    def only(self):
        (episode,) = crs(self.timeline)
        return episode

    def test_it_begins_when_the_criteria_are_first_certainly_met(self):
        assert after_start(self.only().onset) == 10

    def test_nothing_was_open_before_it(self):
        assert self.only().possible_onset == self.only().onset

    def test_its_peak_is_the_highest_certain_grade_and_its_first_moment(self):
        assert (self.only().peak, after_start(self.only().peak_at)) == (Interval.point(2), 20)

    def test_it_ends_when_the_last_fever_is_a_day_old(self):
        episode = self.only()
        assert (after_start(episode.last_met), after_start(episode.resolved)) == (44, 44)
        assert (episode.end, episode.ongoing) == ("resolved", False)

    def test_it_carries_the_temperature_that_made_it(self):
        assert [fact.origin.record for fact in self.only().facts] == ["temperature-10"]

    def test_it_states_its_rule_and_whose_it_is(self):
        assert self.only().rule == rules().text
        assert rules().basis == "ours"

    def test_its_moments_run_from_the_onset_to_the_resolution(self):
        moments = self.only().moments
        assert [(after_start(m.moment), m.score.low) for m in moments] == [(10, 1), (20, 2), (30, 1), (44, 0)]
        assert moments[-1].verdict is Truth.NOT_MET


class TestTheEnd:
    def test_a_value_that_expires_is_no_resolution(self):
        (episode,) = crs(course(at_bedside(10, 38.5), extra=[measured("crp", 1, 60)]))
        assert (episode.resolved, episode.ongoing, episode.end) == (None, False, "not known")
        assert after_start(episode.last_met) == 34

    def test_met_at_the_end_of_the_record_is_ongoing(self):
        (episode,) = crs(course(at_bedside(10, 38.5), at_bedside(12, 37.0)))
        assert (episode.resolved, episode.ongoing, episode.end) == (None, True, "ongoing")

    def test_not_met_for_less_than_a_day_is_not_enough(self):
        timeline = course(at_bedside(10, 38.5), at_bedside(30, 36.8), at_bedside(57.9, 36.8))
        assert crs(timeline)[0].end == "not met, but not for long enough"

    def test_not_met_for_a_day_is_enough(self):
        timeline = course(at_bedside(10, 38.5), at_bedside(30, 36.8), at_bedside(58, 36.8))
        assert crs(timeline)[0].end == "resolved"

    def test_death_ends_it(self):
        timeline = course(at_bedside(10, 38.5), at_bedside(20, 38.5), death=25, extra=[measured("crp", 1, 30)])
        (episode,) = crs(timeline)
        assert (episode.end, episode.ongoing, episode.resolved) == ("death", False, None)
        assert after_start(episode.last_met) == 25

    def test_a_death_after_the_resolution_does_not_count(self):
        timeline = course(at_bedside(10, 38.5), at_bedside(30, 36.8), death=90, extra=[measured("crp", 1, 95)])
        assert crs(timeline)[0].end == "resolved"

    def test_a_death_after_the_moment_asked_for_is_not_known(self):
        timeline = course(at_bedside(10, 38.5), death=25, extra=[measured("crp", 1, 30)])
        assert crs(timeline, at=hour(20).latest)[0].end == "ongoing"


class TestRecurrence:
    """The first fever stops counting at 34 h; a look at 30 h says that nothing else is there."""

    def again(self, hours):
        return crs(course(at_bedside(10, 38.5), at_bedside(30, 36.8), at_bedside(hours, 38.5)))

    def test_met_again_within_a_day_of_not_met_is_the_same_episode(self):
        assert [e.number for e in self.again(57)] == [1]

    def test_met_again_after_a_day_of_not_met_is_a_second_one(self):
        first, second = self.again(58)
        assert (first.number, second.number, after_start(second.onset)) == (1, 2, 58)
        assert after_start(first.resolved) == 34

    def test_a_silence_of_less_than_seven_days_does_not_part_an_episode(self):
        assert len(crs(course(at_bedside(10, 38.5), at_bedside(34 + 167, 38.5)))) == 1

    def test_a_silence_of_seven_days_does_and_the_first_end_stays_unknown(self):
        first, second = crs(course(at_bedside(10, 38.5), at_bedside(34 + 168, 38.5)))
        assert (first.end, second.number) == ("not known", 2)
        assert after_start(second.possible_onset) == 34


class TestPossibleOnset:
    """OHI: ferritin counts from 11 h on; soluble CD25 of 5 h returns at 100 h."""

    timeline = record([measured("ferritin", 5000, 11), measured("sil2r", 6850, 5, known=100)])

    def test_certain_only_with_the_late_result_and_possible_before(self):
        (episode,) = episodes({"ohi": track(self.timeline, "ohi")})
        assert (after_start(episode.onset), after_start(episode.possible_onset)) == (100, 11)

    def test_what_the_facts_are_about_is_kept_beside_what_was_known_when(self):
        (episode,) = episodes({"ohi": track(self.timeline, "ohi")})
        assert after_start(episode.about) == 11

    def test_before_the_result_it_is_possible_and_kept_apart(self):
        tracks = {"ohi": track(self.timeline, "ohi", at=hour(50).latest)}
        assert episodes(tracks) == ()
        (maybe,) = possible(tracks)
        assert (maybe.certain, maybe.ongoing, maybe.peak) == (False, True, Interval(1, 2))

    def test_once_certain_it_is_no_longer_a_possibility(self):
        assert possible({"ohi": track(self.timeline, "ohi")}) == ()

    def test_silence_alone_is_no_possibility(self):
        assert possible({"hscore": track(record([measured("crp", 1, 5)]), "hscore")}) == ()


def test_a_grade_without_a_verdict_holds_from_one_on():
    timeline = record([stated("fever", 5), stated("crs", 5), *(stated(sign, 5, present=False) for sign in HYPOXIA)])
    (episode,) = episodes({"crs-ctcae-v5": track(timeline, "crs-ctcae-v5")})
    assert (after_start(episode.onset), episode.peak) == (5, Interval.point(1))


def test_the_highest_grade_left_open_is_kept_beside_the_certain_one():
    (episode,) = crs(record([measured("temperature", 39, 5)]))
    assert (episode.peak, episode.peak_possible) == (Interval(1, 4), 4)


class TestLatency:
    timeline = record([given("blinatumomab", 0, until=100), given("blinatumomab", 200, until=300)])

    def test_counts_from_the_first_dose_and_the_last_start(self):
        drugs = exposure(self.timeline, hour(300).latest)
        assert latency(hour(230).latest, drugs) == Latency(230 * HOUR, None, 30 * HOUR, "blinatumomab")

    def test_a_start_after_the_onset_does_not_count(self):
        drugs = exposure(self.timeline, hour(300).latest)
        assert latency(hour(150).latest, drugs).last_start == 150 * HOUR

    def test_before_any_dose_there_is_none(self):
        drugs = exposure(self.timeline, hour(300).latest)
        assert latency(hour(-1).latest, drugs) == Latency()

    def test_of_two_engagers_the_one_started_last_counts(self):
        both = record([given("blinatumomab", 0, until=100), given("teclistamab", 50)])
        found = latency(hour(60).latest, exposure(both, hour(100).latest))
        assert (found.drug, found.first_dose) == ("teclistamab", 10 * HOUR)

    def test_an_episode_carries_it(self):
        timeline = course(at_bedside(10, 38.5), extra=[given("blinatumomab", 4, until=100)])
        (episode,) = crs(timeline, exposure(timeline, hour(10).latest))
        assert episode.latency.first_dose == 6 * HOUR


def test_overlap_is_the_time_both_syndromes_were_certainly_there():
    timeline = record([measured("temperature", 39, 5), measured("ferritin", 5000, 11), measured("sil2r", 6850, 5)])
    later = record([*timeline.facts, measured("crp", 1, 400)])
    found = episodes({name: track(later, name) for name in ("crs-astct", "ohi")})
    (overlap,) = overlaps(found)
    assert (after_start(overlap.start), after_start(overlap.stop)) == (11, 29)


def test_episodes_of_one_syndrome_do_not_overlap_each_other():
    timeline = record([measured("temperature", 39, 5), stated("fever", 5)])
    found = episodes({name: track(timeline, name) for name in ("crs-astct", "crs-ctcae-v5")})
    assert len(found) == 2
    assert overlaps(found) == ()


class TestEdges:
    def test_an_empty_record_has_no_episodes(self):
        tracks = {"crs-astct": track(record([]), "crs-astct", at=START)}
        assert (episodes(tracks), possible(tracks)) == ((), ())

    def test_one_fact_makes_an_ongoing_episode_at_that_moment(self):
        (episode,) = crs(record([measured("temperature", 39, 5)]))
        assert (after_start(episode.onset), after_start(episode.last_met), episode.ongoing) == (5, 5, True)

    def test_a_value_dated_to_a_day_counts_from_the_end_of_the_day(self):
        day = When.parse("2024-01-01")
        fever = replace(measured("temperature", 39, 5), time=day, known_at=day)
        assert crs(record([fever]))[0].onset == day.latest

    def test_no_track_no_episode(self):
        assert episodes({}) == ()


def test_every_judge_is_a_shipped_instrument_that_can_give_its_answer():
    for judge in judges():
        found = instrument(judge.instrument)
        assert judge.instrument in shipped()
        assert judge.holds != "verdict" or found.verdict is not None
        assert judge.holds != "grade" or (found.verdict is None and found.score is not None)


def test_instruments_with_unconfirmed_rules_decide_nothing_and_say_why():
    assert set(undecided_judges()) == {"hlh-2024", "iec-hs"}
    assert all(undecided_judges().values())


@pytest.mark.parametrize("name", ["hlh-2024", "iec-hs"])
def test_an_undecided_judge_has_no_episode(name):
    timeline = record([measured("ferritin", 90000, 1, high=300), given("tisagenlecleucel", 0)])
    assert episodes({name: track(timeline, name)}) == ()


@drawn(st.lists(st.tuples(st.integers(0, 600), st.sampled_from(["36.5", "38.0", "39.9"])), min_size=1, max_size=12))
def test_episodes_are_in_order_apart_and_begin_and_end_as_their_rule_says(looks):
    timeline = course(*(at_bedside(hours, temperature) for hours, temperature in looks))
    along = track(timeline, "crs-astct")
    found = episodes({"crs-astct": along})
    met = [m.moment for m in along.moments if m.verdict is Truth.MET]
    assert bool(found) == bool(met)
    for episode in found:
        assert episode.onset in met
        assert episode.possible_onset is not None
        assert episode.possible_onset <= episode.onset <= episode.stop
        assert episode.resolved is None or episode.resolved >= episode.stop
        if episode.resolved is not None:
            answer = [m.verdict for m in along.moments if m.moment <= episode.resolved][-1]
            assert answer is Truth.NOT_MET
            assert not any(episode.resolved <= m < episode.resolved + timedelta(hours=24) for m in met)
    for one, other in pairwise(found):
        assert one.stop < other.onset
    assert all(any(e.onset <= m <= e.stop for e in found) for m in met)


def test_a_formula_without_items_carries_the_facts_of_its_quantities():
    signs = [stated("cns_dysfunction", 5), stated("haemorrhage", 5), stated("arthritis", 5, present=False)]
    values = [measured("platelets", 50, 5), measured("ldh", 900, 5), measured("fibrinogen", 150, 5)]
    timeline = record([*signs, *values, measured("ferritin", 9000, 5)])
    (episode,) = episodes({"ms-score": track(timeline, "ms-score")})
    assert len(episode.facts) == 7
    assert episode.statements  # it holds in systemic juvenile idiopathic arthritis only, which is not recorded here


class TestExamplePatient:
    """Fever of 38.6 °C on admission (27 December, 22:10 at UTC+1), ten days after the start of the second infusion."""

    timeline = read(EXAMPLE)
    drugs = exposure(timeline, When.parse("2024-01-24T23:00:00+01:00").latest)

    def by(self, name):
        return episodes({name: track(self.timeline, name)}, self.drugs)

    def test_cytokine_release_begins_with_the_fever_and_does_not_recur_after_the_restart(self):
        (episode,) = self.by("crs-astct")
        assert episode.onset == When.parse("2023-12-27T22:10:00+01:00").latest
        assert (episode.peak, episode.end) == (Interval.point(1), "resolved")

    def test_it_comes_so_long_after_the_first_dose_the_step_and_the_last_start(self):
        """From 6 November, 13 November and 18 December, all at 10:00."""
        half_day = timedelta(hours=12, minutes=10)
        first, step, start = (timedelta(days=count) + half_day for count in (51, 44, 9))
        assert self.by("crs-astct")[0].latency == Latency(first, step, start, "blinatumomab")

    def test_hlh_2004_is_certain_with_the_fifth_criterion_and_its_end_is_not_known(self):
        """Fever, spleen, cytopenia, ferritin; the triglycerides of 12:30 are released after three hours."""
        (episode,) = self.by("hlh-2004")
        assert episode.onset == When.parse("2023-12-28T15:30:00+01:00").latest
        assert episode.end == "not known"

    def test_the_late_soluble_cd25_makes_ohi_certain_five_days_after_it_was_drawn(self):
        (episode,) = self.by("ohi")
        assert episode.onset == When.parse("2024-01-02T12:30:00+01:00").latest
        assert episode.possible_onset == When.parse("2023-12-28T12:00:00+01:00").latest

    def test_neurotoxicity_was_not_examined_and_has_no_episode(self):
        assert self.by("icans-astct") == ()
