"""Long tables: columns, rows, patients."""

from __future__ import annotations

import gzip
import io

import pytest

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Given, Interval
from stormwatch.sources import iterate, patients, read
from stormwatch.sources.table import lines

HEADER = "patient_id,time,code,name,value,unit"
T = "2024-03-02T06:00:00Z"


@pytest.fixture
def table(save):
    """Reads rows under the usual header."""

    def table(*rows, header=HEADER, name="t.csv", **options):
        return read(save("\n".join([header, *rows]) + "\n", name), **options)

    return table


def only(timeline):
    (fact,) = timeline.facts
    return fact


def reason(timeline):
    assert timeline.facts == ()
    ((text, _),) = timeline.accounting.reasons()
    return text


def test_a_row_is_a_measurement_with_its_line(table):
    fact = only(table(f"p,{T},2276-4,,5000,ug/L"))
    assert (fact.analyte, fact.value, fact.recorded) == ("ferritin", Interval.point(5000), "5000 ug/L")
    assert str(fact.origin) == "t.csv#line 2"
    assert fact.known_at == fact.time


@pytest.mark.parametrize("value", [">40000", "> 40000", "GREATER THAN 40000"])
def test_a_bound_in_a_row_is_a_bound(table, value):
    assert only(table(f"p,{T},2276-4,,{value},ng/mL")).value == Interval.above(40000)


def test_optional_columns_are_read(table):
    header = HEADER + ",known_at,low,high,source_id"
    fact = only(table(f"p,{T},2276-4,,5000,ug/L,2024-03-02T09:00:00Z,10,300,L77", header=header))
    assert (fact.known_at.text, fact.low, fact.high) == ("2024-03-02T09:00:00Z", 10, 300)
    assert str(fact.origin) == "t.csv#L77"


def test_a_limit_that_is_no_number_is_left_out_with_a_note(table):
    timeline = table(f"p,{T},2276-4,,5000,ug/L,<10,oops", header=HEADER + ",low,high")
    assert (only(timeline).low, only(timeline).high) == (None, None)
    assert timeline.notes[0].endswith("(2 times)")


@pytest.mark.parametrize(
    "header",
    [
        "SUBJECT_ID,Time,LOINC,Label,VALUE,unit",
        "person_id,time,loinc,name,value,unit",
        "\ufeffpatient_id,time,code,label,value,unit",
        ' patient_id ,"time",code, name,value,unit',
    ],
)
def test_header_names_have_aliases_and_no_case(table, header):
    assert only(table(f"p,{T},2276-4,,5000,ug/L", header=header)).analyte == "ferritin"


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_the_delimiter_is_found_from_the_first_line(table, delimiter):
    row = f"p,{T},2276-4,,5000,ug/L".replace(",", delimiter)
    assert only(table(row, header=HEADER.replace(",", delimiter))).analyte == "ferritin"


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("patient_id,code,value,unit", "time"),
        ("time,code,value,unit", "patient_id"),
        ("patient_id,time,value,unit", "code or name"),
        ("patient_id,time,code", "value, unit"),
        ("just text", "patient_id, time, value, unit, code or name"),
    ],
)
def test_a_missing_column_is_named(table, header, missing):
    with pytest.raises(InputError, match=f"no column {missing};"):
        table(header=header)


def test_a_column_that_stands_twice_is_refused(table):
    with pytest.raises(InputError, match="two columns hold patient_id"):
        table(header=HEADER + ",subject_id")


def test_extra_columns_are_named_once(table):
    timeline = table(*[f"p,{T},2276-4,,5000,ug/L,x,y"] * 2, header=HEADER + ",ward,comment")
    assert len(timeline.facts) == 2
    assert timeline.notes == ("columns not read: ward, comment",)


# Names


def test_the_code_comes_before_the_name(table):
    assert only(table(f"p,{T},2276-4,AST,5000,ug/L")).analyte == "ferritin"


def test_a_name_serves_beside_a_local_code(table):
    assert only(table(f"p,{T},LAB77,Ferritin,5000,ug/L")).analyte == "ferritin"


def test_a_loinc_code_that_is_not_ours_is_another_test_whatever_its_name(table):
    assert table(f"p,{T},1754-1,albumin,3,g/dL").accounting.outside == {"1754-1": 1}


