"""Precedents: which earlier published cases pair a class of drug and an event, and how alike they are."""

from __future__ import annotations

import pytest

import stormwatch
from stormwatch.errors import UsageError
from stormwatch.facts import Fact, Interval
from stormwatch.literature.case import Case, case_of_record, case_of_report
from stormwatch.literature.library import Library, library
from stormwatch.literature.precedents import Precedents, pair_of, precedents
from stormwatch.sources.text import Document, Section, document_of, read_document, read_prose
from stormwatch.testing.records import given, measured, record, stated, told

CASE = "A 40-year-old woman received blinatumomab. She had fever and cough. AST was elevated. MAS was diagnosed."
CHILD = "A 6-year-old girl received blinatumomab. She had fever and no cough. HLH was diagnosed."
OTHER = "A 60-year-old man received teclistamab. He had fever. AST was elevated. MAS was diagnosed."
REVIEW = "MAS has been reported in patients treated with blinatumomab."
ELSEWHERE = "A 50-year-old man received infliximab. MAS was diagnosed."


def published(text: str, year: int | None, title: str) -> Document:
    whole = f"{title}\n\n{text}"
    sections = (Section("title", 0, len(title)), Section("abstract", len(title) + 2, len(whole)))
    return Document(whole, sections, (), title, year=year)


@pytest.fixture
def held():
    with library(None) as one:
        one.add(
            [
                published(CHILD, 2019, "The first of these publications"),
                published(OTHER, 2021, "The second of these publications"),
                published(REVIEW, 2020, "The third of these publications"),
                published(ELSEWHERE, 2018, "The fourth of these publications"),
                published(CASE, 2022, "The fifth of these publications"),
                published(CASE, 2023, "The sixth of these publications"),
                published(CHILD, None, "The seventh of these publications"),
            ]
        )
        yield one


def found(held: Library, case: Case, **options) -> Precedents:
    return precedents(held, case, pair_of(case), **options)


def test_cases_are_counted_by_class_and_event_and_reviews_are_not(held: Library) -> None:
    answer = found(held, case_of_report(read_prose(CASE)), before=2022)
    assert {(one.hit.number, one.same_drug) for one in answer.earlier} == {(1, True), (2, False)}
    assert [one.hit.number for one in answer.same_year] == [5]
    assert [one.hit.number for one in answer.undated] == [7]
    assert answer.later == 1
    assert [hit.number for hit in answer.only_named] == [3]


def test_the_facts_are_shared_out(held: Library) -> None:
    answer = found(held, case_of_report(read_prose(CASE)), before=2020)
    (child,) = answer.earlier
    # The case tells sex, age group, fever, cough and AST; the pair itself is not compared.
    assert set(child.agree) == {("person", "sex"), ("finding", "fever")}
    assert set(child.differ) == {("person", "age group"), ("finding", "cough")}
    assert set(child.untold) == {("level", "ast")}
    assert answer.facts == 5


def test_the_publication_of_the_case_itself_is_no_precedent(held: Library) -> None:
    own = read_document(published(CASE, 2022, "The fifth of these publications"))
    numbers = {one.hit.number for one in found(held, case_of_report(own)).same_year}
    assert 5 not in numbers


def test_a_record_can_be_compared_too(held: Library) -> None:
    facts: list[Fact] = [given("blinatumomab", 0), stated("fever", 24), stated("macrophage_activation_syndrome", 24)]
    facts += [measured("ast", 90, 24, high=40), measured("ferritin", 9000, 24), told("ldh", Interval.above(1), 24)]
    case = case_of_record(record(facts))
    assert case.year == 2024
    assert case.facts[("level", "ast")] == {"high"}
    assert case.facts[("level", "ldh")] == {"high"}
    assert ("level", "ferritin") not in case.facts  # no limit is printed
    answer = found(held, case)
    assert {one.hit.number for one in answer.earlier} == {1, 2, 5, 6}
    assert set(next(one for one in answer.earlier if one.hit.number == 2).agree) == {
        ("finding", "fever"),
        ("level", "ast"),
    }


def test_the_pair_has_to_be_one(held: Library) -> None:
    with pytest.raises(UsageError, match="none; name one with --drug"):
        pair_of(case_of_report(read_prose("She had MAS.")))
    with pytest.raises(UsageError, match=r"several: .*; name one with --event"):
        pair_of(case_of_report(read_prose("On blinatumomab she developed CRS. MAS was diagnosed.")))
    drug, event = pair_of(case_of_report(read_prose("She had MAS.")), "Blincyto", "HLH")
    assert (drug.id, event.id) == ("blinatumomab", "haemophagocytic_syndrome")


def test_what_a_report_says_of_earlier_ones_is_kept() -> None:
    reading = read_document(document_of("Only one prior report of MAS due to blinatumomab exists. " + CASE))
    assert case_of_report(reading).prior_reports == "1"


def test_the_library_answers_the_sentence_of_the_seed_page(shared_clinical) -> None:
    from stormwatch.literature.matching import match_of
    from stormwatch.literature.search import search
    from stormwatch.sources.text import read_documents

    (page,) = shared_clinical.parent.glob("seed/*.txt")
    with library(None) as one:
        one.add(read_documents(page))
        hits = search(one, match_of("blinatumomab AND macrophage activation syndrome"))
        assert [hit.year for hit in hits] == [2024]
        case = case_of_report(stormwatch.sources.text.read_text(page))
        assert found(one, case).earlier == ()  # the page is the case itself
        other = case_of_report(read_prose(CASE))
        assert len(found(one, other).earlier) == 1
