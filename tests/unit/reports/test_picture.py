"""The picture shows what the record and the instruments say, and nothing that was not known yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given as cases
from hypothesis import settings
from hypothesis import strategies as st

import stormwatch as sw
from stormwatch import terms
from stormwatch.facts import Interval
from stormwatch.logic.truth import Truth
from stormwatch.reports.axis import DAY, Axis
from stormwatch.reports.layout import layout
from stormwatch.reports.marks import EDGE, FILL
from stormwatch.reports.picture import around, picture, whole
from stormwatch.reports.ruler import apart, ruler
from stormwatch.reports.series import thinned
from stormwatch.testing.records import START, given, measured, record

HOURS = st.integers(-2000, 2000)
AXIS = Axis(START, START, START + timedelta(hours=100), START + timedelta(hours=100), "start")


@cases(HOURS, HOURS)
def test_a_stretch_is_cut_to_the_axis(one, other):
    start, stop = sorted((one, other))
    shown = AXIS.cut(START + timedelta(hours=start), START + timedelta(hours=stop))
    inside = [hour for hour in (max(start, 0), min(stop, 100)) if max(start, 0) <= min(stop, 100)]
    if start != stop and max(start, 0) == min(stop, 100):
        inside = []  # a stretch that only touches the axis
    assert shown == (pytest.approx(tuple(hour / 24 for hour in inside), abs=1e-4) if inside else None)


@pytest.fixture(scope="module")
def drawn(example):
    return example["pictures"][0]["picture"]


def rows(drawn):
    return [*drawn["strips"], *drawn["map"]]


def test_the_stretches_of_every_row_cover_the_axis_without_overlap(example, example_course):
    for figure in example["pictures"]:
        drawn = figure["picture"]
        until = min(drawn["to"], whole(example_course).day(example_course.at))
        for row in rows(drawn):
            assert row["stretches"][0]["from"] == drawn["from"], row["label"]
            assert row["stretches"][-1]["to"] == pytest.approx(until), row["label"]
            assert all(one["to"] == after["from"] for one, after in pairwise(row["stretches"]))
            assert all(one["from"] < one["to"] for one in row["stretches"][:-1])


def state_at(row, day):
    return next(one for one in reversed(row["stretches"]) if one["from"] <= day)


@settings(max_examples=15)
@cases(st.floats(0, 1))
def test_a_strip_says_at_any_moment_what_assess_says(example_course, drawn, share):
    axis = whole(example_course)
    moment = axis.first + (example_course.at - axis.first) * share
    day = axis.day(moment)
    edges = [one["from"] for row in rows(drawn) for one in row["stretches"]]
    if min(abs(day - edge) for edge in edges) < 1e-4:
        return  # days are rounded to the second
    for strip in drawn["strips"]:
        assessment = sw.assess(example_course.timeline, strip["instrument"], at=moment)
        shown = state_at(strip, day)
        if assessment.verdict is not None:
            assert shown["state"] == assessment.verdict.value, strip["label"]
        if assessment.score is not None:
            low, _, high = shown["text"].partition("–")
            assert float(low) == pytest.approx(float(assessment.score.low))
            assert float(high or low) == pytest.approx(float(assessment.score.high))
    for item in drawn["map"]:
        assessment = sw.assess(example_course.timeline, item["instrument"], at=moment)
        places = [one.id for one in assessment.instrument.items]
        value = assessment.items[places.index(item["item"])].value
        assert state_at(item, day)["state"] == in_words(value), item["label"]


def in_words(value):
    """An item of points is met when some are certain, and not met when none is possible."""
    if isinstance(value, Truth):
        return value.value
    return "met" if value.low > 0 else "unknown" if value.high > 0 else "not met"


def test_the_cut_offs_are_the_published_ones(drawn):
    """From the papers: Lee 2019 (38.0), Henter 2007 (38.5, 500, 100, 1, 150), Fardel 2014 (2000, 6000, 30, 250)."""
    found = {(p["id"], c["analyte"], c["value"], c["of"]) for p in drawn["panels"] for c in p["cutoffs"]}
    assert found == {
        ("temperature", "temperature", 38, "CRS grade (ASTCT)"),
        ("temperature", "temperature", 38.5, "HLH-2004"),
        ("ferritin", "ferritin", 500, "HLH-2004"),
        ("ferritin", "ferritin", 2000, "HScore"),
        ("ferritin", "ferritin", 6000, "HScore"),
        ("counts", "platelets", 100, "HLH-2004"),
        ("counts", "neutrophils", 1, "HLH-2004"),
        ("liver", "ast", 30, "HScore"),
        ("fibrinogen", "fibrinogen", 150, "HLH-2004"),
        ("fibrinogen", "fibrinogen", 250, "HScore"),
    }


def test_every_value_of_the_record_is_a_point_at_its_time(example_course, drawn):
    axis = whole(example_course)
    for panel in drawn["panels"]:
        for line in panel["lines"]:
            facts = example_course.timeline.measurements[line["analyte"]]
            shown = [fact for fact in facts if axis.first <= fact.time.latest <= axis.last]
            assert [p["day"] for p in line["points"]] == [round((f.time.latest - axis.origin) / DAY, 5) for f in shown]
            assert line["values"] == len(shown)


def test_a_censored_value_carries_its_bound(drawn):
    ferritin = next(panel for panel in drawn["panels"] if panel["id"] == "ferritin")
    (bound,) = [point for point in ferritin["lines"][0]["points"] if point["bound"]]
    assert (bound["value"], bound["low"], bound["high"], bound["bound"]) == (40000, 40000, None, "at least")


def test_infusions_hold_and_restart_are_those_of_the_published_story(drawn):
    assert [row["label"] for row in drawn["infusions"]] == ["9 µg/d", "28 µg/d", "28 µg/d", "9 µg/d"]
    assert [row["share"] for row in drawn["infusions"]] == [pytest.approx(9 / 28), 1, 1, pytest.approx(9 / 28)]
    (hold,) = drawn["holds"]
    assert hold["label"] == "held 12.8 d"
    assert hold["from"] == drawn["infusions"][2]["to"]
    assert hold["to"] == drawn["infusions"][3]["from"]


def test_hours_after_the_hold_no_drug_is_left(drawn):
    """Half-life 1.87 h (ln 2 x 5.98 / 2.22): a day is nearly 13 of them."""
    hold = drawn["holds"][0]
    levels = {level["from"]: level for level in drawn["concentration"]}
    running = max(level["typical"] for day, level in levels.items() if day < hold["from"])
    later = next(level for day, level in sorted(levels.items()) if day > hold["from"] + 1)
    assert later["typical"] < running / 1000


def test_what_was_not_yet_known_is_not_shown():
    """Drawn at hour 10 and known at hour 50: at hour 30 nobody could have drawn this point."""
    late = measured("ferritin", 20000, 10, known=50)
    timeline = record([measured("ferritin", 700, 0), late, measured("ferritin", 900, 31)])
    shown = {}
    for hours in (30, 60):
        course = sw.follow(timeline, at=START + timedelta(hours=hours))
        (panel,) = picture(course, whole(course))["panels"]
        shown[hours] = [point["value"] for point in panel["lines"][0]["points"]]
    assert shown == {30: [700], 60: [700, 20000, 900]}


def test_a_closer_look_is_part_of_the_whole(example_course):
    full = whole(example_course)
    near = around(full, full.first - DAY, full.first + DAY)
    assert (near.first, near.last) == (full.first, full.first + DAY)


def test_of_many_drugs_the_least_telling_share_a_row():
    names = ["tocilizumab", "dexamethasone", "norepinephrine", "allopurinol", "rasburicase", "levetiracetam"]
    names += ["vincristine", "rituximab", "dobutamine", "milrinone", "methotrexate", "cytarabine", "asparaginase"]
    known = [name for name in names if name in terms.drugs()]
    assert len(known) > layout()["given"]["most"]
    course = sw.follow(record([given(name, hour) for hour, name in enumerate(known)]))
    shown = picture(course, whole(course))["given"]
    assert len({row["row"] for row in shown}) == layout()["given"]["most"]
    assert len(shown) == len(known)
    folded = [row["drug"] for row in shown if row["row"] != row["drug"]]
    assert {row["row"] for row in shown if row["row"] != row["drug"]} == {f"{len(folded)} more drugs"}
    assert not {"tocilizumab", "dexamethasone", "norepinephrine"} & set(folded)


@cases(st.lists(st.integers(0, 10**6), min_size=1, max_size=300), st.integers(2, 40))
def test_thinning_keeps_the_order_and_the_extremes(numbers, most):
    facts = [measured("ferritin", number, hour) for hour, number in enumerate(numbers)]
    kept = thinned(facts, most)
    assert len(kept) <= max(most + 1, 4)  # two of each stretch
    assert [facts.index(fact) for fact in kept] == sorted(facts.index(fact) for fact in kept)
    values = [fact.value.low for fact in kept]
    assert (min(values), max(values)) == (min(numbers), max(numbers))


@cases(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=20), st.booleans())
def test_an_axis_holds_every_value_between_its_ends(values, log):
    axis = ruler(values, log=log)
    assert all(-1e-9 <= axis.share(value) <= 1 + 1e-9 for value in values)
    assert all(axis.value(axis.share(value)) == pytest.approx(value, rel=1e-6, abs=1e-6) for value in values)
    assert list(axis.ticks) == sorted(set(axis.ticks))
    assert 2 <= len(axis.ticks) <= 12


@cases(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_names_of_cut_offs_never_lie_on_each_other(shares):
    placed = apart(shares, 0.19)
    assert all(after - before >= 0.19 - 1e-9 for before, after in pairwise(sorted(placed)))
    assert max(placed) <= 1 + 1e-9
    assert [placed[i] for i in sorted(range(len(shares)), key=lambda i: (shares[i], i))] == sorted(placed)


def luminance(colour):
    """Relative luminance by WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_states_are_told_apart_in_black_and_white():
    assert set(FILL) == set(EDGE) == {truth.value for truth in Truth}
    assert contrast(FILL["met"], FILL["unknown"]) > 4.5
    assert contrast(FILL["met"], FILL["not met"]) > 4.5
    # Both are light: the one with an edge, the other without.
    assert contrast(EDGE["not met"], FILL["not met"]) > 4.5
    assert EDGE["unknown"] == FILL["unknown"]
    assert contrast(FILL["met"], "#ffffff") > 4.5  # the words in a dark stretch are white


