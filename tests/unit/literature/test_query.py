"""Queries: what they mean, checked against a plain reading of the texts, and what is wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch import terms
from stormwatch.errors import UnknownName, UsageError
from stormwatch.literature import names
from stormwatch.literature.folding import fold
from stormwatch.literature.library import library
from stormwatch.literature.matching import match_of
from stormwatch.literature.query import Both, Either, Query, Words, parse
from stormwatch.literature.search import search
from stormwatch.sources.text import document_of


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a", Words("a")),
        ("a b c", Words("a b c")),
        ('"a b"', Words("a b", phrase=True)),
        ("a AND b", Both((Words("a"), Words("b")))),
        ("a OR b AND c", Either((Words("a"), Both((Words("b"), Words("c")))))),
        ("(a OR b) c", Both((Either((Words("a"), Words("b"))), Words("c")))),
        ("a NOT b", Both((Words("a"),), (Words("b"),))),
        ("a AND NOT (b OR c)", Both((Words("a"),), (Either((Words("b"), Words("c"))),))),
        ("NOT b AND a", Both((Words("a"),), (Words("b"),))),
        ("a and b", Words("a and b")),  # only capitals are connectives
    ],
)
def test_a_query_is_read_with_its_precedence(text: str, meaning: Query) -> None:
    assert parse(text) == meaning


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "character 1: it is empty"),
        ("a AND", "character 6: something is missing"),
        ("AND a", "character 1: AND stands where words are missing"),
        ("a OR AND b", "character 6: AND stands"),
        ("(a OR b", "character 1: a parenthesis is opened and not closed"),
        ("a)", "character 2: a parenthesis is closed that was not opened"),
        ("()", "character 2: a parenthesis is closed where words are missing"),
        ('a "b', "character 3: a quote is opened and not closed"),
        ('""', "nothing between the quotes"),
        ("NOT a", "character 1: NOT takes away"),
        ("a OR NOT b", "character 6: NOT takes away"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("(", r"\(")):
        parse(text)


def test_a_part_without_letters_cannot_be_looked_for() -> None:
    with pytest.raises(UsageError, match="without a letter or digit"):
        match_of("fever AND ---")


LETTERS = ("alpha", "beta", "gamma")
TEXTS = st.lists(st.sets(st.sampled_from(LETTERS)), min_size=1, max_size=6)


def queries(depth: int = 3) -> st.SearchStrategy[str]:
    if depth == 0:
        return st.sampled_from(LETTERS)
    below = queries(depth - 1)
    pair = st.tuples(below, below)
    return st.one_of(
        st.sampled_from(LETTERS),
        pair.map(lambda two: f"({two[0]} AND {two[1]})"),
        pair.map(lambda two: f"({two[0]} OR {two[1]})"),
        pair.map(lambda two: f"({two[0]} NOT {two[1]})"),
        pair.map(lambda two: f"{two[0]} OR {two[1]}").map("({})".format),
    )


@given(TEXTS, queries())
def test_the_index_finds_what_python_finds(texts: list[set[str]], query: str) -> None:
    python = query.replace("AND", "and").replace("OR", "or").replace("NOT", "and not")
    wanted = {n for n, t in enumerate(texts, 1) if eval(python, {letter: letter in t for letter in LETTERS})}
    with library(None) as held:
        documents = [document_of(f"{place} nothing {' '.join(sorted(one))} here.") for place, one in enumerate(texts)]
        assert [one.number for one in held.add(documents)] == list(range(1, len(texts) + 1))
        assert {hit.number for hit in search(held, match_of(query))} == wanted


@given(st.text(max_size=40))
def test_any_text_is_a_query_or_a_usage_error(text: str) -> None:
    with library(None) as held:
        try:
            search(held, match_of(text))
        except UsageError:
            return


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("MAS", "macrophage activating syndrome was seen"),
        ("macrophage activation syndrome", "secondary HLH was seen"),
        ("hemophagocytic lymphohistiocytosis", "haemophagocytic lymphohistiocytosis was seen"),
        ("HLH blinatumomab", "MAS on Blincyto was seen"),
        ("T-cell engagers", "teclistamab was given"),
        ("leukaemia", "leukemia was seen"),
        ("oedema tumours", "edema and a tumor were seen"),
        ("cytok*", "cytokines were high"),
        ("Müller", "Muller saw it"),
    ],
)
def test_names_that_mean_the_same_are_found(query: str, text: str) -> None:
    with library(None) as held:
        held.add([document_of(text)])
        assert len(search(held, match_of(query))) == 1


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("blinatumomab", "teclistamab was given"),
        ("CRS", "CR was reached"),
        ("acute lymphoblastic leukaemia", "all patients died"),
        ('"macrophage activation syndrome"', "HLH was seen"),
        ('"activation macrophage"', "macrophage activation was seen"),
    ],
)
def test_names_that_mean_something_else_are_not(query: str, text: str) -> None:
    with library(None) as held:
        held.add([document_of(text)])
        assert search(held, match_of(query)) == []


def test_synonyms_and_classes_can_be_chosen() -> None:
    with library(None) as held:
        held.add([document_of("Teclistamab was given and HLH was seen.")])
        assert search(held, match_of("MAS", exact=True)) == []
        assert len(search(held, match_of("blinatumomab MAS", widen=True))) == 1
    assert [group.id for group in match_of("blinatumomab MAS", widen=True).groups] == [
        "t_cell_engager",
        "haemophagocytic_syndrome",
    ]


def test_every_name_in_the_table_is_one_of_the_catalogues() -> None:
    assert all(group.names and "" not in group.names for group in names.events().values())
    assert set(names.classes()) <= set(terms.classes())
    assert names.event("HLH").id == names.event("haemophagocytic_syndrome").id
    with pytest.raises(UnknownName, match="cytokine_release_syndrome"):
        names.event("tiredness")
    with pytest.raises(UnknownName, match="t_cell_engager"):
        names.drug("water")


def test_folding_twice_changes_nothing() -> None:
    for name in ("Haemophagocytic syndromes", "tumours", "oedemas", "analyses", "glass", "diagnosis", "virus"):
        assert fold(fold(name)) == fold(name)
