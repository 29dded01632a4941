"""Values as they are misprinted in reports. Every expected value is worked out by hand beside the test."""

from __future__ import annotations

from fractions import Fraction

import pytest

from stormwatch.facts import Interval
from stormwatch.sources.text import Mention, read_prose
from stormwatch.sources.text.numbers import AMBIGUOUS
from stormwatch.sources.text.passes.amounts import NO_KIND, NO_UNIT, NOT_PLAUSIBLE, UNUSUAL
from stormwatch.sources.text.passes.scores import PERCENT_SCORE


def labs(text: str) -> list[Mention]:
    return [m for m in read_prose(text).mentions if m.kind == "lab"]


def only(text: str) -> Mention:
    (mention,) = labs(text)
    return mention


def test_ferritin_in_milligrams_per_litre_is_read_as_printed_and_flagged() -> None:
    mention = only("The ferritin was 18.4 mg/L.")
    assert mention.value == Interval.point(18400)  # 18.4 mg/L = 18,400 µg/L
    assert mention.flags == (UNUSUAL,)


def test_a_point_before_three_digits_is_never_decided() -> None:
    mention = only("Ferritin 138.244 ug/L.")
    assert mention.value == Interval(Fraction("138.244"), 138244)
    assert mention.flags == (AMBIGUOUS,)


def test_a_point_before_three_digits_is_decimal_where_thousands_are_impossible() -> None:
    mention = only("Haemoglobin 10.125 g/dL.")
    assert (mention.value, mention.flags) == (Interval.point(Fraction("10.125")), ())


def test_two_points_separate_thousands() -> None:
    assert only("IL-6 was 1.234.567 pg/mL.").value == Interval.point(1234567)


def test_haemoglobin_in_milligrams_per_decilitre_is_no_haemoglobin() -> None:
    mention = only("Haemoglobin had dropped to 7.4 mg/dL.")
    assert mention.value is None
    assert set(mention.flags) == {UNUSUAL, NOT_PLAUSIBLE}


def test_a_receptor_in_micrograms_is_a_mass_and_flagged() -> None:
    mention = only("The sIL-2R level was 6.2 µg/mL.")
    assert (mention.name, mention.value, mention.flags) == ("sil2r_pg", Interval.point(6200000), (UNUSUAL,))


def test_a_score_that_is_a_percentage_is_a_probability_and_flagged() -> None:
    (mention,) = read_prose("She had an H score of 70%-80%.").mentions[1:]
    assert (mention.name, mention.value, mention.flags) == ("hscore_probability", Interval(70, 80), (PERCENT_SCORE,))


def test_fahrenheit() -> None:
    assert only("She was febrile to 103 F.").value == Interval.point(Fraction(355, 9))  # (103 - 32) / 1.8


def test_both_temperatures_of_one_reading_are_kept() -> None:
    assert [round(float(m.value.low), 2) for m in labs("A fever of 39.3°C (102.7°F).") if m.value] == [39.3, 39.28]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Platelets ranged between 12 and 19 x 10^3/µL.", ["12 to 19"]),
        ("Platelets 15–22 × 10^9/L.", ["15 to 22"]),
        ("Platelets fell from 180 to 35 x10(9)/L.", ["180", "35"]),
        ("Platelets were 20, 35 and 60 x10^9/L.", ["20", "35", "60"]),
    ],
)
def test_ranges_are_not_changes_and_changes_not_ranges(text: str, expected: list[str]) -> None:
    assert [str(m.value) for m in labs(text)] == expected


@pytest.mark.parametrize(
    "printed",
    [
        "41 × 10^9/L", "41 x10^9/L", "41 x 10⁹/L", "41x10(9)/L", "41 x 109/L", "41 x 10 9/L", "41 × 103/µL",
        "41 x10^3/uL", "41 K/µL", "41,000/µL", "41 000/mm3", "41,000 cells/mm³", "41 thousand/µL",
        "41,000 per microliter", "41 G/L", "41*10^9/L", "41\u2009×\u200910⁹/L", "41 × 10^9 /L", "4.1 × 10^4/µL",
        "41,000/mcL",
    ],
)  # fmt: skip
def test_every_spelling_of_a_count_is_the_same(printed: str) -> None:
    assert only(f"The platelet count was {printed}.").value == Interval.point(41)


def test_a_power_of_ten_of_another_unit() -> None:
    assert only("Ferritin was 2.5 × 10^4 ng/mL.").value == Interval.point(25000)