def test_an_unknown_name_is_outside_and_cut_short(table):
    timeline = table(f"p,{T},,{'x' * 99},3,g/dL", f"p,{T},,,3,g/dL")
    assert timeline.accounting.outside == {"x" * 40: 1, "no name": 1}


@pytest.mark.parametrize(
    ("value", "present"),
    [("present", True), ("YES", True), ("1", True), ("true", True), ("absent", False), ("no", False), ("0", False)],
)
def test_a_finding_is_present_or_absent(table, value, present):
    fact = only(table(f"p,{T},,splenomegaly,{value},"))
    assert (fact.name, fact.present) == ("splenomegaly", present)


@pytest.mark.parametrize("value", ["", "perhaps", "2"])
def test_a_finding_that_says_neither_is_rejected(table, value):
    assert reason(table(f"p,{T},,splenomegaly,{value},")) == "the value says neither present nor absent"


def test_a_scale_decides_all_its_findings(table):
    timeline = table(f"p,{T},,O2 Delivery Device(s),Nasal cannula,")
    assert {f.name for f in timeline.facts if f.present} == {"low_flow_oxygen"}
    assert len(timeline.facts) == 3
    assert timeline.accounting.used == 1


@pytest.mark.parametrize(
    ("value", "unit", "given", "dose"),
    [
        ("28", "ug", Given.GIVEN, "28 ug"),
        ("Given", "", Given.GIVEN, ""),
        ("not  given", "", Given.NOT_GIVEN, ""),
        ("ordered", "", Given.ORDERED, ""),
    ],
)
def test_a_drug_has_a_dose_or_says_whether_it_was_given(table, value, unit, given, dose):
    fact = only(table(f"p,{T},,Blincyto,{value},{unit}"))
    assert (fact.drug, fact.given, fact.dose, fact.stop) == ("blinatumomab", given, dose, None)


@pytest.mark.parametrize("value", ["", "0", "0.0", "0 mg q12h", "held?", "refused"])
def test_a_drug_without_a_dose_is_rejected(table, value):
    assert reason(table(f"p,{T},,Blincyto,{value},ug")) == "neither a dose, nor given, not given or ordered"


def test_the_level_of_a_drug_is_no_dose(table):
    by_unit = table(f"p,{T},,Methotrexate level,0.5,umol/L")
    assert reason(by_unit) == "the concentration of a drug, not a dose"
    by_code = table(f"p,{T},14836-1,Methotrexate,0.5,umol/L")
    assert by_code.accounting.outside == {"14836-1": 1}


def test_a_drug_may_have_an_end(table):
    header = HEADER + ",stop"
    assert only(table(f"p,{T},,Blincyto,28,ug,2024-03-03", header=header)).stop.text == "2024-03-03"
    assert reason(table(f"p,{T},,Blincyto,28,ug,2024-03-01", header=header)) == "ends before it begins"


def test_a_percentage_under_a_count_is_refused(table):
    assert "unit" in reason(table(f"p,{T},751-8,,45,%"))


def test_the_same_result_from_two_systems_is_kept_twice(table):
    assert len(table(*[f"p,{T},2276-4,,5000,ug/L"] * 2).facts) == 2


# Rows


@pytest.mark.parametrize(
    "row", [f"p,{T},2276-4,,1,5,ng/mL", f"p,{T},2276-4,,40", f'p,{T},2276-4,,"40"0,ng/mL', f'p,{T},2276-4,,"40']
)
def test_a_misshapen_row_is_rejected_with_its_line(table, row):
    timeline = table(f"p,{T},2276-4,,5000,ug/L", row)
    assert len(timeline.facts) == 1
    assert [r.record for r in timeline.accounting.rejected] == ["line 3"]
    assert timeline.accounting.read == 2


def test_a_quote_that_swallows_rows_is_refused(table):
    with pytest.raises(InputError, match="quote opened in line 2"):
        table(f'p,{T},2276-4,,"5000,ug/L', f"p,{T},2276-4,,40,ug/L", f"p,{T},2276-4,,50,ug/L")


def test_a_line_break_inside_quotes_and_empty_lines_are_fine(table):
    timeline = table(f'p,{T},2276-4,"my\nnote",5000,ug/L', "", f"p,{T},2276-4,,7,ug/L")
    assert [f.origin.record for f in timeline.facts] == ["line 3", "line 5"]
    assert timeline.accounting.read == 2


