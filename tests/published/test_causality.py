"""Causality against published answers and totals, and against the definitions of the two methods."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stormwatch as sw
from stormwatch.safety.causality import naranjo, who_umc
from stormwatch.safety.causality.naranjo import QUESTIONS
from stormwatch.safety.causality.who_umc import CONDITIONS
from stormwatch.safety.draft import draft
from stormwatch.safety.paths import field_at
from stormwatch.testing.records import given as dose
from stormwatch.testing.records import measured, record, stated

# Naranjo 1981 as reproduced in PMC5774610 table 2: points for yes, no, not known.
POINTS = {
    "q1": (1, 0, 0),
    "q2": (2, -1, 0),
    "q3": (1, 0, 0),
    "q4": (2, -1, 0),
    "q5": (-1, 2, 0),
    "q6": (-1, 1, 0),
    "q7": (1, 0, 0),
    "q8": (1, 0, 0),
    "q9": (1, 0, 0),
    "q10": (1, 0, 0),
}
WORDS = ("yes", "no", "not known")


def answer_of(question: str, points: int) -> str:
    """The answer that printed points stand for; where no and not known both give 0, either does."""
    return WORDS[POINTS[question].index(points)]


def category(total: int) -> str:
    return "definite" if total >= 9 else "probable" if total >= 5 else "possible" if total >= 1 else "doubtful"


@pytest.mark.parametrize("name", ["N01_ibrutinib", "N02_cetuximab"])
def test_published_answers_give_the_published_total(shared_clinical, name):
    cases = json.loads((shared_clinical / "published_cases.json").read_text())
    case = next(one for one in cases if one["id"] == name)
    printed = case["scores"]["naranjo_answers"]
    result = naranjo({question: answer_of(question, points) for question, points in printed.items()})
    assert (result.total.low, result.total.high) == (case["scores"]["naranjo"],) * 2
    assert result.categories == (case["recomputation"]["naranjo"]["category"],)
    assert result.open == ()


@given(st.fixed_dictionaries({name: st.sampled_from((*WORDS, None)) for name in POINTS}))
def test_the_range_is_exact_over_every_way_to_answer_the_open_questions(answers):
    lists = [POINTS[q] if a is None else (POINTS[q][WORDS.index(a)],) for q, a in answers.items()]
    low, high = sum(map(min, lists)), sum(map(max, lists))
    result = naranjo(answers)
    assert (result.total.low, result.total.high) == (low, high)
    reachable = {sum(one) for one in itertools.product(*map(set, lists))}
    assert set(result.categories) >= {category(total) for total in reachable}
    assert {result.categories[0], result.categories[-1]} == {category(low), category(high)}


def test_nothing_answered_is_the_whole_scale():
    assert (naranjo({}).total.low, naranjo({}).total.high) == (-4, 13)
    assert naranjo({}).open == QUESTIONS


# --- WHO-UMC, box 2 of PMC6039921


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (("plausible", "cannot explain", "plausible", "yes", "satisfactory"), "certain"),
        (("plausible", "cannot explain", "plausible", "yes", "not needed"), "certain"),
        (("plausible", "cannot explain", "plausible", "no", "satisfactory"), "probable"),
        (("plausible", "unlikely", "plausible", "yes", "satisfactory"), "probable"),
        (("plausible", "unlikely", "plausible", "no", "not needed"), "probable"),
        (("plausible", "could explain", "plausible", "yes", "satisfactory"), "possible"),
        (("plausible", "unlikely", "lacking or unclear", "yes", "not needed"), "possible"),
        (("improbable", "could explain", "lacking or unclear", "no", "not satisfactory"), "unlikely"),
    ],
)
def test_conditions_give_the_category_of_the_box(answers, expected):
    assert who_umc(dict(zip(CONDITIONS, answers, strict=True))).categories == (expected,)


@given(st.fixed_dictionaries({name: st.sampled_from((*answers, None)) for name, answers in CONDITIONS.items()}))
def test_open_conditions_give_the_categories_of_all_their_answers(answers):
    lists = [every if answers[name] is None else (answers[name],) for name, every in CONDITIONS.items()]
    found = {who_umc(dict(zip(CONDITIONS, one, strict=True))).categories[0] for one in itertools.product(*lists)}
    assert set(who_umc(answers).categories) == found


# --- proposals from a record


BAG = dose("blinatumomab", 0, until=24)
MEASURED = [
    measured("temperature", 39, 20),
    measured("temperature", 37, 60),
    measured("temperature", 36, 80),
]


def proposed(*facts):
    made = draft(sw.follow(record([BAG, *MEASURED, *facts])))
    at = "G.k[blinatumomab]/G.k.9.i[crs]/SW."
    return lambda name: field_at(made.case, at + name)


def test_treatment_given_with_the_stop_leaves_question_3_open_and_withdrawal_unclear():
    ask = proposed(dose("tocilizumab", 25), stated("hypotension", 80, present=False))
    assert ask("dechallenge").value == "confounded"
    assert ask("naranjo.q3").value is None
    assert ask("who-umc.withdrawal").value == "lacking or unclear"


def test_the_drug_before_the_event_answers_question_2():
    assert proposed()("naranjo.q2").value == "yes"
    assert proposed()("who-umc.time").value == "plausible"


def test_what_a_record_cannot_answer_is_left_open():
    ask = proposed()
    assert [ask(f"naranjo.{one}").value for one in ("q5", "q6", "q7", "q8", "q9")] == [None] * 5