def test_a_lost_power_of_another_unit_is_not_read() -> None:
    assert labs("Ferritin was 2.5 x 104 ng/mL.") == []  # 25,000 or 260: the page has lost which


@pytest.mark.parametrize("printed", ["85 000", "85,000", "85'000", "85\u202f000", "85000"])
def test_separators_of_thousands(printed: str) -> None:
    assert only(f"Ferritin {printed} ng/mL.").value == Interval.point(85000)


def test_a_decimal_comma() -> None:
    assert only("Triglycerides 4,6 mmol/L.").value == Interval.point(Fraction("4.6") * Fraction("88.57"))


@pytest.mark.parametrize("sign", [">", "> ", "more than ", "greater than ", "above ", "over "])
def test_censored_values(sign: str) -> None:
    assert only(f"Ferritin was {sign}40,000 µg/L.").value == Interval.above(40000)


def test_a_number_without_a_unit_has_no_value() -> None:
    mention = only("Ferritin 5000.")
    assert (mention.value, mention.flags) == (None, (NO_UNIT,))


def test_a_d_dimer_without_its_kind_has_no_value() -> None:
    mention = only("D-dimer was 8,400 ng/mL.")
    assert (mention.value, mention.flags) == (None, (NO_KIND,))
    assert only("D-dimer 3.1 mg/L FEU.").value == Interval.point(3100)


def test_the_value_of_another_test_is_not_taken() -> None:
    assert labs("Creatinine was normal, glucose 212 mg/dL and haptoglobin 5 mg/dL.") == []


def test_reference_limits_go_with_the_value() -> None:
    mention = only("sIL-2R was 3,406 pg/mL (reference 606-2299 pg/mL).")
    assert (mention.value, mention.low, mention.high) == (Interval.point(3406), Fraction(606), Fraction(2299))
    assert only("CRP 212 mg/L (normal < 5).").high == 5
    assert only("Ferritin 5,000 ng/mL [30–400].").low == 30


def test_a_respiratory_rate_is_no_reference_range() -> None:
    assert {m.name: str(m.value) for m in labs("BP 92/50 mmHg, RR 28/min, SpO2 93%.")} == {
        "sbp": "92",
        "dbp": "50",
        "respiratory_rate": "28",
        "spo2": "93",
    }


def test_names_in_a_row_and_values_in_a_row() -> None:
    found = labs("AST, ALT and LDH were 188, 142 and 1,320 U/L, respectively.")
    assert [(m.name, str(m.value)) for m in found] == [("ast", "188"), ("alt", "142"), ("ldh", "1320")]


def test_a_table_of_tabs_with_times_and_limits() -> None:
    table = (
        "Test\tDay 1\tDay 4\tReference\nFerritin (µg/L)\t4,300\t21,700\t15-150\nPlatelets (×10^9/L)\t88\t23\t150-400"
    )
    found = labs(f"Results.\n\n{table}\n")
    assert [(m.name, str(m.value), m.time, m.high) for m in found] == [
        ("ferritin", "4300", "day 1", Fraction(150)),
        ("ferritin", "21700", "day 4", Fraction(150)),
        ("platelets", "88", "day 1", Fraction(400)),
        ("platelets", "23", "day 4", Fraction(400)),
    ]


def test_a_table_fallen_into_lines() -> None:
    found = labs("Ferritin (ng/mL)\n15,400\n30-400\nFibrinogen (mg/dL)\n88\n200-400\n")
    assert [(m.name, str(m.value), m.low) for m in found] == [
        ("ferritin", "15400", Fraction(30)),
        ("fibrinogen", "88", Fraction(200)),
    ]


def test_columns_run_together_give_no_value() -> None:
    found = labs("Parameter\tCases\nPlatelets (×10^9/L)\t5469319\nLDH (U/L)\t5361178541\n")
    assert [(m.name, m.value, m.flags) for m in found] == [
        ("platelets", None, (NOT_PLAUSIBLE,)),
        ("ldh", None, (NOT_PLAUSIBLE,)),
    ]


def test_it_points_back_to_the_test_of_the_sentence_before() -> None:
    found = labs("Ferritin was 2,100 ng/mL. Two days later it was 11,800 ng/mL.")
    assert [(str(m.value), m.time) for m in found] == [("2100", ""), ("11800", "+2 d")]
