"""Reading values: numbers, bounds and ranges as laboratories print them, and refusal of the rest."""

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.analytes import read_value
from stormwatch.facts import Interval

POINTS = [
    ("38.9", "38.9"),
    (" 38.9 ", "38.9"),
    ("1e3", "1000"),
    ("1.5E-2", "0.015"),
    ("+5", "5"),
    ("-3.2", "-3.2"),
    ("5.", "5"),
    (".5", "0.5"),
    ("0", "0"),
]

BOUNDS = [
    (">40000", ">", "40000"),
    ("> 40000", ">", "40000"),
    (">=5", ">=", "5"),
    ("≥5", ">=", "5"),
    ("<0.5", "<", "0.5"),
    ("< 0.5", "<", "0.5"),
    ("<=5", "<=", "5"),
    ("≤ 5", "<=", "5"),
    ("GREATER THAN 2000", ">", "2000"),
    ("Less than 0.5", "<", "0.5"),
    ("greater than or equal to 12", ">=", "12"),
    ("LESS THAN OR EQUAL TO 12", "<=", "12"),
]

REFUSED = [
    ("", "no value"),
    ("   ", "no value"),
    ("positive", "not a number"),
    ("over 2000", "not a number"),
    ("38.9 C", "not a number"),
    ("12.3 H", "not a number"),
    ("5-", "not a number"),
    ("1e999999999", "not a number"),
    ("٣", "not a number"),
    ("9" * 100, "not a number"),
    ("nan", "not a finite number"),
    ("NaN", "not a finite number"),
    ("inf", "not a finite number"),
    ("-Infinity", "not a finite number"),
    ("1,234", "comma"),
    ("38,9", "comma"),
    ("> 1,000", "comma"),
    ("1 234", "more than one number"),
    ("120/80", "more than one number"),
    ("2024-05-01", "more than one number"),
    ("12 (repeat 13)", "more than one number"),
    ("5-3", "backwards"),
    (">3-5", "comparator beside a range"),
]


def interval(comparator: str, bound: str) -> Interval:
    value = Fraction(bound)
    return {
        ">": Interval(value, inf, False, False),
        ">=": Interval(value, inf, True, False),
        "<": Interval(-inf, value, False, False),
        "<=": Interval(-inf, value, False, True),
    }[comparator]


@pytest.mark.parametrize(("text", "value"), POINTS)
def test_a_number_is_a_point(text: str, value: str) -> None:
    assert read_value(text) == Interval.point(Fraction(value))


@pytest.mark.parametrize(("text", "comparator", "bound"), BOUNDS)
def test_a_bound_is_everything_beyond_it(text: str, comparator: str, bound: str) -> None:
    assert read_value(text) == interval(comparator, bound)


@pytest.mark.parametrize("comparator", [">", ">=", "<", "<="])
def test_a_comparator_may_stand_beside_the_number_or_in_both_places(comparator: str) -> None:
    assert read_value("5", comparator) == interval(comparator, "5")
    assert read_value(f"{comparator}5", comparator) == interval(comparator, "5")


def test_an_equals_sign_says_nothing_more() -> None:
    assert read_value("5", "=") == Interval.point(5)
    assert read_value("=5") == Interval.point(5)
    assert read_value(">5", "=") == interval(">", "5")


@pytest.mark.parametrize("text", ["3-5", "3 - 5", "3–5", "3 to 5", "3 TO 5"])
def test_a_range_is_closed(text: str) -> None:
    assert read_value(text) == Interval(Fraction(3), Fraction(5), True, True)


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_refuses_with_the_reason_and_without_the_value(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        read_value(text)
    assert not any(sign.isdigit() for sign in str(caught.value))


@pytest.mark.parametrize("comparator", ["ad", "~", "about"])
def test_refuses_a_comparator_it_does_not_know(comparator: str) -> None:
    with pytest.raises(ValueError, match="unknown comparator"):
        read_value("5", comparator)


def test_refuses_two_comparators_that_differ() -> None:
    with pytest.raises(ValueError, match="two comparators"):
        read_value(">5", "<")


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=4))
def test_reads_every_decimal_exactly(number: object) -> None:
    assert read_value(str(number)) == Interval.point(Fraction(str(number)))


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = read_value(text)
    except ValueError:
        return
    assert value.low <= value.high
