"""The labelled corpus, and how well its test part is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from stormwatch.sources.text.evaluation import Score, evaluate, examples

CORPUS = Path(__file__).resolve().parents[3] / "corpus" / "text"


@pytest.fixture(scope="module")
def score() -> Score:
    return evaluate(examples(CORPUS / "test"))


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    found = [e for part in ("development", "test") for e in examples(CORPUS / part)]
    cases = [e for e in found if e.name.startswith("case-")]
    assert len(cases) >= 30
    assert len(found) - len(cases) >= 150


@pytest.mark.parametrize("part", ["development", "test"])
def test_every_label_quotes_its_text(part: str) -> None:
    for example in examples(CORPUS / part):
        for label in example.labels:
            assert example.text.startswith(label.quote, label.start), (example.name, label.quote)


def test_no_text_is_in_both_parts() -> None:
    parts = [{" ".join(e.text.split()) for e in examples(CORPUS / part)} for part in ("development", "test")]
    assert not parts[0] & parts[1]


@pytest.mark.parametrize(
    ("row", "target"), [("lab", 0.95), ("drug with dose", 0.90), ("qualifiers", 0.90), ("timing", 0.85)]
)
def test_the_targets_are_met_on_the_test_part(score: Score, row: str, target: float) -> None:
    assert score.row(row).f1 >= target


def test_nothing_is_invented(score: Score) -> None:
    assert score.mentions > 0
    assert score.invented == 0
