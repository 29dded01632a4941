"""The whole course on records at the edges: empty, one fact, very many, out of order, two drugs, death, orders."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.course.builders import bag, dose, normal, temperatures

from stormwatch import analytes
from stormwatch.course.follow import follow
from stormwatch.course.payload import payload
from stormwatch.course.text import course_text
from stormwatch.errors import UnknownName, UsageError
from stormwatch.facts import Fact, Given, Patient, Timeline, When
from stormwatch.instruments.catalogue import shipped
from stormwatch.sources.text import read_prose, timeline_of
from stormwatch.testing.records import given, hour, measured, record, stated


def told(timeline: Timeline, **others):
    """The course as data, which must be plain JSON, and in words."""
    data = payload(follow(timeline, **others))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    return data, course_text(data)


def test_an_empty_record_has_an_empty_course_that_says_so():
    data, words = told(record([]))
    assert data["as_known_at"] is None
    assert data["notes"] == ["The record holds no fact that can be used."]
    assert [data[name] for name in ("drugs", "episodes", "trajectories", "instruments")] == [[], [], [], []]
    assert "none of the drugs under suspicion was given" in words


def test_an_empty_record_at_a_moment_is_all_unknown():
    data, _ = told(record([]), at="2024-01-01")
    assert len(data["instruments"]) == len(shipped())
    assert not data["episodes"]
    assert {one["now"]["verdict"] for one in data["instruments"]} <= {None, "unknown"}


@pytest.mark.parametrize(
    "fact",
    [measured("ferritin", 50_000, 0), stated("fever", 0), given("blinatumomab", 0), given("tocilizumab", 0)],
    ids=lambda fact: type(fact).__name__ + getattr(fact, "drug", ""),
)
def test_one_fact_is_a_course(fact):
    data, words = told(record([fact]))
    assert data["data_cut"] == "2024-01-01T00:00:00+00:00"
    assert words


def test_facts_out_of_order_give_the_same_course():
    facts: list[Fact] = [bag(0, 100, status="stopped"), bag(300, 400, 9), dose("dexamethasone", 299, "20 mg")]
    facts += [*temperatures({-2: 36.8, 90: 39.1, 98: 39.3}), *normal(130, 290), *normal(302, 400)]
    backwards = Timeline(Patient("test"), tuple(reversed(facts)))
    a, b = told(record(facts))[0], told(backwards)[0]
    for name in ("drugs", "treatments", "dechallenges", "rechallenges", "overlaps"):
        assert a[name] == b[name]
    assert [one["onset"] for one in a["episodes"]] == [one["onset"] for one in b["episodes"]]


def test_two_engagers_at_once_each_have_their_course():
    data, words = told(record([bag(10, 200), dose("teclistamab", 0, "4 mg"), dose("teclistamab", 72, "20 mg")]))
    assert [drug["drug"] for drug in data["drugs"]] == ["teclistamab", "blinatumomab"]
    assert data["drugs"][0]["concentration"] is None
    assert data["drugs"][1]["concentration"]["unit"] == "pg/mL"
    assert "Teclistamab" in words
    assert "Blinatumomab" in words


def test_a_hold_with_no_restart_is_said():
    data, words = told(record([bag(0, 100, status="stopped"), *normal(0, 300)]))
    (hold,) = data["drugs"][0]["holds"]
    assert (hold["stop"], hold["length"], hold["restart"]) == (None, None, None)
    assert "no restart in the record" in words


def test_a_death_after_the_last_fact_belongs_to_the_course():
    timeline = record([bag(0, 100), *temperatures({90: 39.2})], patient=Patient("test", death=hour(110)))
    course = follow(timeline)
    assert course.at == hour(110).latest
    assert {episode.end for episode in course.episodes} == {"death"}
    assert {one.outcome for one in course.dechallenges} == {"not assessable"}
    assert told(timeline)[0]["patient"]["death"] == hour(110).text


def test_death_recorded_to_the_month_and_days_only_are_followed():
    day = When.parse("2024-01-03")
    first = replace(bag(0, None), time=day, known_at=day, stop=When.parse("2024-01-09"))
    data, _ = told(record([first, *normal(0, 100)], patient=Patient("test", death=When.parse("2024-02"))))
    assert data["drugs"][0]["first"] == "2024-01-03T23:59:59.999999+00:00"
    assert any("to the day" in said for said in data["assumptions"])


def test_a_drug_only_ordered_or_not_given_is_nowhere_in_the_course():
    ordered = replace(bag(0, 100), given=Given.ORDERED)
    refused = replace(given("tocilizumab", 5), given=Given.NOT_GIVEN)
    data, _ = told(record([ordered, refused, *temperatures({1: 39.0})]))
    assert (data["drugs"], data["treatments"], data["dechallenges"]) == ([], [], [])
    assert any("was given in this record" in note for note in data["notes"])


def test_only_what_was_known_at_the_moment_counts():
    facts: list[Fact] = [bag(0, 100, status="stopped"), bag(300, 500, 9), *temperatures({90: 39.1})]
    early = follow(record(facts), at=hour(95).latest)
    (drug,) = early.drugs
    assert (drug.running, drug.holds, drug.infused) == (True, (), timedelta(hours=95))
    assert not early.rechallenges


def test_a_named_suspect_is_followed_and_an_unknown_one_refused():
    timeline = record([dose("pegaspargase", 0, "3750 [iU]")])
    assert follow(timeline).drugs == ()
    assert follow(timeline, suspect="pegaspargase").drugs[0].kind == "other"
    with pytest.raises(UnknownName):
        follow(timeline, suspect="nosuchdrug")
    with pytest.raises(UsageError):
        follow(timeline, at="yesterday")


@pytest.mark.slow
def test_fifty_thousand_facts_are_followed():
    """Every analyte there is, one value every three minutes for a hundred days: far denser than an intensive care."""
    names = sorted(analytes.catalogue())
    facts = [measured(names[n % len(names)], 30 + (n * 7919) % 60, n / 20) for n in range(49_999)]
    timeline = record([*facts, bag(0, 672)])
    data = payload(follow(timeline))
    assert sum(len(one["points"]) for one in data["trajectories"]) > 5_000


def test_a_drug_withheld_in_a_report_and_given_again_is_a_hold_whose_length_nobody_tells():
    course = follow(
        timeline_of(
            read_prose(
                "A 30-year-old woman received blinatumomab. Blinatumomab was withheld, and dexamethasone was given. "
                "Blinatumomab was later restarted at 9 mcg/day."
            )
        )
    )
    (drug,) = (one for one in course.drugs if one.drug == "blinatumomab")
    (hold,) = drug.holds
    assert hold.restart is not None
    assert hold.why == "recorded as on hold"
    assert hold.restart.mcg_per_day == 9
    assert payload(course)["drugs"][0]["holds"][0]["length"] == {"hours": None, "text": "an unknown time"}
