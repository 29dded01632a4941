"""Traps seen in real tables. Expected values are computed by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from stormwatch.facts import Interval
from stormwatch.sources.mapped import read_mapped

CODES = {'name = "test"': 'code = "code"\nname = "test"'}
CODED = "pid,time,code,test,value,unit"
COMMA = {'zone = "Europe/Berlin"': 'zone = "UTC"\ndecimal = ","\nthousands = "."'}


def point(text):
    return Interval.point(Fraction(text))


def reasons(timeline):
    return [reason for reason, _ in timeline.accounting.reasons()]


def test_fahrenheit_labelled_celsius_and_the_reverse_are_implausible(one):
    assert one("temperature", "101.3", "°C") == "outside the plausible range of temperature"
    assert one("temperature", "38.5", "°F") == "outside the plausible range of temperature"
    assert one("temperature", "101.3", "°F") == point("38.5")


def test_crp_in_mg_per_dl_beside_mg_per_l(one):
    assert one("CRP", "12.3", "mg/dL") == point("123")
    assert one("CRP", "12.3", "mg/L") == point("12.3")


def test_fibrinogen_in_g_per_l_and_mg_per_dl(one):
    assert one("fibrinogen", "1.5", "g/L") == point("150") == one("fibrinogen", "150", "mg/dL")


def test_platelets_of_minus_one_are_no_platelets(one):
    assert one("platelets", "-1", "K/uL") == "negative platelets, which cannot be"


def test_leukocytes_of_1726_thousand_are_a_count_per_microlitre_under_the_wrong_unit(one):
    assert one("WBC", "1726", "K/uL") == "outside the plausible range of wbc"
    assert one("WBC", "1726", "/uL") == point("1.726")
    assert one("WBC", "1726", "").startswith("unit not in the table of wbc")
    assert one("WBC", "17260", "K/uL") == "outside the plausible range of wbc"


def test_ferritin_above_a_bound_and_a_cap_stored_plain(one):
    assert one("ferritin", ">50000", "ng/mL") == Interval.above(50000)
    assert one("ferritin", "50000", "ng/mL") == point("50000")
    capped = {"[columns]": '[names]\nferritin = { analyte = "ferritin", cap = "50000" }\n[columns]'}
    assert one("ferritin", "50000.0", "ng/mL", change=capped) == Interval.above(50000, closed=True)
    assert one("ferritin", "49999", "ng/mL", change=capped) == point("49999")


def test_a_bound_in_words_beside_an_empty_number(long_table):
    timeline = long_table(
        "1,2024-03-02,ferritin,,GREATER THAN 2000,ng/mL",
        "1,2024-03-03,ferritin,2000,> 2000,ng/mL",
        "1,2024-03-04,ferritin,1999,hemolyzed,ng/mL",
        "1,2024-03-05,ferritin,1999,> 2000,ng/mL",
        header="pid,time,test,value,text,unit",
        change={'value = "value"': 'value = "value"\nvalue_text = "text"'},
    )
    above = Interval.above(2000)
    assert [m.value for m in timeline.measurements["ferritin"]] == [above, above, point("1999")]
    assert reasons(timeline) == ["the number and the text beside it differ"]


def test_a_patient_id_only_on_the_first_row_of_a_block(long_table):
    rows = ["1,2024-03-02,ferritin,5,ng/mL", ",2024-03-03,ferritin,6,ng/mL", ",,,,", "2,2024-03-02,ferritin,7,ng/mL"]
    filled = {'column = "pid"': 'column = "pid"\nfill_down = true'}
    assert len(long_table(*rows, change=filled, patient="1").facts) == 2
    assert len(long_table(*rows, change=filled, patient="2").facts) == 1
    without = long_table(*rows, patient="1")
    assert len(without.facts) == 1
    assert reasons(without) == ["no patient id"]


def test_below_a_misshapen_row_it_is_not_known_whose_block_it_is(long_table):
    filled = {'column = "pid"': 'column = "pid"\nfill_down = true'}
    rows = ["1,2024-03-02,ferritin,5,ng/mL", "2,2024-03-02,ferritin,1,5,ng/mL", ",2024-03-03,ferritin,6,ng/mL"]
    timeline = long_table(*rows, change=filled)
    assert [m.value for m in timeline.measurements["ferritin"]] == [point("5")]
    assert len(timeline.accounting.rejected) == 2


def test_a_row_before_the_first_patient_id_is_about_nobody(long_table):
    filled = {'column = "pid"': 'column = "pid"\nfill_down = true'}
    timeline = long_table(",2024-03-01,ferritin,6,ng/mL", "1,2024-03-02,ferritin,5,ng/mL", change=filled)
    assert len(timeline.facts) == 1
    assert reasons(timeline) == ["no patient id"]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("7,5", "7.5"),
        ("138.244", "138244"),
        ("1.234,5", "1234.5"),
        ("138244", "138244"),
        ("12.345.678", None),  # more than a million: refused by the range, not by the signs
    ],
)
def test_decimal_comma_and_decimal_point_as_thousands_separator(one, written, value):
    found = one("ferritin", written, "ng/mL", change=COMMA)
    assert found == (point(value) if value else "outside the plausible range of ferritin")


def test_bounds_and_ranges_keep_their_meaning_under_a_decimal_comma(one):
    assert one("ferritin", "> 1.500,5", "ng/mL", change=COMMA) == Interval.above(Fraction("1500.5"))
    assert one("ferritin", "1,5 - 2,5", "ng/mL", change=COMMA) == Interval(Fraction("1.5"), Fraction("2.5"))


@pytest.mark.parametrize("written", ["138.24", "1.5", "1,234.5", "1.2345", "1,2,3", "1234.567"])
def test_a_number_that_does_not_fit_the_signs_is_rejected(one, written):
    assert one("ferritin", written, "ng/mL", change=COMMA).startswith("a number that does not fit")


def test_without_a_declared_comma_a_comma_is_not_guessed(one):
    assert one("ferritin", "7,5", "ng/mL").startswith("a comma in the number")


def test_a_loinc_code_under_the_name_of_another_analyte_is_rejected(long_table):
    rows = ["1,2024-03-02,2276-4,CRP,5,ng/mL", "1,2024-03-02,1988-5,CRP,5,mg/L", "1,2024-03-02,1988-5,our test,6,mg/L"]
    timeline = long_table(*rows, header=CODED, change=CODES)
    assert [m.value for m in timeline.measurements["crp"]] == [point("5"), point("6")]
    (reason,) = reasons(timeline)
    assert reason.startswith("the code and the name mean different things")


def test_a_loinc_code_of_no_analyte_is_not_saved_by_its_name(long_table):
    timeline = long_table("1,2024-03-02,99999-9,CRP,5,mg/L", header=CODED, change=CODES)
    assert timeline.accounting.outside == {"99999-9": 1}


def test_a_percent_under_the_code_of_a_count_is_rejected(long_table):
    timeline = long_table(
        "1,2024-03-02,751-8,,64,%",
        "1,2024-03-02,751-8,,64%,K/uL",
        "1,2024-03-02,770-8,,64 %,%",
        header=CODED,
        change=CODES,
    )
    assert timeline.measurements.keys() == {"neutrophils_percent"}
    assert reasons(timeline) == ["unit not in the table of neutrophils: %", "not a number"]


def test_local_time_across_a_clock_change(long_table):
    timeline = long_table(
        "1,2024-10-27 02:30,ferritin,5,ng/mL",  # the clock in Berlin showed this twice
        "1,2024-03-31 02:30,ferritin,6,ng/mL",  # and this never
    )
    (fact,) = timeline.facts
    assert fact.time.earliest == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    assert fact.time.latest == datetime(2024, 10, 27, 1, 30, tzinfo=UTC)
    assert reasons(timeline) == ["the clock was set forward over this time: it never happened in this zone"]


def test_without_a_zone_a_clock_time_is_rejected(long_table):
    timeline = long_table("1,2024-03-02 06:00,ferritin,5,ng/mL", change={'zone = "Europe/Berlin"\n': ""})
    assert "no zone" in reasons(timeline)[0]


def test_a_drug_applied_locally_and_the_level_of_a_drug_are_no_exposures(long_table):
    timeline = long_table(
        "1,2024-03-02,,prednisolone eye drops,1,mg",
        "1,2024-03-02,12345-6,tacrolimus,8,ng/mL",
        "1,2024-03-02,,tacrolimus,8,ng/mL",
        "1,2024-03-02,,tocilizumab,560,mg",
        header=CODED,
        change=CODES,
    )
    assert [e.drug for e in timeline.exposures] == ["tocilizumab"]
    assert timeline.accounting.read == 4


def test_a_wide_table_with_german_dates(save, save_map):
    table = save(
        "Labor Station 3;;;;\n"
        "Pat;Datum;Uhrzeit;Ferritin (ng/mL);Thrombo;Einheit\n"
        "a;02.03.2024;06:30;1.234,5;138;Gpt/L\n"
        ";03.03.2024;;> 2.000;;\n"
        ";;07:00;5;;\n"
        ";31.02.2024;07:00;5;;\n",
        "t.csv",
    )
    timeline = read_mapped(
        table,
        save_map(
            """
            shape = "wide"
            header_row = 2
            zone = "Europe/Berlin"
            decimal = ","
            thousands = "."
            patient = { column = "pat", fill_down = true }
            time = { columns = ["Datum", "Uhrzeit"], formats = ["%d.%m.%Y", "%H:%M"] }
            [unit_names]
            "Gpt/L" = "10*9/L"
            [values]
            "Ferritin (ng/mL)" = { analyte = "ferritin", unit = "ng/mL" }
            "Thrombo" = { analyte = "platelets", unit_column = "Einheit" }
            """
        ),
    )
    first, second = timeline.measurements["ferritin"]
    assert (first.value, first.time.latest) == (point("1234.5"), datetime(2024, 3, 2, 5, 30, tzinfo=UTC))
    assert (second.value, second.time.is_exact) == (Interval.above(2000), False)  # a day, no hour made up
    assert first.origin.record == "line 3, column Ferritin (ng/mL)"
    (platelets,) = timeline.measurements["platelets"]
    assert platelets.value == point("138")
    assert reasons(timeline) == ["a clock time without a date", "the time does not fit the format in the map"]
    assert timeline.accounting.read == 5  # every filled cell of a mapped column
