"""Doses and rates read from text: by hand, and what must stay unknown."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from stormwatch.course.amounts import mcg_per_day, milligrams
from stormwatch.facts import Exposure, When
from stormwatch.testing.records import given


def administered(dose: str = "", rate: str = "", *, until: float | None = None) -> Exposure:
    return replace(given("blinatumomab", 0, until=until), dose=dose, rate=rate)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("544 mg", Fraction(544)),
        ("0.5 g", Fraction(500)),
        ("2500 ug", Fraction(5, 2)),
        ("2500 mcg", Fraction(5, 2)),
        ("2500 µg", Fraction(5, 2)),
        ("2500 \u03bcg", Fraction(5, 2)),
        ("750 ng", Fraction(3, 4000)),
    ],
)
def test_a_dose_is_read_in_milligrams(text, expected):
    assert milligrams(administered(text)) == expected


@pytest.mark.parametrize("text", ["", "1 tablet", "10 mL", "5 [iU]", "15 ug/m2", "> 5 mg", "about 5 mg", "5"])
def test_a_dose_in_another_unit_stays_unknown(text):
    assert milligrams(administered(text), kg=Fraction(70)) is None


def test_a_dose_per_kilogram_needs_a_weight():
    assert milligrams(administered("1.5 mg/kg")) is None
    assert milligrams(administered("1.5 mg/kg"), kg=Fraction(68)) == 102


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("9 ug / 1 d", 9),
        ("28 mcg/day", 28),
        ("28 ug / 24 h", 28),
        ("1.5 ug/h", 36),
        ("0.028 mg / 1 day", 28),
        ("2 ng/min", Fraction(288, 100)),
    ],
)
def test_a_rate_is_read_in_micrograms_per_day(rate, expected):
    assert mcg_per_day(administered(rate=rate)) == expected


@pytest.mark.parametrize("rate", ["10 mL/h", "15 ug/m2/d", "15 ug / 1 m2", "28", "28 ug", "28 ug / 0 d", "5 [iU]/h"])
def test_a_rate_in_another_unit_stays_unknown(rate):
    assert mcg_per_day(administered(rate=rate), kg=Fraction(70)) is None


def test_a_rate_per_kilogram_needs_a_weight():
    assert mcg_per_day(administered(rate="0.5 ug/kg/d")) is None
    assert mcg_per_day(administered(rate="0.5 ug/kg/d"), kg=Fraction(40)) == 20


def test_a_rate_written_as_the_dose_is_a_rate():
    assert mcg_per_day(administered("28 ug/d")) == 28


def test_a_dose_over_a_time_with_exact_ends_is_a_rate():
    assert mcg_per_day(administered("84 ug", until=72)) == 28


def test_a_dose_over_a_time_known_to_the_day_is_no_rate():
    bag = replace(administered("84 ug", until=72), stop=When.parse("2024-01-04"))
    assert mcg_per_day(bag) is None


def test_an_unreadable_rate_is_not_replaced_by_the_dose():
    assert mcg_per_day(administered("84 ug", "10 mL/h", until=72)) is None


@cases(st.integers(1, 10_000))
def test_the_same_rate_in_every_unit_is_the_same_number(per_day):
    texts = [f"{per_day} ug/d", f"{per_day} mcg / 24 h", f"{per_day} ug / 1440 min", f"{per_day * 1000} ng / 1 d"]
    assert {mcg_per_day(administered(rate=text)) for text in texts} == {Fraction(per_day)}
