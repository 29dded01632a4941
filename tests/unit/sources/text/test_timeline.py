"""From mentions to facts, and the file a person can correct."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Given, Interval, Limit, Timeline
from stormwatch.sources.text import Correction, load_reading, read_prose, read_saved, reading_json, timeline_of
from stormwatch.sources.text.clock import DAY_ZERO


def record(text: str, patient: str | None = None) -> Timeline:
    return timeline_of(read_prose(text), patient)


def day(timeline: Timeline, analyte: str, at: int = 0) -> int:
    return (timeline.measurements[analyte][at].time.latest - DAY_ZERO).days


def test_every_fact_names_its_characters() -> None:
    text = "Ferritin was 9,000 ng/mL. She had fever."
    for fact in record(text).facts:
        start, end = map(int, fact.origin.record.removeprefix("chars ").split("-"))
        assert text[start:end] == fact.recorded


def test_only_what_is_said_of_the_patient_becomes_a_fact() -> None:
    timeline = record(
        "She had fever. Her sister had rash. HLH was suspected. MAS has been reported in patients on CAR-T."
    )
    assert set(timeline.findings) == {"fever"}
    assert timeline.accounting.outside.total() >= 3


def test_what_is_denied_is_absent_and_what_is_not_said_is_unknown() -> None:
    timeline = record("There was no splenomegaly. Tocilizumab was not given.")
    assert [f.present for f in timeline.findings["splenomegaly"]] == [False]
    assert {e.given for e in timeline.exposures} == {Given.NOT_GIVEN}
    assert "hepatomegaly" not in timeline.findings


def test_severe_leukopenia_is_a_measurement_and_elevated_ast_a_level() -> None:
    timeline = record("Severe leukopenia and elevated AST were seen.")
    assert timeline.measurements["wbc"][0].value == Interval(0, 2, True, False)
    assert "ast" not in timeline.measurements
    (level,) = timeline.levels["ast"]
    assert (level.value, level.relative_to, level.recorded) == (Interval.above(1), Limit.ULN, "elevated AST")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("AST was 10 times the upper limit of normal.", Interval.point(10)),
        ("AST was more than 10 times the upper limit of normal.", Interval.above(10)),
        ("AST was less than 3 times the upper limit of normal.", Interval(0, 3, True, False)),
        ("AST was at most 3 times the upper limit of normal.", Interval(0, 3)),
    ],
)
def test_a_multiple_of_the_limit_is_a_level(text: str, value: Interval) -> None:
    assert [level.value for level in record(text).levels["ast"]] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "AST was not elevated.",
        "There was no elevation of AST.",
        "A decrease in AST followed.",
        "Treatment gave reduced AST.",
        "Normal AST was seen.",
        "Transaminases were elevated.",  # AST, ALT or both: which, nobody says
        "Elevated AST has been reported in patients on blinatumomab.",
    ],
)
def test_what_denies_or_tells_a_change_is_no_level(text: str) -> None:
    assert record(text).levels == {}


def test_words_beside_their_own_value_and_limit_add_nothing() -> None:
    timeline = record("AST was elevated at 240 U/L (normal <40).")
    assert timeline.levels == {}
    assert [m.value for m in timeline.measurements["ast"]] == [Interval.point(240)]


def test_a_level_with_a_limit_printed_elsewhere_is_a_measurement() -> None:
    timeline = record("At baseline AST was 20 U/L (normal <40). On day 5 AST was elevated.")
    raised = timeline.measurements["ast"][-1]
    assert (raised.value, raised.high) == (Interval.above(40), Fraction(40))


def test_days_are_relative_to_the_presentation() -> None:
    timeline = record(
        "On admission ferritin was 500 ng/mL. On hospital day 4 it was 900 ng/mL. Two days later AST was 80 U/L."
    )
    assert [day(timeline, "ferritin", i) for i in (0, 1)] == [0, 3]
    assert day(timeline, "ast") == 5
    assert "no date" in timeline.labels[0]


def test_a_day_of_treatment_tied_to_the_presentation() -> None:
    timeline = record("She presented with fever on day 3 of cycle 2. On day 5 of cycle 2 ferritin was 900 ng/mL.")
    assert day(timeline, "ferritin") == 2  # day 5 is two days after day 3


def test_another_cycle_cannot_be_placed_and_is_accounted_for() -> None:
    timeline = record("On day 3 of cycle 1 ferritin was 100 ng/mL. She presented with fever on day 2 of cycle 2.")
    assert "ferritin" not in timeline.measurements
    assert [reason for reason, _ in timeline.accounting.reasons()] == [
        "another cycle: how long before or after is not said"
    ]


def test_ambiguous_values_are_intervals_and_unusable_ones_rejected() -> None:
    timeline = record("Ferritin 138.244 ug/L; haemoglobin 7.4 mg/dL.")
    assert timeline.measurements["ferritin"][0].value == Interval(Fraction("138.244"), 138244)
    assert "haemoglobin" not in timeline.measurements
    assert len(timeline.accounting.rejected) == 1


def test_age_and_sex() -> None:
    person = record("A 37-year-old woman had fever.").patient
    assert (person.sex, person.age_years(DAY_ZERO)) == ("female", (37, 37))
    assert record("A man in his 60s had fever.").patient.age_years(DAY_ZERO) == (60, 69)
    assert record("An adult had fever.").patient.age_years(DAY_ZERO) == (18, 130)
    assert record("An 8-month-old boy had fever.").patient.age_years(DAY_ZERO) == (0, 0)


def test_two_sexes_are_none() -> None:
    assert record("The man had fever. The woman had fever.").patient.sex == ""


def test_a_drug_that_was_stopped_has_an_end_and_the_restart_has_none() -> None:
    timeline = record(
        "Blinatumomab 28 µg/day was given. Blinatumomab was stopped on day 3. "
        "Blinatumomab was restarted at 9 µg/day on day 9."
    )
    first, again = timeline.exposures
    assert (first.dose, first.stop is not None) == ("28 ug/d", True)
    assert (again.dose, again.stop) == ("9 ug/d", None)


def test_one_of_several_patients_has_to_be_named() -> None:
    text = "Case 1: a 60-year-old man had fever. Case 2: a 33-year-old woman had rash."
    with pytest.raises(InputError, match="several patients"):
        record(text)
    assert set(record(text, "2").findings) == {"rash"}
    with pytest.raises(UnknownName):
        record(text, "3")


# --- the saved form ----------------------------------------------------------------------------------------------

TEXT = (
    "A 37-year-old woman had fever. Ferritin was >40,000 ng/mL (normal <150). "
    "AST was 10-fold above the upper limit of normal."
)


def test_a_reading_survives_its_file() -> None:
    reading = read_prose(TEXT)
    assert load_reading(json.dumps(reading_json(reading))).reading == reading


def test_corrections_are_kept_apart_and_made(save) -> None:
    reading = read_prose(TEXT)
    place = next(i for i, m in enumerate(reading.mentions) if m.name == "ferritin")
    fever = next(i for i, m in enumerate(reading.mentions) if m.name == "fever")
    start = TEXT.index("woman")
    corrections = [
        Correction(
            action="change", mention=place, to={"value": {"low": "45000", "high": "45000"}}, note="the chart says so"
        ),
        Correction(action="remove", mention=fever),
        Correction(action="add", to={"kind": "finding", "name": "rash", "start": start, "end": start + 5}),
    ]
    content = json.dumps(reading_json(reading, corrections))
    saved = load_reading(content)
    assert saved.reading == reading
    timeline = read_saved(save(content, "reading.json"))
    assert timeline.measurements["ferritin"][0].value == Interval.point(45000)
    assert set(timeline.findings) == {"rash"}


@pytest.mark.parametrize(
    "broken",
    ["{}", "no json", '{"format": "stormwatch reading", "version": 2, "document": {"text": ""}, "mentions": []}'],
)
def test_another_file_is_refused(broken: str) -> None:
    with pytest.raises(InputError):
        load_reading(broken)


def test_a_correction_of_nothing_is_refused_without_a_value_in_the_message() -> None:
    reading = read_prose(TEXT)
    content = json.dumps(reading_json(reading, [Correction(action="remove", mention=99)]))
    with pytest.raises(InputError) as problem:
        _ = load_reading(content).corrected
    assert "40" not in str(problem.value)


def test_a_mention_outside_the_text_is_refused() -> None:
    content = reading_json(read_prose(TEXT))
    content["mentions"][0]["end"] = 10_000
    with pytest.raises(InputError, match="outside the text"):
        load_reading(json.dumps(content))


# --- any text ----------------------------------------------------------------------------------------------------

VOCABULARY = """ferritin AST platelets 12 12,450 3.5 138.244 ng/mL U/L × 10^9/L mg/kg no fever rash was elevated she day
3 of cycle 2 blinatumomab restarted at 9 mcg/day ; . , ( ) grade CRS HScore % HLH-2004 5 8 and or not Case 1 A
40-year-old woman"""
WORDS = st.sampled_from([*VOCABULARY.split(), "\n", "\t"])


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_words_are_read_and_every_span_holds_what_it_claims(text: str) -> None:
    reading = read_prose(text)
    for mention in reading.mentions:
        assert 0 <= mention.start < mention.end <= len(text)
        assert len(mention.text) == mention.end - mention.start
    assert load_reading(json.dumps(reading_json(reading))).reading == reading
    for patient in reading.patients:
        timeline_of(reading, patient or None)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    read_prose(text)


@given(st.integers(10, 999_999))
def test_a_ferritin_is_what_was_printed_however_thousands_are_marked(value: int) -> None:
    for printed in (str(value), f"{value:,}", f"{value:,}".replace(",", " ")):
        (mention,) = read_prose(f"The ferritin level was {printed} ng/mL.").mentions
        assert mention.value == Interval.point(value)
