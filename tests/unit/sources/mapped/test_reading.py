"""Mapped tables: kinds of file, maps that do not fit, patients, streams."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from fractions import Fraction

import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from stormwatch.errors import InputError, UnknownName, UsageError
from stormwatch.facts import Interval
from stormwatch.sources.mapped import iterate_mapped, load_map, patients_of_mapped, read_mapped

HEADER = ["pid", "time", "test", "value", "unit"]
AT = datetime(2024, 3, 2, 6, tzinfo=UTC)


def point(text):
    return Interval.point(Fraction(text))


@pytest.fixture
def workbook(tmp_path):
    """Writes rows to the sheet "Labs" of a workbook whose first sheet is another."""

    def workbook(*rows, formats=None):
        book = openpyxl.Workbook()
        sheet = book.create_sheet("Labs")
        for row in rows:
            sheet.append(row)
        for cell, form in (formats or {}).items():
            sheet[cell].number_format = form
        book.save(tmp_path / "t.xlsx")
        return tmp_path / "t.xlsx"

    return workbook


@pytest.fixture
def labs(save_map, long_map):
    return save_map('sheet = "Labs"\ndecimal = ","\nthousands = "."\n' + long_map)


def test_a_workbook_keeps_stored_numbers_and_reads_texts_by_their_signs(workbook, labs):
    path = workbook(
        HEADER,
        ["1", datetime(2024, 3, 2, 7), "ferritin", 138.244, "ng/mL"],
        [1, datetime(2024, 3, 2, 7), "ferritin", "138.244", "ng/mL"],
        [1.0, datetime(2024, 3, 2, 7), "ferritin", 39.4, "ng/mL"],
        [None, None, None, None, None],
        [1, datetime(2024, 3, 2, 7), "ferritin", "#N/A", "ng/mL"],
    )
    timeline = read_mapped(path, labs)
    assert [m.value for m in timeline.measurements["ferritin"]] == [point("138.244"), point("138244"), point("39.4")]
    assert timeline.facts[0].time.latest == AT
    assert [m.origin.record for m in timeline.facts] == ["row 2", "row 3", "row 4"]
    assert timeline.accounting.reasons() == [("not a number", 1)]


def test_a_workbook_says_what_it_shows_a_day_alone_and_a_percentage(workbook, labs):
    path = workbook(
        HEADER,
        [1, datetime(2024, 3, 2), "SpO2", 0.93, "%"],
        formats={"B2": "dd.mm.yyyy", "D2": "0%"},
    )
    (fact,) = read_mapped(path, labs).measurements["spo2"]
    assert fact.value == point("93")
    assert not fact.time.is_exact
    assert fact.time.latest > AT


def test_dates_and_clock_times_stored_as_such_need_no_format(workbook, save_map, long_map):
    content = long_map.replace('["time"]', '["day", "clock"]\nformats = ["%d.%m.%Y", "%H:%M"]')
    path = workbook(
        ["pid", "day", "clock", "test", "value", "unit"],
        [1, date(2024, 3, 2), time(7), "ferritin", 5, "ng/mL"],
        [1, "02.03.2024", "07:00", "ferritin", 5, "ng/mL"],
        formats={"B2": "yyyy-mm-dd"},
    )
    timeline = read_mapped(path, save_map('sheet = "Labs"\n' + content))
    assert [fact.time.latest for fact in timeline.facts] == [AT, AT]


def test_a_sheet_that_is_not_there_and_a_file_that_is_no_workbook(workbook, save_map, labs, tmp_path, long_map):
    path = workbook(HEADER)
    with pytest.raises(InputError, match="no sheet"):
        read_mapped(path, save_map('sheet = "Other"\n' + long_map))
    whole = path.read_bytes()
    for length in (100, len(whole) - 30):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="no XLSX workbook"):
            read_mapped(path, labs)
    with pytest.raises(InputError, match="no such file"):
        read_mapped(tmp_path / "none.xlsx", labs)


def test_parquet_of_float32_float64_and_zoned_times(tmp_path, save_map, long_map):
    columns = {
        "pid": pa.array([1, 1], pa.int64()),
        "time": pa.array([AT, AT], pa.timestamp("ns", "UTC")),
        "test": ["temperature", "ferritin"],
        "value": pa.array([39.4, 5.25], pa.float32()),
        "unit": ["Cel", "ng/mL"],
    }
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    timeline = read_mapped(tmp_path / "t.parquet", save_map(long_map))
    assert {m.value for ms in timeline.measurements.values() for m in ms} == {point("39.4"), point("5.25")}
    assert {m.time.latest for m in timeline.facts} == {AT}
    assert timeline.facts[0].origin.record == "row 1"


@pytest.mark.parametrize(("library", "name"), [("openpyxl", "excel"), ("pyarrow", "parquet")])
def test_without_the_library_the_message_says_what_to_install(library, name, workbook, labs, tmp_path, monkeypatch):
    path = workbook(HEADER) if library == "openpyxl" else tmp_path / "t.parquet"
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=rf"stormwatch\[{name}\]"):
        read_mapped(path, labs)


def test_tab_separated_and_zipped_tables(save, save_map, long_map):
    import gzip

    rows = "\t".join(HEADER) + "\n" + "\t".join(["1", "2024-03-02", "ferritin", "5", "ng/mL"]) + "\n"
    for content, name in ((rows, "t.tsv"), (gzip.compress(rows.encode()), "t.tsv.gz")):
        assert len(read_mapped(save(content, name), save_map(long_map)).facts) == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('column = "pid"', 'colum = "pid"', "patient.colum: no such key"),
        ('shape = "long"', "", "shape: is missing"),
        ('shape = "long"', 'shape = "tall"', "shape: Input should be 'long' or 'wide'"),
        ('shape = "long"', 'shape = "wide"', "a wide table has [values]"),
        ('zone = "Europe/Berlin"', 'zone = "Berlin"', "zone: no such time zone"),
        ('zone = "Europe/Berlin"', 'zone = "?"', '"?" is left at zone'),
        ('zone = "Europe/Berlin"', 'thousands = "."', "decimal and the thousands sign are the same"),
        ('columns = ["time"]', 'columns = ["time"]\nformats = ["%d.%m.%y"]', "a year of four figures"),
        ('columns = ["time"]', 'columns = ["time"]\nformats = ["%m.%Y"]', "needs a day"),
        ('columns = ["time"]', 'columns = ["time"]\nformats = ["%d.%m.%Y", "%H:%M"]', "one format for each column"),
        ('value = "value"', "", "needs a column of codes or names, and one of values"),
    ],
)
def test_a_map_that_does_not_fit_its_format_is_explained(save_map, old, new, message, long_map):
    assert old in long_map
    with pytest.raises(InputError) as problem:
        load_map(save_map(long_map.replace(old, new)))
    assert message in str(problem.value)
    assert "map.toml" in str(problem.value)


def test_every_fault_of_a_map_is_listed_at_once(save_map, long_map):
    content = long_map.replace('shape = "long"', 'shape = "tall"\nextra = 1').replace('column = "pid"', "")
    with pytest.raises(InputError) as problem:
        load_map(save_map(content))
    assert len(str(problem.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("pid,time,test,values,unit", "no column 'value', which the map names; nearest: 'values'"),
        ("pid,time,test,value,x", "no column 'unit', which the map names; check header_row"),
        ("pid,time,test,value,unit,Value", "2 columns are called 'value'"),
    ],
)
def test_a_column_that_is_not_there_or_stands_twice(long_table, header, message):
    with pytest.raises(InputError) as problem:
        long_table(header=header)
    assert message in str(problem.value)


def test_shared_code_maps_stand_beside_the_map(long_table, save):
    save("code,analyte,unit\nL17,ferritin,ng/mL\n", "lab.csv")
    timeline = long_table(
        "1,2024-03-02,L17,,5,",
        "1,2024-03-02,L18,,5,",
        header="pid,time,code,test,value,unit",
        change={'zone = "Europe/Berlin"': 'code_maps = ["lab.csv"]', 'name = "test"': 'code = "code"\nname = "test"'},
    )
    assert [m.value for m in timeline.measurements["ferritin"]] == [point("5")]
    assert timeline.accounting.outside == {"L18": 1}


def test_release_limits_stop_and_source_id_are_read(long_table):
    timeline = long_table(
        "1,2024-03-02T06:00Z,2024-03-02T09:00Z,,AST,90,U/L,10,40,r1",
        "1,2024-03-02T06:00Z,,2024-03-02T07:00Z,tocilizumab,560,mg,,,r2",
        header="pid,time,released,stop,test,value,unit,low,high,id",
        change={
            "[columns]": '[known_at]\ncolumns = ["released"]\n[stop]\ncolumns = ["stop"]\n[columns]\n'
            'low = "low"\nhigh = "high"\nsource_id = "id"'
        },
    )
    (ast,) = timeline.measurements["ast"]
    assert (ast.low, ast.high, ast.known_at.latest.hour, ast.origin.record) == (10, 40, 9, "r1")
    (dose,) = timeline.exposures
    assert (dose.stop.latest.hour, dose.dose) == (7, "560 mg")


def test_patients_are_named_streamed_and_kept_apart(long_table, save, save_map, long_map):
    rows = ["2,2024-03-02,ferritin,5,ng/mL", "1,2024-03-02,ferritin,6,ng/mL", "1,2024-03-02,AST,-1,U/L"]
    path, table_map = save("\n".join([",".join(HEADER), *rows]), "t.csv"), save_map(long_map)
    assert patients_of_mapped(path, table_map) == ["2", "1"]
    each = {t.patient.id: t for t in iterate_mapped(path, table_map)}
    assert sum(t.accounting.read for t in each.values()) == 3
    for name in ("2", "1"):
        alone = read_mapped(path, table_map, patient=name)
        assert alone == each[name]
        assert alone.accounting.read == 3
    with pytest.raises(InputError, match="line 3 names a second patient"):
        read_mapped(path, table_map)
    with pytest.raises(UnknownName):
        read_mapped(path, table_map, patient="3")


def test_a_stream_refuses_a_patient_whose_rows_stand_apart(save, save_map, long_map):
    rows = ["1,2024-03-02,ferritin,5,ng/mL", "2,2024-03-02,ferritin,6,ng/mL", "1,2024-03-03,ferritin,5,ng/mL"]
    path = save("\n".join([",".join(HEADER), *rows]), "t.csv")
    with pytest.raises(InputError, match="stand apart"):
        list(iterate_mapped(path, save_map(long_map)))


def test_an_empty_table_and_one_without_patients(long_table, save, save_map, long_map):
    for content in ("\n", ",".join(HEADER) + "\n", ",".join(HEADER) + "\n,2024-03-02,ferritin,5,ng/mL\n"):
        path = save(content, "t.csv")
        with pytest.raises(InputError):
            read_mapped(path, save_map(long_map))
        with pytest.raises(InputError):
            list(iterate_mapped(path, save_map(long_map)))


CELL = st.sampled_from(["1", "2", "", "2024-03-02", "ferritin", "CRP", "5", "-1", "> 7", "ng/mL", '"'])


@given(rows=st.lists(st.lists(CELL, min_size=4, max_size=6), max_size=6), fill_down=st.booleans())
def test_the_accounts_of_all_patients_add_up_to_the_rows(tmp_path_factory, rows, fill_down, long_map):
    folder = tmp_path_factory.mktemp("t")
    fixed = [["1", "2024-03-02", "ferritin", "5", "ng/mL"]]
    kept = [row for row in rows if '"' not in row and any(row)]
    lines = [",".join(row) for row in [HEADER, *fixed, *kept]]
    (folder / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    fill = long_map.replace('column = "pid"', f'column = "pid"\nfill_down = {str(fill_down).lower()}')
    (folder / "map.toml").write_text(fill, encoding="utf-8")
    alone = read_mapped(folder / "t.csv", folder / "map.toml", patient="1")
    assert alone.accounting.read == 1 + len(kept)
    try:
        each = list(iterate_mapped(folder / "t.csv", folder / "map.toml"))
    except InputError:
        return  # rows of a patient stand apart
    assert sum(t.accounting.read for t in each) == 1 + len(kept)


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ('["time"]\nformats = ["%d.%m.%Y %H:%M"]', "02.03.2024 07:00,"),
        ('["time"]\nformats = ["%b %d %Y %I:%M %p"]', "Mar 2 2024 7:00 AM,"),
        ('["time", "clock"]\nformats = ["%d.%m.%Y", "%H.%M"]', "02.03.2024,7.00"),
        ('["time", "clock"]', "2024-03-02,07:00"),
    ],
)
def test_times_in_one_column_or_two(long_table, columns, cells):
    timeline = long_table(
        f"1,{cells},ferritin,5,ng/mL",
        header="pid,time,clock,test,value,unit",
        change={'["time"]': columns},
    )
    assert [fact.time.latest for fact in timeline.facts] == [AT]


def test_findings_scales_and_drugs_are_read_by_name_or_by_the_names_of_the_map(long_table):
    timeline = long_table(
        "1,2024-03-02,splenomegaly,present,",
        "1,2024-03-02,O2 device,nasal cannula,",
        "1,2024-03-02,Milz,ja,",
        "1,2024-03-02,Kineret Fertigspritze,100,mg",
        change={"[columns]": '[names]\nMilz = { finding = "splenomegaly" }\n[columns]'},
    )
    assert [f.present for f in timeline.findings["splenomegaly"]] == [True]
    assert timeline.findings["low_flow_oxygen"][0].present
    assert [(e.drug, e.recorded) for e in timeline.exposures] == [("anakinra", "Kineret Fertigspritze")]
    assert timeline.accounting.reasons() == [("the value says neither present nor absent", 1)]
