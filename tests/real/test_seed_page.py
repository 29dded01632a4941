"""The page of a literature service with which the project began, and our own restatement of its story."""

from __future__ import annotations

from pathlib import Path

import pytest

import stormwatch
from stormwatch.facts import Given, Interval
from stormwatch.sources.text import Kind, Reading, read_text, timeline_of
from stormwatch.sources.text.challenge import CONFOUNDED

REPOSITORY = Path(__file__).resolve().parents[2]
RESTATEMENT = REPOSITORY / "examples" / "case-report.txt"

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def page(shared_clinical: Path) -> Reading:
    (path,) = shared_clinical.parent.glob("seed/*.txt")
    return read_text(path)


@pytest.fixture(scope="module", params=["page", "restatement"])
def reading(request: pytest.FixtureRequest) -> Reading:
    if request.param == "restatement":
        return read_text(RESTATEMENT)
    found: Reading = request.getfixturevalue("page")
    return found


def said(reading: Reading, kind: Kind) -> dict[str, str]:
    """What is said of the patient as being so: names with their words."""
    return {m.name: m.word for m in reading.of(kind) if m.stated}


def test_the_document_of_the_page(page: Reading) -> None:
    document = page.document
    assert document.title.startswith("Blinatumomab-induced macrophage activating syndrome")
    assert document.authors == (
        "Adam Phillip Gordon Braun",
        "Salman Otoukesh",
        "Jose Tinajero",
        "Guido Marcucci",
        "Ibrahim Aldoss",
    )
    assert (document.journal, document.year) == ("Annals of hematology", 2024)
    assert len(document.keyphrases) == 27


def test_the_person(reading: Reading) -> None:
    assert said(reading, Kind.AGE) == {"group": "adult"}
    assert set(said(reading, Kind.SEX)) == {"female"}


def test_the_disease(reading: Reading) -> None:
    assert {"b_all", "mrd_negative", "remission", "macrophage_activation_syndrome"} <= set(said(reading, Kind.DISEASE))


def test_the_symptoms_and_their_cycle(reading: Reading) -> None:
    symptoms = {m.name: m.time for m in reading.of(Kind.FINDING)}
    assert symptoms == {"fever": "cycle 2", "cough": "cycle 2", "weakness": "cycle 2"}


def test_the_blood(reading: Reading) -> None:
    levels = {m.name: (m.word, m.value, m.relative_to) for m in reading.of(Kind.LEVEL) if m.stated}
    raised = ("high", Interval.above(1), "uln")
    assert levels == {
        "wbc": ("low", Interval(0, 2, True, False), ""),
        **dict.fromkeys(("alp", "ast", "alt", "ldh", "ferritin"), raised),
    }
    assert reading.of(Kind.LAB) == ()


def test_what_was_done(reading: Reading) -> None:
    done = {(m.name, m.word) for m in reading.of(Kind.INTERVENTION) if m.stated}
    assert {
        ("withheld", "blinatumomab"),
        ("given", "tocilizumab"),
        ("given", "dexamethasone"),
        ("restarted", "blinatumomab"),
    } <= done
    assert {(m.name, m.word) for m in reading.of(Kind.DRUG) if m.word} == {("blinatumomab", "9 ug/d")}


def test_how_it_went_on(reading: Reading) -> None:
    course = said(reading, Kind.COURSE)
    assert course["response"] == "rapid"
    assert course["recurrence"] == "no"
    assert course["dechallenge"] == "positive"
    assert course["rechallenge"] == "negative"
    (dechallenge,) = reading.of(Kind.COURSE, "dechallenge")
    assert CONFOUNDED in dechallenge.flags


def test_what_is_published_and_expected(reading: Reading) -> None:
    course = said(reading, Kind.COURSE)
    assert course["prior_reports"] == "1"
    assert course["expected"] == "no"


def test_what_is_said_of_the_drug_is_not_said_of_the_patient(reading: Reading) -> None:
    assert {"crs", "neurotoxicity", "relapsed_refractory"}.isdisjoint(said(reading, Kind.DISEASE))


def test_the_facts(reading: Reading) -> None:
    timeline = timeline_of(reading)
    assert timeline.patient.sex == "female"
    assert {"fever", "cough", "weakness", "b_all", "mrd_negative", "remission"} <= set(timeline.findings)
    assert set(timeline.measurements) == {"wbc"}
    assert set(timeline.levels) == {"alp", "ast", "alt", "ldh", "ferritin"}
    assert all(level.value == Interval.above(1) for levels in timeline.levels.values() for level in levels)
    assert {e.drug for e in timeline.exposures if e.given is Given.GIVEN} == {
        "blinatumomab",
        "tocilizumab",
        "dexamethasone",
    }
    for fact in timeline.facts:
        start, end = map(int, fact.origin.record.removeprefix("chars ").split("-"))
        assert len(fact.recorded) == end - start


def test_an_instrument_gives_a_range_from_words_alone(reading: Reading) -> None:
    # Leucocytes below 2.0 are grade 3 or 4 of CTCAE; nothing in the report says which.
    grade = stormwatch.assess(timeline_of(reading), "ctcae-v5").score
    assert grade is not None
    assert grade.low == 3
    assert grade.high >= 4