@pytest.mark.parametrize(
    ("time", "expected"),
    [("", "no time"), ("2024-13-01", "impossible time"), ("2024-03-02 06:00", "the time has no zone; name the zone")],
)
def test_a_time_that_cannot_be_placed_is_rejected(table, time, expected):
    assert reason(table(f"p,{time},2276-4,,5000,ug/L")).startswith(expected)


def test_a_clock_time_is_read_in_the_zone_given(table):
    assert only(table("p,2024-03-02 06:00,2276-4,,5000,ug/L", zone="UTC")).time.latest.hour == 6


# Patients


def test_a_second_patient_must_be_chosen_from(table):
    with pytest.raises(InputError, match=r"line 3.*--patient"):
        table(f"p,{T},2276-4,,1,ug/L", f"q,{T},2276-4,,2,ug/L")


def test_rows_of_another_patient_are_outside(table):
    timeline = table(f"q,{T},2276-4,,1,ug/L", f" p ,{T},2276-4,,2,ug/L", f",{T},2276-4,,3,ug/L", patient="p")
    assert (timeline.patient.id, [f.value for f in timeline.facts]) == ("p", [Interval.point(2)])
    assert timeline.accounting.outside == {"another patient": 1}
    assert timeline.accounting.reasons() == [("no patient id", 1)]


def test_an_unknown_patient_is_an_unknown_name(table):
    with pytest.raises(UnknownName):
        table(f"q,{T},2276-4,,1,ug/L", patient="p")


def test_a_table_without_rows_has_no_patient(table):
    with pytest.raises(InputError, match="no patient"):
        table()


def test_patients_are_listed_in_order_of_appearance(save):
    rows = [f"{p},{T},2276-4,,1,ug/L" for p in ("q", "p", "q", "", "r")]
    assert patients(save("\n".join([HEADER, *rows]))) == ["q", "p", "r"]


# Ways in


def test_a_table_may_be_packed(save):
    content = gzip.compress(f"{HEADER}\np,{T},2276-4,,5000,ug/L\n".encode())
    timeline = read(save(content, "t.csv.gz"))
    assert str(only(timeline).origin) == "t.csv.gz#line 2"


def test_standard_input_is_read_and_left_open(monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(f"{HEADER}\np,{T},2276-4,,5000,ug/L\n".encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    assert only(read("-")).origin.file == "standard input"
    assert not stdin.buffer.closed


def test_a_file_without_an_extension_is_told_by_its_content(save, ferritin):
    import json

    assert only(read(save(json.dumps(ferritin()), "record"))).analyte == "ferritin"
    assert only(read(save(f"{HEADER}\np,{T},2276-4,,5000,ug/L", "other"))).analyte == "ferritin"


def test_progress_is_told_for_a_large_table(save, monkeypatch):
    monkeypatch.setattr(lines, "PROGRESS_FROM", 1000)
    monkeypatch.setattr(lines, "PROGRESS_EVERY", 500)
    content = "\n".join([HEADER, *[f"p,{T},2276-4,,5000,ug/L"] * 100])
    told: list[int] = []
    read(save(content), progress=told.append)
    assert told[0] >= 1000
    assert told == sorted(told)
    assert told[-1] <= len(content)


def test_no_progress_is_told_for_a_small_table(save):
    told: list[int] = []
    read(save(f"{HEADER}\np,{T},2276-4,,5000,ug/L"), progress=told.append)
    assert told == []


def test_iterating_gives_every_patient_what_reading_one_gives(tmp_path):
    path = tmp_path / "two.csv"
    path.write_text(
        "patient_id,time,name,value,unit\n"
        "a,2024-01-01T00:00:00Z,ferritin,700,ng/mL\n"
        "b,2024-01-01T00:00:00Z,ferritin,800,ng/mL\n"
        "a,2024-01-02T00:00:00Z,ferritin,many,ng/mL\n"
        ",2024-01-02T00:00:00Z,ferritin,900,ng/mL\n"
        "b,2024-01-02T00:00:00Z\n"
    )
    found = list(iterate(path))
    assert [timeline.patient.id for timeline in found] == ["a", "b"]
    assert [timeline.facts for timeline in found] == [read(path, patient=one).facts for one in "ab"]
    assert sum(timeline.accounting.read for timeline in found) == 5
    assert len([r for timeline in found for r in timeline.accounting.rejected]) == 3
