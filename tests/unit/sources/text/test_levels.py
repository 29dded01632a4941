"""Words without numbers."""

from __future__ import annotations

import pytest

from stormwatch.facts import Interval
from stormwatch.sources.text import read_prose
from stormwatch.sources.text.passes.levels import ctcae_range


def levels(text: str) -> list[tuple[str, str]]:
    return [(m.name, m.word) for m in read_prose(text).mentions if m.kind == "level"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There was hyperferritinaemia.", [("ferritin", "high")]),
        ("Elevated AST, ALT, and LDH were seen.", [("ast", "high"), ("alt", "high"), ("ldh", "high")]),
        ("AST and ALT were markedly elevated.", [("ast", "high"), ("alt", "high")]),
        ("Fibrinogen was low; platelets were normal.", [("fibrinogen", "low"), ("platelets", "normal")]),
        ("She had transaminitis.", [("transaminases", "high")]),
        ("Pancytopenia developed.", [("wbc", "low"), ("haemoglobin", "low"), ("platelets", "low")]),
        ("Ferritin increased to 5,000 ng/mL.", []),
        ("Ferritin increased.", []),
        ("High fever and low mood.", []),
    ],
)
def test_directions(text: str, expected: list[tuple[str, str]]) -> None:
    assert levels(text) == expected


def test_a_level_is_relative_to_the_limit_of_the_laboratory() -> None:
    (mention,) = read_prose("Elevated AST.").mentions
    assert (mention.value, mention.relative_to) == (Interval.above(1), "uln")
    (mention,) = read_prose("Hypofibrinogenemia.").mentions
    assert (mention.value, mention.relative_to) == (Interval(0, 1, True, False), "lln")


def test_multiples_of_the_upper_limit() -> None:
    (mention,) = read_prose("ALT was seven times the upper limit of normal.").mentions
    assert (mention.value, mention.relative_to) == (Interval.point(7), "uln")
    ast, alt = read_prose("AST and ALT rose to >10 × ULN.").mentions
    assert ast.value == alt.value == Interval.above(10)


# CTCAE 5.0 and 6.0: leucocytes grade 3 from 1.0 to below 2.0, grade 4 below 1.0 in both; neutrophils grade 3 from 0.5
# to below 1.0 in 5.0 and from 0.1 to below 0.5 in 6.0; platelets grade 3 from 25 to below 50 and from 10 to below 50.
@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Severe leukopenia.", 0, 2),
        ("Grade 3 leucopenia.", 1, 2),
        ("Grade 3 neutropenia.", "1/10", 1),
        ("Severe thrombocytopenia.", 0, 50),
        ("Grade III thrombocytopenia.", 10, 50),
        ("Grade 4 lymphopenia.", 0, "1/5"),
    ],
)
def test_severe_and_graded_levels_have_a_range_of_their_own(text: str, low: int | str, high: int | str) -> None:
    from fractions import Fraction

    (mention,) = read_prose(text).mentions
    assert mention.value == Interval(Fraction(low), Fraction(high), True, False)
    assert mention.relative_to == ""


def test_mild_and_marked_say_no_grade() -> None:
    for text in ("Mild leukopenia.", "Marked thrombocytopenia."):
        (mention,) = read_prose(text).mentions
        assert mention.relative_to == "lln"


def test_no_range_where_there_is_no_table() -> None:
    assert ctcae_range("ferritin", "3-4") is None
    assert ctcae_range("wbc", "") is None
