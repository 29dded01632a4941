"""Levels in words: "elevated AST" answers what any value above the limit would answer, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stormwatch
from stormwatch.explain.payload import assessment_payload
from stormwatch.explain.words import fact_words
from stormwatch.facts import Fact, Interval, Limit, Timeline
from stormwatch.logic.inputs import Baseline, LabInput, Relative, Take
from stormwatch.logic.reading import Step
from stormwatch.logic.windows import steps
from stormwatch.testing.records import START, hour, measured, record, told
from stormwatch.testing.records import given as dose

ULN = 40
TAKES = (Take.LATEST, Take.HIGHEST, Take.LOWEST)
OVER = Interval.above(1)
BEFORE_TREATMENT = Baseline(frozenset({"blinatumomab"}), "blinatumomab")


def over_uln(take: Take, within: timedelta | None = None) -> LabInput:
    return LabInput("ast", take, within, Relative.ULN)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Measurements with their own limits, in multiples of a quarter of the limit, some released late."""
    rows = draw(st.lists(st.tuples(st.integers(0, 24), st.integers(0, 96), st.integers(0, 24)), max_size=5))
    return [
        measured("ast", Fraction(ULN * quarters, 4), at, known=at + late, high=ULN, record=str(place))
        for place, (quarters, at, late) in enumerate(rows)
    ]


def values(found: list[Step]) -> list[tuple[datetime, object]]:
    """When the value changed, and to what; steps that change the facts alone left out."""
    kept: list[tuple[datetime, object]] = []
    for step in found:
        if not kept or kept[-1][1] != step.reading.value:
            kept.append((step.moment, step.reading.value))
    return kept


def at_moment(timeline: Timeline, which: LabInput, moment: datetime) -> Interval:
    value = [step.reading.value for step in steps(timeline, which) if step.moment <= moment][-1]
    assert isinstance(value, Interval)
    return value


@given(histories(), st.sampled_from(TAKES), st.integers(0, 96), st.sampled_from([None, timedelta(hours=24)]))
def test_a_level_answers_as_a_censored_value_above_its_own_limit(history, take, at, within) -> None:
    # A laboratory that prints "> 40" with the limit 40 has said the same as the words "above the limit".
    words = record([*history, told("ast", OVER, at)])
    censored = record([*history, measured("ast", Interval.above(ULN), at, high=ULN)])
    which = over_uln(take, within)
    assert values(steps(words, which)) == values(steps(censored, which))


@given(histories(), st.sampled_from(TAKES), st.integers(0, 96), st.integers(0, 130))
def test_a_level_is_exactly_the_hull_of_every_ratio_above_one(history, take, at, later) -> None:
    which, moment = over_uln(take), START + timedelta(hours=later)
    told_of = at_moment(record([*history, told("ast", OVER, at)]), which, moment)

    def with_ratio(ratio: Fraction) -> Interval:
        return at_moment(record([*history, measured("ast", ULN * ratio, at, high=ULN)]), which, moment)

    tiny, huge = Fraction(1, 10**9), 10**9
    for ratio in (1 + tiny, Fraction(5, 4), Fraction(3), Fraction(huge)):
        one = with_ratio(ratio)
        assert told_of.low <= one.low
        assert one.high <= told_of.high
    assert with_ratio(1 + tiny).low - told_of.low <= tiny
    highest = with_ratio(Fraction(huge)).high
    assert highest == told_of.high or highest >= huge


@given(histories(), st.sampled_from(TAKES), st.integers(0, 96), st.sampled_from([None, Relative.LLN]))
def test_a_level_changes_nothing_else(history, take, at, relative) -> None:
    which = LabInput("ast", take, None, relative)
    with_words = steps(record([*history, told("ast", OVER, at)]), which)
    assert values(with_words) == values(steps(record(history), which))
    assert not any(step.reading.recorded and not step.reading.facts for step in with_words)


