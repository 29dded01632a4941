"""The sentences restate the course: every number and moment in them stands in the payload."""

from __future__ import annotations

import re

import pytest

import stormwatch as sw
from stormwatch.course.payload import payload
from stormwatch.reports.story import story
from stormwatch.testing.records import given, measured, record


def leaves(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from leaves(value)
    else:
        yield node


def said_in(course):
    """Every text of the payload in one, times written as a person writes them; numbers as they print."""
    texts = [f"{leaf:g}" if isinstance(leaf, int | float) else str(leaf) for leaf in leaves(course)]
    return " ".join(re.sub(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\S*", r"\1 \2", text) for text in texts)


def test_every_number_of_the_story_stands_in_the_payload(example):
    known = said_in(example["course"])
    counts = {str(len(drug["cycles"])) for drug in example["course"]["drugs"]}
    names = re.compile(r"HLH-2004|Lee 2014|CTCAE 5|sJIA 2016")
    for sentence in example["story"]:
        for number in re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d|\d+(?:\.\d+)?", names.sub("", sentence)):
            assert number in known or number in counts, (number, sentence)


def test_the_story_of_the_example_is_that_of_the_published_case(example):
    """Second cycle, onset, drug withheld, tocilizumab and dexamethasone, response, restart at 9, no recurrence."""
    told = " ".join(example["story"])
    for words in ("interrupted 2023-12-28 14:30", "12.8 d", "given again at 9 µg/day", "CRS: first certainly met"):
        assert words in told
    (stopped,) = [sentence for sentence in example["story"] if sentence.startswith("Stopping")]
    assert "dechallenge confounded" in stopped
    assert "tocilizumab" in stopped
    assert "dexamethasone" in stopped
    (again,) = [sentence for sentence in example["story"] if sentence.startswith("Giving")]
    assert "did not recur by CRS grade (ASTCT)" in again


def test_criteria_for_other_patients_do_not_give_the_onset(example):
    """The 2016 criteria of juvenile arthritis were met two hours before the HScore, in a woman without arthritis."""
    (told,) = [sentence for sentence in example["story"] if sentence.startswith("MAS/HLH")]
    within, _, elsewhere = told.partition("Outside its population, or not certainly in it:")
    assert within.startswith("MAS/HLH: first certainly met 2023-12-28 14:05")
    assert "HScore" in within
    assert "sJIA" not in within
    assert "MAS in sJIA 2016: 4, from 2023-12-28 12:00" in elsewhere


def test_when_all_criteria_are_for_others_the_story_says_so():
    facts = [measured("temperature", 39.5, 0), measured("ferritin", 9000, 0), measured("platelets", 90, 0)]
    facts += [measured("ast", 400, 0), measured("triglycerides", 300, 0), measured("fibrinogen", 120, 0)]
    course = payload(sw.follow(record(facts)))
    judged = {one["instrument"] for one in course["episodes"] if one["syndrome"] == "mas_hlh"}
    course["episodes"] = [one for one in course["episodes"] if one["instrument"] == "mas-sjia-2016"]
    assert "mas-sjia-2016" in judged
    (told,) = [sentence for sentence in story(course) if sentence.startswith("MAS/HLH")]
    assert told.endswith("The patient is outside the population of these criteria, or not certainly in it.")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([], "The record holds no fact that can be used."),
        ([measured("ferritin", 90, 0)], "No T-cell engager, CAR-T product"),
        ([measured("ferritin", 90, 0)], "No criteria of CRS, ICANS, MAS/HLH or IEC-HS were certainly met"),
        ([given("blinatumomab", 0, running=True)], "Still running at the end of the record."),
    ],
)
def test_what_is_not_there_is_said(facts, said):
    assert said in " ".join(story(payload(sw.follow(record(facts)))))


def test_of_many_episodes_the_story_tells_the_first_and_how_many_followed():
    """Three fevers a fortnight apart, each with a normal temperature after it."""
    fevers = [
        measured("temperature", value, 336 * n + hour) for n in range(3) for hour, value in ((0, 39.1), (90, 36.5))
    ]
    course = payload(sw.follow(record([*fevers, *(measured("temperature", 36.5, 336 * n + 150) for n in range(3))])))
    episodes = [one for one in course["episodes"] if one["instrument"] == "crs-astct"]
    (told,) = [sentence for sentence in story(course) if sentence.startswith("CRS")]
    assert len(episodes) == 3
    assert told.count("CRS grade (ASTCT)") == 1
    assert ", and 2 more" in told
