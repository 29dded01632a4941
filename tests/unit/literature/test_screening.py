"""Screening: the ranking learns from decisions, the estimate keeps its promise, decisions can be taken back."""

from __future__ import annotations

import random

import pytest
from scipy.stats import hypergeom

from stormwatch.errors import UnknownName, UsageError
from stormwatch.literature.library import Library, library
from stormwatch.literature.ris import ris
from stormwatch.literature.screening.decisions import decide, decisions, draw, sample, undo
from stormwatch.literature.screening.left import BY_CLASSIFIER, BY_SAMPLE, left_by_classifier, left_by_sample
from stormwatch.literature.screening.ranking import BY_DECISIONS, BY_QUERY
from stormwatch.literature.screening.screen import screen
from stormwatch.sources.text import document_of, read_documents

QUERY = "fever"


@pytest.fixture
def held():
    """Twenty publications: the even ones are about mice, the odd ones about patients; all speak of fever."""
    about = ("a mouse model of fever in the laboratory", "a patient with fever at the bedside")
    with library(None) as one:
        one.add(document_of(f"Publication number {n} of this batch\n\nThis is {about[n % 2]}.") for n in range(1, 21))
        yield one


def test_without_decisions_the_query_ranks(held: Library) -> None:
    held.add([document_of("Something else altogether in this one\n\nNothing of it.")])
    state = screen(held, QUERY, held.numbers())
    assert state.ranking.method == BY_QUERY
    assert state.ranking.numbers[-1] == 21  # what the query does not match comes last, and is not lost
    assert sorted(state.ranking.numbers) == held.numbers()
    assert state.left is None


def test_the_classifier_learns_what_the_reader_wants(held: Library) -> None:
    decide(held, QUERY, [1, 3], relevant=True)
    assert screen(held, QUERY, held.numbers()).ranking.method == BY_QUERY  # one kind of decision teaches nothing
    decide(held, QUERY, [2, 4], relevant=False)
    state = screen(held, QUERY, held.numbers())
    assert state.ranking.method == BY_DECISIONS
    assert {number % 2 for number in state.ranking.numbers[:8]} == {1}
    assert {number % 2 for number in state.ranking.numbers[8:]} == {0}
    assert state.left is not None
    assert state.left.method == BY_CLASSIFIER
    assert not set(state.decided) & set(state.ranking.numbers)


def test_decisions_are_kept_by_query_and_the_last_is_taken_back(held: Library) -> None:
    decide(held, "fever  AND\tcough", [1, 2], relevant=True)
    decide(held, "fever AND cough", [2], relevant=False)
    assert decisions(held, "fever AND cough") == {1: True, 2: False}
    assert decisions(held, QUERY) == {}
    assert undo(held, "fever AND cough") == 2
    assert decisions(held, "fever AND cough") == {1: True}
    undo(held, "fever AND cough")
    with pytest.raises(UsageError, match="nothing to take back"):
        undo(held, "fever AND cough")
    with pytest.raises(UnknownName):
        decide(held, QUERY, [1, 99], relevant=True)
    assert decisions(held, QUERY) == {}


def test_a_random_sample_tells_what_is_left(held: Library) -> None:
    drawn = draw(held, QUERY, held.numbers(), 8, seed=3)
    assert len(set(drawn.drawn)) == 8
    assert sample(held, QUERY) == drawn
    assert screen(held, QUERY, held.numbers()).to_check == drawn.drawn
    for number in drawn.drawn:
        decide(held, QUERY, [number], relevant=number % 2 == 1)
    odd = sum(number % 2 for number in drawn.drawn)
    state = screen(held, QUERY, held.numbers())
    assert state.left is not None
    assert (state.left.method, state.to_check) == (BY_SAMPLE, ())
    assert state.left.low <= 10 - odd <= state.left.high  # ten of twenty are odd
    unread = next(number for number in held.numbers() if number % 2 and number not in drawn.drawn)
    decide(held, QUERY, [unread], relevant=True)
    after = screen(held, QUERY, held.numbers()).left
    assert after is not None
    assert after.high == state.left.high - 1
    with pytest.raises(UsageError, match="cannot be drawn"):
        draw(held, QUERY, held.numbers(), 20, seed=1)


@pytest.mark.parametrize(("population", "drawn"), [(20, 5), (50, 10), (200, 40), (30, 30)])
def test_the_limits_are_those_of_scipy(population: int, drawn: int) -> None:
    for relevant in range(0, drawn + 1, 3):
        held = [
            total
            for total in range(population + 1)
            if hypergeom(population, total, drawn).sf(relevant - 1) > 0.025
            and hypergeom(population, total, drawn).cdf(relevant) > 0.025
        ]
        found = left_by_sample(population, drawn, relevant)
        assert (found.low, found.high) == (held[0], held[-1])


def test_the_limits_hold_the_truth_as_often_as_they_promise() -> None:
    draws = random.Random(5)
    for truth in (0, 3, 20, 60):
        held = 0
        for _ in range(300):
            relevant = sum(number < truth for number in draws.sample(range(100), 20))
            found = left_by_sample(100, 20, relevant)
            held += found.low <= truth <= found.high
        assert held >= 0.95 * 300 - 12  # exact limits are conservative; 12 is three standard deviations


def test_the_classifier_s_belief_is_its_sum() -> None:
    found = left_by_classifier([0.9, 0.9, 0.1, 0.1])  # sum 2, variance 4 * 0.09, two deviations 1.2
    assert (found.about, found.low, found.high) == (2.0, 0, 4)
    assert left_by_classifier([1.0, 0.0]).high == 1


def test_what_is_written_back_is_read_as_it_was(held: Library, tmp_path) -> None:
    path = tmp_path / "back.ris"
    path.write_text(ris((held.document(n), f"rank {n}") for n in held.numbers()), encoding="utf-8")
    again = read_documents(path)
    assert [one.title for one in again] == [held.document(n).title for n in held.numbers()]
    assert len(held.add(again)) == len(held) == 20