def test_an_absolute_question_says_that_there_are_only_words() -> None:
    which = LabInput("ast", Take.LATEST, None)
    last = steps(record([told("ast", OVER, 0)]), which)[-1].reading
    assert (last.value, last.recorded) == (which.domain, False)
    assert "only in words" in last.why_open


def test_a_level_is_used_only_from_when_it_is_known_and_while_the_window_lasts() -> None:
    timeline = record([told("ast", OVER, 6, known=10)])
    found = steps(timeline, over_uln(Take.LATEST, timedelta(hours=24)))
    assert [(step.moment, step.reading.value) for step in found[1:]] == [
        (hour(10).latest, OVER),
        (hour(30).latest, Interval(0, high_closed=False)),
    ]


def test_levels_are_kept_apart_by_what_they_are_relative_to() -> None:
    timeline = record([told("platelets", Interval(0, 1, True, False), 0, relative_to=Limit.LLN)])
    under = LabInput("platelets", Take.LATEST, None, Relative.LLN)
    assert at_moment(timeline, under, hour(1).latest) == Interval(0, 1, True, False)
    over = LabInput("platelets", Take.LATEST, None, Relative.ULN)
    assert at_moment(timeline, over, hour(1).latest) == over.domain


def test_a_multiple_of_the_value_before_treatment_counts_after_the_first_dose() -> None:
    which = LabInput("ast", Take.HIGHEST, None, Relative.BASELINE, BEFORE_TREATMENT)
    threefold = told("ast", Interval.point(3), 24, relative_to=Limit.BASELINE)
    assert at_moment(record([dose("blinatumomab", 0), threefold]), which, hour(24).latest) == Interval.point(3)
    assert at_moment(record([threefold]), which, hour(24).latest) == which.domain
    assert at_moment(record([dose("blinatumomab", 48), threefold]), which, hour(50).latest) == which.domain


def test_a_level_before_treatment_is_the_value_before_treatment_over_its_limit() -> None:
    which = LabInput("ast", Take.LATEST, None, Relative.ULN, BEFORE_TREATMENT, at_baseline=True)
    timeline = record([measured("ast", 20, -48, high=ULN), told("ast", OVER, -24), dose("blinatumomab", 0)])
    assert at_moment(timeline, which, hour(1).latest) == OVER
    # The value in its own unit before treatment stays the one that was measured.
    plain = LabInput("ast", Take.LATEST, None, None, BEFORE_TREATMENT, at_baseline=True)
    assert at_moment(timeline, plain, hour(1).latest) == Interval.point(20)


@pytest.mark.parametrize("name", ["hys-law", "ctcae-v5", "ctcae-v6"])
@pytest.mark.parametrize("analyte", ["ast", "alt", "alp", "bilirubin_total"])
def test_an_instrument_gives_the_range_over_all_values_above_the_limit(name: str, analyte: str) -> None:
    # One ratio inside every stretch between published multiples (1.5, 2, 2.5, 3, 5, 8, 10, 20).
    ratios = [Fraction(text) for text in ("1.01", "1.7", "2.2", "2.7", "4", "6", "9", "15", "30")]
    exact = [stormwatch.assess(record([measured(analyte, r * 100, 0, high=100)]), name) for r in ratios]
    words = stormwatch.assess(record([told(analyte, OVER, 0)]), name)
    assert words.score is not None
    assert words.score.low == min(one.score.low for one in exact if one.score)
    assert words.score.high == max(one.score.high for one in exact if one.score)
    verdicts = {one.verdict for one in exact}
    assert words.verdict in verdicts if len(verdicts) == 1 else words.verdict is stormwatch.Truth.UNKNOWN


def test_a_level_is_printed_as_what_it_means() -> None:
    timeline = record([told("ast", OVER, 0)])
    assert fact_words(timeline.facts[0]) == "aspartate aminotransferase > 1 × ULN (words)"
    items = assessment_payload(stormwatch.assess(timeline, "ctcae-v5"))["items"]
    assert any("× ULN" in fact["text"] for item in items for fact in item["facts"])
