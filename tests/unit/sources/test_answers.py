"""Answers of a calculator as a timeline of one moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stormwatch.errors import UnknownName, UsageError
from stormwatch.facts import Given, Interval
from stormwatch.sources import answers_timeline

AT = datetime(2024, 3, 2, 6, tzinfo=UTC)


def test_numbers_become_measurements_at_the_moment():
    timeline = answers_timeline({"temperature": "38.9 Cel", "ferritin": ">40000 ng/mL"}, at=AT)
    values = {name: facts[0].value for name, facts in timeline.measurements.items()}
    assert values == {"temperature": Interval.point(Fraction("38.9")), "ferritin": Interval.above(40000)}
    assert {f.time.latest for f in timeline.facts} == {AT}
    assert timeline.accounting.used == 2


def test_limits_stand_with_their_value():
    timeline = answers_timeline({"ast": "90 U/L", "ast_uln": "40 U/L", "ast_lln": "10 U/L"})
    (fact,) = timeline.measurements["ast"]
    assert (fact.low, fact.high) == (Fraction(10), Fraction(40))


@pytest.mark.parametrize(("answer", "present"), [(True, True), (False, False), ("yes", True), ("No", False)])
def test_findings_are_answered_by_yes_or_no(answer, present):
    (fact,) = answers_timeline({"splenomegaly": answer}).findings["splenomegaly"]
    assert fact.present is present


def test_drugs_are_given_or_not():
    timeline = answers_timeline({"drug:blinatumomab": True, "drug:dexamethasone": "no"})
    assert {f.drug: f.given for f in timeline.exposures} == {
        "blinatumomab": Given.GIVEN,
        "dexamethasone": Given.NOT_GIVEN,
    }


@pytest.mark.parametrize("answer", ["", "  ", "unknown"])
def test_no_answer_is_no_fact(answer):
    timeline = answers_timeline({"splenomegaly": answer, "ferritin": answer, "age": answer, "sex": answer})
    assert (timeline.facts, timeline.patient.birth, timeline.patient.sex) == ((), None, "")


@pytest.mark.parametrize(("age", "years"), [("45 a", 45), ("45", 45), ("0 a", 0), ("6 mo", 0), ("23 months", 1)])
def test_an_age_gives_exactly_the_completed_years(age, years):
    assert answers_timeline({"age": age}, at=AT).patient.age_years(AT) == (years, years)


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), st.integers(0, 120))
@example(datetime(2024, 2, 29, 6, tzinfo=UTC), 45)
def test_every_birthday_that_gives_the_age_is_kept(at, years):
    patient = answers_timeline({"age": f"{years} a"}, at=at).patient
    assert patient.age_years(at) == (years, years)
    assert patient.birth is not None
    day_before = date.fromordinal(patient.birth.earliest.date().toordinal() - 1)
    assert at.year - day_before.year - ((at.month, at.day) < (day_before.month, day_before.day)) > years


def test_months_of_age_from_the_end_of_a_month_reach_a_shorter_one():
    patient = answers_timeline({"age": "1 mo"}, at=datetime(2024, 3, 31, tzinfo=UTC)).patient
    assert patient.birth is not None
    assert (patient.birth.earliest.date(), patient.birth.latest.date()) == (date(2024, 2, 1), date(2024, 2, 29))


@pytest.mark.parametrize("sex", ["female", "Male", "other"])
def test_sex_is_read(sex):
    assert answers_timeline({"sex": sex}).patient.sex == sex.lower()


def test_an_unknown_question_lists_the_nearest():
    with pytest.raises(UnknownName, match="ferritin"):
        answers_timeline({"feritin": "5 ng/mL"})
    with pytest.raises(UnknownName, match="drug:blinatumomab"):
        answers_timeline({"drug:blinatumomap": "yes"})


@pytest.mark.parametrize(
    "answers",
    [
        {"temperature": "38.9"},
        {"temperature": "38.9 bananas"},
        {"temperature": "hot"},
        {"temperature": True},
        {"ast_uln": "40 U/L"},
        {"ast": "90 U/L", "ast_uln": ">40 U/L"},
        {"ast": "90 U/L", "ast_uln": "40 U/L", "ast_lln": "50 U/L"},
        {"splenomegaly": "perhaps"},
        {"drug:blinatumomab": "28 ug"},
        {"age": "old"},
        {"age": "131 a"},
        {"sex": "f"},
        {"ferritin": 5000},
    ],
)
def test_a_bad_answer_is_a_usage_error_that_does_not_repeat_it(answers):
    with pytest.raises(UsageError) as caught:
        answers_timeline(answers)
    assert "38.9 bananas" not in str(caught.value)


def test_a_moment_needs_a_zone():
    with pytest.raises(UsageError, match="zone"):
        answers_timeline({}, at=datetime(2024, 3, 2))


def test_answers_may_be_vouched_complete():
    assert answers_timeline({}, complete=["findings"]).complete == {"findings"}
    with pytest.raises(UsageError):
        answers_timeline({}, complete=["everything"])


def test_the_same_answers_give_the_same_timeline():
    assert answers_timeline({"ferritin": "5 ng/mL"}) == answers_timeline({"ferritin": "5 ng/mL"})