def test_an_empty_record_has_no_axis():
    with pytest.raises(ValueError, match="no time axis"):
        whole(sw.follow(record([])))


def test_an_interval_without_ends_is_no_point():
    course = sw.follow(record([measured("ferritin", Interval(), 0), measured("ast", Fraction(95), 0)]))
    assert [panel["id"] for panel in picture(course, whole(course))["panels"]] == ["liver"]


def test_days_count_from_the_first_dose_not_from_the_first_fact():
    ferritins = [measured("ferritin", 100, -2400), measured("ferritin", 90, -24)]
    course = sw.follow(record([*ferritins, given("blinatumomab", 0)]))
    axis = whole(course)
    assert axis.origin == datetime(2024, 1, 1, tzinfo=UTC)
    assert axis.day(axis.first) == pytest.approx(-30 - 0.01 * 30)
    (panel,) = picture(course, axis)["panels"]
    assert [point["day"] for point in panel["lines"][0]["points"]] == [-1]


def test_a_cut_off_stands_only_where_its_analyte_is_drawn():
    course = sw.follow(record([measured("platelets", 90, 0)]))
    (panel,) = picture(course, whole(course))["panels"]
    assert [(cutoff["analyte"], cutoff["value"]) for cutoff in panel["cutoffs"]] == [("platelets", 100)]
