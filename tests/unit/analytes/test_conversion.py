"""Conversions: exact, per analyte, and refused where they would be a guess."""

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormwatch.analytes import Analyte, UnknownUnit, analyte, catalogue, from_canonical, to_canonical, units
from stormwatch.facts import Interval

# id, value, unit, canonical value: from published factors and plain arithmetic.
EXACT = [
    ("ferritin", "5000", "ug/L", "5000"),
    ("ferritin", "5", "mg/L", "5000"),
    ("ferritin", "1123.5", "pmol/L", "500"),
    ("triglycerides", "1.5", "mmol/L", "132.855"),
    ("triglycerides", "4.0", "mmol/L", "354.28"),
    ("triglycerides", "2.65", "g/L", "265"),
    ("haemoglobin", "92", "g/L", "9.2"),
    ("haemoglobin", "6.206", "mmol/L", "10"),
    ("fibrinogen", "2.5", "g/L", "250"),
    ("fibrinogen", "2.94", "umol/L", "100"),
    ("platelets", "110", "K/uL", "110"),
    ("platelets", "110000", "/uL", "110"),
    ("platelets", "110000", "/mm3", "110"),
    ("platelets", "11", "10*4/uL", "110"),
    ("platelets", "1.1", "lakhs/cumm", "110"),
    ("neutrophils", "500", "cells/uL", "0.5"),
    ("wbc", "5.0", "G/L", "5"),
    ("bilirubin_total", "17.1", "umol/L", "1"),
    ("creatinine", "88.4", "umol/L", "1"),
    ("urate", "475.84", "umol/L", "8"),
    ("calcium", "1.75", "mmol/L", "7.014"),
    ("phosphate", "1", "mmol/L", "3.097"),
    ("lactate", "18.016", "mg/dL", "2"),
    ("urea", "60.06", "mg/dL", "10"),
    ("bun", "7.14", "mmol/L", "20"),
    ("sodium", "140", "mEq/L", "140"),
    ("potassium", "6", "meq/l", "6"),
    ("ast", "1", "ukat/L", "60"),
    ("ast", "30", "IU/L", "30"),
    ("crp", "3", "mg/dL", "30"),
    ("albumin", "35", "g/L", "3.5"),
    ("il6", "12", "ng/L", "12"),
    ("temperature", "101.3", "degF", "38.5"),
    ("temperature", "100.4", "°F", "38"),
    ("temperature", "38.4", "°C", "38.4"),
    ("fio2", "0.21", "fraction", "21"),
    ("fio2", "21", "%", "21"),
    ("weight", "100", "lb", "45.359237"),
    ("weight", "3500", "g", "3.5"),
    ("height", "70", "in", "177.8"),
    ("height", "1.75", "m", "175"),
    ("d_dimer_feu", "0.5", "mg/L FEU", "500"),
    ("d_dimer_feu", "513", "ng/mL FEU", "513"),
    ("sil2r", "2400", "kU/L", "2400"),
    ("gcs", "15", "", "15"),
    ("inr", "1.2", "UNK", "1.2"),
]

REFUSED = [
    ("ferritin", ""),
    ("ferritin", "UNK"),
    ("ferritin", "U/L"),
    ("ast", "UNK"),
    ("sil2r", "pg/mL"),
    ("sil2r_pg", "U/mL"),
    ("d_dimer_feu", "ng/mL"),
    ("d_dimer_feu", "ng/mL DDU"),
    ("d_dimer_ddu", "ng/mL"),
    ("d_dimer_ddu", "ng/mL FEU"),
    ("calcium", "mEq/L"),
    ("phosphate", "mEq/L"),
    ("neutrophils", "%"),
    ("neutrophils_percent", "K/uL"),
    ("albumin", "umol/L"),
    ("crp", "nmol/L"),
    ("crp", "mmol/L"),
    ("fio2", ""),
    ("spo2", ""),
    ("temperature", ""),
    ("oxygen_flow", "%"),
]

