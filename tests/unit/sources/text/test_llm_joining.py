"""What a model's quote must bear out, and how its facts stand beside those of the rules."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from stormwatch.facts import Interval
from stormwatch.sources.text import Kind, Qualifier, Reading, document_of, read_document, timeline_of
from stormwatch.sources.text.llm import ModelReader, by_both, by_model_alone, readers, together
from stormwatch.sources.text.llm.quotes import spans


@dataclass(frozen=True, slots=True)
class Says:
    """A model that answers with these rows."""

    rows: tuple[dict[str, object], ...]
    name: str = "small"

    def answer(self, instructions: str, text: str) -> str:
        return json.dumps(self.rows)


def row(kind: str, quote: str, **more: object) -> dict[str, object]:
    return {"kind": kind, "name": "", "quote": quote, **more}


def by_model(text: str, *rows: dict[str, object]) -> Reading:
    return ModelReader(Says(rows)).read_prose(text)


def joined(text: str, *rows: dict[str, object], missed: frozenset[str] = frozenset()) -> Reading:
    """Both readings of a text as one, where the rules have missed what is named so."""
    rules = read_document(document_of(text))
    kept = tuple(m for m in rules.mentions if m.name not in missed)
    return together(replace(rules, mentions=kept), by_model(text, *rows), "small")


@pytest.mark.parametrize(
    ("text", "kind", "quote"),
    [
        ("Ferritin rose to 900-1200 ng/mL.", "lab", "1200 ng/mL"),  # the upper end of a range
        (">40,000 ng/mL ferritin was found.", "lab", "40,000 ng/mL ferritin"),  # without its sign
        ("12,450 ng/mL ferritin was found.", "lab", "450 ng/mL ferritin"),  # part of a number
        ("7.2 g/dL haemoglobin was found.", "lab", "2 g/dL haemoglobin"),
        ("Ferritin was 12,450 ng/mL.", "lab", "Ferritin was 12"),
        ("Dexamethasone 10 mg/m2 was given.", "drug", "Dexamethasone 10 mg"),  # without its area
        ("There were afebrile days.", "finding", "febrile"),  # part of a word
        ("Ferritin was 900 ng/mL and LDH 400 U/L.", "lab", "Ferritin was 900 ng/mL and LDH 400 U/L"),  # two at once
        ("Ferritin was 900 ng/mL.", "finding", "Ferritin was 900 ng/mL"),
        ("She had fever.", "lab", "fever"),
    ],
)
def test_a_quote_that_says_less_than_the_text_is_thrown_away(text: str, kind: str, quote: str) -> None:
    assert by_model(text, row(kind, quote)).mentions == ()


@pytest.mark.parametrize(
    ("kind", "quote", "name"),
    [
        ("finding", "no rash", "rash"),
        ("finding", "afebrile", "fever"),
        ("drug", "did not receive tocilizumab", "tocilizumab"),
    ],
)
def test_a_denial_in_the_quote_counts_whatever_the_model_says(kind: str, quote: str, name: str) -> None:
    (mention,) = by_model(f"She was told: {quote}.", row(kind, quote)).mentions
    assert (mention.name, mention.qualifiers) == (name, frozenset({Qualifier.NEGATED}))


def test_the_rules_say_whether_it_is_a_finding_or_a_disease() -> None:
    text = "CRS was diagnosed."
    assert [m.kind for m in by_model(text, row("finding", "CRS")).mentions] == [Kind.DISEASE]


def test_of_several_things_in_a_quote_the_one_that_is_named_is_meant() -> None:
    text = "She had fever, hepatosplenomegaly and no rash."
    rows = [row("finding", "fever, hepatosplenomegaly and no rash") | {"name": name} for name in ("spleen", "rash")]
    rows += [row("finding", "hepatosplenomegaly") | {"name": name} for name in ("splenomegaly", "hepatosplenomegaly")]
    found = by_model(text, *rows).mentions
    assert [(m.name, m.text, m.qualifiers) for m in found] == [
        ("splenomegaly", "hepatosplenomegaly", frozenset()),
        ("rash", "rash", {Qualifier.NEGATED}),
    ]


def test_a_quote_is_looked_for_in_the_prose_alone() -> None:
    document = document_of("A case of chills\n\nShe had chills.")
    assert spans(document, "chills") == [(10, 16), (26, 32)]
    ris = replace(document, sections=document.sections[1:])
    assert spans(ris, "chills") == [(26, 32)]
    assert spans(document, " ") == []


def test_the_same_row_again_stands_at_the_next_place() -> None:
    reading = by_model("She had fever. The fever went away.", row("finding", "fever"), row("finding", "fever"))
    assert [m.start for m in reading.mentions] == [8, 19]


def test_rows_and_thrown_away_ones_are_counted() -> None:
    rows = (row("finding", "fever"), row("finding", "cough"), row("lab", "fever"))
    answered = ModelReader(Says(rows)).answered(document_of("She had fever."))
    assert (answered.rows, answered.not_in_text, answered.not_borne_out) == (3, 1, 1)


def test_what_both_found_stands_once_with_what_the_rules_read() -> None:
    reading = joined("Ferritin was 900 ng/mL on day 3.", row("lab", "Ferritin was 900 ng/mL"))
    (ferritin,) = reading.of(Kind.LAB)
    assert (ferritin.value, ferritin.time) == (Interval.point(900), "day 3")
    assert readers(ferritin) == "the rules and small"
    assert (by_both(reading), by_model_alone(reading)) == (1, 0)


def test_what_the_model_reads_otherwise_is_flagged_and_changes_nothing() -> None:
    reading = joined("She had no fever.", row("finding", "fever"))
    (fever,) = reading.of(Kind.FINDING)
    assert fever.qualifiers == {Qualifier.NEGATED}
    assert fever.flags == ("small reads its qualifiers otherwise",)


def test_what_the_model_alone_found_says_so() -> None:
    text = "She had fever and cough."
    reading = joined(text, row("finding", "cough"), row("finding", "cough"), missed=frozenset({"cough"}))
    assert {m.name: readers(m) for m in reading.of(Kind.FINDING)} == {"fever": "", "cough": "small"}
    assert by_model_alone(reading) == 1


def test_the_doubt_of_either_reader_is_kept() -> None:
    text = "She had no cough. Her mother had chills."
    rows = (row("finding", "cough"), row("finding", "chills", qualifiers=["uncertain"]))
    found = {m.name: m.qualifiers for m in joined(text, *rows, missed=frozenset({"cough", "chills"})).mentions}
    assert found["cough"] == {Qualifier.NEGATED}
    assert found["chills"] == {Qualifier.FAMILY, Qualifier.UNCERTAIN}


def test_a_general_sentence_is_of_the_literature_for_the_model_too() -> None:
    text = "She had rash. Fever has been reported in patients treated with this drug."
    (fever,) = joined(text, row("finding", "Fever"), missed=frozenset({"fever"})).of(Kind.FINDING, "fever")
    assert Qualifier.LITERATURE in fever.qualifiers


def test_a_fact_of_the_model_belongs_to_the_patient_it_is_told_of() -> None:
    text = "Case 1: a 60-year-old man had fever. Case 2: a 33-year-old woman had rash and cough."
    reading = joined(text, row("finding", "cough"), missed=frozenset({"cough"}))
    assert [m.patient for m in reading.of(Kind.FINDING, "cough")] == ["2"]


def test_the_record_says_how_much_only_a_model_found() -> None:
    text = "She had fever. Ferritin was 9,000 ng/mL."
    rows = (row("finding", "fever"), row("lab", "Ferritin was 9,000 ng/mL"))
    alone = timeline_of(joined(text, *rows, missed=frozenset({"ferritin"})))
    assert [label for label in alone.labels if "language model" in label] == [
        "1 of its statements were found by a language model alone, and by no rule"
    ]
    assert not any("language model" in label for label in timeline_of(joined(text, *rows)).labels)
