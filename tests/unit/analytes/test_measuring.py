"""Measuring: a record's value and unit become a checked canonical value, or a refusal with its reason."""

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.analytes import UnknownUnit, analyte, measure
from stormwatch.facts import Interval


@pytest.mark.parametrize(
    ("id", "text", "unit", "expected"),
    [
        ("ferritin", "> 40000", "ug/L", Interval(Fraction(40000), inf, False, False)),
        ("ferritin", "<0.5", "ng/mL", Interval(Fraction(0), Fraction("0.5"), True, False)),
        ("procalcitonin", "LESS THAN 0.02", "ng/mL", Interval(Fraction(0), Fraction("0.02"), True, False)),
        ("temperature", "< 35", "C", Interval(Fraction(0), Fraction(35), True, False)),
        ("temperature", "101.3", "F", Interval.point(Fraction("38.5"))),
        ("haemoglobin", "90-92", "g/L", Interval(Fraction(9), Fraction("9.2"))),
        ("crp", "≤0", "mg/L", Interval(Fraction(0), Fraction(0))),
        ("spo2", "> 99", "%", Interval(Fraction(99), inf, False, False)),
        ("gcs_motor", "6", "UNK", Interval.point(Fraction(6))),
    ],
)
def test_measures(id: str, text: str, unit: str, expected: Interval) -> None:
    assert measure(analyte(id), text, unit) == expected


def test_a_comparator_beside_the_value_counts() -> None:
    assert measure(analyte("ferritin"), "40000", "ug/L", ">") == Interval.above(Fraction(40000))


@pytest.mark.parametrize(
    ("id", "text", "unit"), [("ferritin", "-1", "ng/mL"), ("crp", "< -2", "mg/L"), ("ldh", "< 0", "U/L")]
)
def test_refuses_a_negative_amount(id: str, text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=f"negative {id}"):
        measure(analyte(id), text, unit)


@pytest.mark.parametrize(
    ("id", "text", "unit"),
    [
        ("ferritin", "1000001", "ng/mL"),
        ("ferritin", "> 2000000", "ng/mL"),
        ("haemoglobin", "120", "g/dL"),  # g/L
        ("platelets", "110000", "K/uL"),  # per microlitre
        ("temperature", "99.0", "°C"),  # Fahrenheit
        ("temperature", "37", "°F"),  # Celsius
        ("fio2", "0.21", "%"),  # a fraction
        ("fio2", "21", "1"),  # a percentage
        ("weight", "3500", "kg"),  # grams
        ("gcs", "2", ""),
        ("gcs", "16", "{score}"),
        ("ice_score", "11", ""),
        ("spo2", "101", "%"),
        ("haemoglobin", "9-95", "g/dL"),
    ],
)
def test_refuses_what_cannot_be(id: str, text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=f"outside the plausible range of {id}") as caught:
        measure(analyte(id), text, unit)
    assert str(caught.value) == f"outside the plausible range of {id}"


@pytest.mark.parametrize(("id", "text", "unit"), [("gcs", "3", ""), ("gcs", "15", ""), ("fio2", "100", "%")])
def test_the_ends_of_the_plausible_range_belong_to_it(id: str, text: str, unit: str) -> None:
    assert measure(analyte(id), text, unit) == Interval.point(Fraction(text))


def test_an_unknown_unit_is_a_value_error_of_its_own() -> None:
    with pytest.raises(UnknownUnit):
        measure(analyte("d_dimer_feu"), "535", "ng/mL")
    assert issubclass(UnknownUnit, ValueError)


@given(st.decimals(min_value=0, max_value=1000, places=2))
def test_the_same_ferritin_in_three_units_is_one_value(number: object) -> None:
    text = str(number)
    ferritin = analyte("ferritin")
    canonical = Interval.point(Fraction(text))
    assert measure(ferritin, text, "ng/mL") == canonical
    assert measure(ferritin, text, "µg/L") == canonical
    assert measure(ferritin, f"{text}e-3", "mg/L") == canonical