EVERY_UNIT = [
    (each, unit.code)
    for each in catalogue().values()
    for dimension in (each.dimension, *([each.also.dimension] if each.also else []))
    for unit in sorted(set(units()[dimension].values()), key=lambda unit: unit.code)
]
every_unit = pytest.mark.parametrize(("each", "unit"), EVERY_UNIT, ids=lambda value: getattr(value, "id", value))
numbers = st.fractions(min_value=-(10**6), max_value=10**6)


@pytest.mark.parametrize(("id", "value", "unit", "canonical"), EXACT)
def test_converts_exactly(id: str, value: str, unit: str, canonical: str) -> None:
    assert to_canonical(analyte(id), Interval.point(Fraction(value)), unit) == Interval.point(Fraction(canonical))


@pytest.mark.parametrize(("id", "unit"), REFUSED)
def test_refuses_what_would_be_a_guess(id: str, unit: str) -> None:
    with pytest.raises(UnknownUnit, match=f"unit not in the table of {id}"):
        to_canonical(analyte(id), Interval.point(Fraction(1)), unit)
    with pytest.raises(UnknownUnit):
        from_canonical(analyte(id), unit)


def test_urea_and_urea_nitrogen_of_one_blood_agree() -> None:
    # 28.01 g of nitrogen in 60.06 g of urea: 14 mg/dL of urea nitrogen are 30.02 mg/dL of urea.
    urea = to_canonical(analyte("urea"), Interval.point(Fraction("30.02")), "mg/dL")
    nitrogen = 14 * from_canonical(analyte("bun"), "mmol/L")[0]
    assert float(urea.low) == pytest.approx(float(nitrogen), rel=1e-3)


def test_an_odd_or_long_unit_is_not_repeated() -> None:
    for unit in ("x" * 20, "a\x07b"):
        with pytest.raises(UnknownUnit) as caught:
            to_canonical(analyte("ferritin"), Interval.point(Fraction(1)), unit)
        assert str(caught.value) == "unit not in the table of ferritin"


def test_a_short_unit_and_a_missing_one_are_named() -> None:
    with pytest.raises(UnknownUnit, match="ferritin: furlong"):
        to_canonical(analyte("ferritin"), Interval.point(Fraction(1)), "furlong")
    with pytest.raises(UnknownUnit, match="ferritin: none given"):
        to_canonical(analyte("ferritin"), Interval.point(Fraction(1)), " ")


def test_a_bound_stays_open_or_closed() -> None:
    assert to_canonical(analyte("haemoglobin"), Interval.above(100), "g/L") == Interval(Fraction(10), inf, False, False)
    below = to_canonical(analyte("haemoglobin"), Interval.below(100, closed=True), "g/L")
    assert below == Interval(-inf, Fraction(10), False, True)


def test_a_canonical_value_prints_in_another_unit() -> None:
    slope, offset = from_canonical(analyte("temperature"), "degF")
    assert slope * Fraction("38.5") + offset == Fraction("101.3")


@every_unit
def test_there_and_back_is_the_same_number(each: Analyte, unit: str) -> None:
    slope, offset = from_canonical(each, unit)
    for value in (Fraction(0), Fraction("38.4"), Fraction(-7, 3), Fraction(10**9 + 1, 7)):
        back = to_canonical(each, Interval.point(slope * value + offset), unit)
        assert back == Interval.point(value)


@every_unit
def test_more_in_one_unit_is_more_in_every_other(each: Analyte, unit: str) -> None:
    assert from_canonical(each, unit)[0] > 0


@given(st.sampled_from(EVERY_UNIT), numbers, numbers)
def test_conversion_is_exact_and_keeps_order(pair: tuple[Analyte, str], a: Fraction, b: Fraction) -> None:
    each, unit = pair
    low, high = sorted((a, b))
    value = to_canonical(each, Interval(low, high), unit)
    assert value.low <= value.high
    assert (value.low == value.high) == (low == high)
    slope, offset = from_canonical(each, unit)
    assert (slope * value.low + offset, slope * value.high + offset) == (low, high)
