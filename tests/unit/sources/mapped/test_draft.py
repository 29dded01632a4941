"""Drafted maps: what is proposed, what is left open, and that an open draft is refused."""

from __future__ import annotations

import tomllib

import pytest

from stormwatch.errors import InputError
from stormwatch.sources.mapped import draft_map, load_map, read_mapped

WIDE = (
    "Patient_ID;Datum;Uhrzeit;Ferritin (ng/mL);CRP;Hemoglobin [g/L];D-dimer (ng/mL);Bemerkung\n"
    "Mustermann;02.03.2024;06:00;1.234,5;7,5;85;400;gut\n"
    ";13.03.2024;06:00;138.244;8,5;86;500;schlecht\n"
)
LONG = (
    "subject_id,charttime,label,valuenum,valueuom,comments\n"
    "1,2024-03-02 06:00:00,Ferritin,5.5,ng/mL,\n1,2024-03-02 06:00:00,Ferritine,6.5,ng/mL,\n"
)


def test_a_wide_table(save):
    path = save(WIDE, "t.csv")
    draft = tomllib.loads(draft_map(path))
    assert draft["shape"] == "wide"
    assert (draft["decimal"], draft["thousands"], draft["zone"]) == (",", ".", "?")
    assert draft["patient"] == {"column": "Patient_ID", "fill_down": True}
    assert draft["time"] == {"columns": ["Datum", "Uhrzeit"], "formats": ["%d.%m.%Y", ""]}  # 06:00 is ISO 8601
    assert draft["values"] == {
        "Ferritin (ng/mL)": {"analyte": "ferritin", "unit": "ng/mL"},
        "CRP": {"analyte": "crp", "unit": "?"},
        "Hemoglobin [g/L]": {"analyte": "haemoglobin", "unit": "g/L"},
        "D-dimer (ng/mL)": {"analyte": "d_dimer_feu", "unit": "?"},  # FEU or DDU? it does not say
    }


def test_a_long_table(save):
    text = draft_map(save(LONG, "t.csv"))
    draft = tomllib.loads(text)
    assert draft["shape"] == "long"
    assert draft["patient"] == {"column": "subject_id"}
    assert draft["time"] == {"columns": ["charttime"]}
    assert draft["columns"] == {"name": "label", "value": "valuenum", "value_text": "comments", "unit": "valueuom"}
    assert '# "Ferritine" = { analyte = "ferritin" }' in text
    assert draft["zone"] == "?"


def test_a_draft_is_refused_until_every_question_is_answered(save):
    path = save(WIDE, "t.csv")
    draft = draft_map(path)
    with pytest.raises(InputError) as problem:
        load_map(save(draft, "map.toml"))
    assert '"?" is left at zone, values.CRP.unit, values.D-dimer (ng/mL).unit' in str(problem.value)
    answered = draft.replace('zone = "?"', 'zone = "Europe/Berlin"').replace(
        '"crp", unit = "?"', '"crp", unit = "mg/dL"'
    )
    answered = answered.replace('"d_dimer_feu", unit = "?"', '"d_dimer_feu", unit = "ng/mL FEU"')
    timeline = read_mapped(path, save(answered, "map.toml"))
    assert timeline.accounting.used == 8
    assert sorted(float(m.value.low) for m in timeline.measurements["crp"]) == [75, 85]
    assert sorted(float(m.value.low) for m in timeline.measurements["ferritin"]) == [1234.5, 138244]


def test_no_value_of_a_patient_is_in_a_draft(save):
    drafts = draft_map(save(WIDE, "t.csv")) + draft_map(save(LONG.replace("Ferritine", "Mustermann"), "u.csv"))
    for text in ("Mustermann", "gut", "1.234,5", "02.03.2024", "138.244", "6.5"):
        assert text not in drafts


@pytest.mark.parametrize(
    ("numbers", "decimal", "thousands"),
    [
        (["7.5", "1,234.5"], ".", ","),
        (["7,5", "12"], ",", ""),
        (["0.125"], ".", ""),
        (["1234.567"], ".", ""),
        (["1.234.567", "2,5"], ",", "."),
        (["138.244"], "?", ""),
        (["1,234"], "?", ""),
        (["7.5", "7,5"], "?", ""),
        (["7", "> 12"], ".", ""),
    ],
)
def test_signs_are_told_only_by_numbers_that_can_be_read_in_one_way(save, numbers, decimal, thousands):
    rows = "".join(f"1;2024-03-02;{number}\n" for number in numbers)
    draft = tomllib.loads(draft_map(save(f"id;date;ferritin\n{rows}", "t.csv")))
    assert (draft["decimal"], draft["thousands"]) == (decimal, thousands)


@pytest.mark.parametrize(
    ("times", "form"),
    [
        (["02/03/2024", "13/03/2024"], ["%d/%m/%Y"]),
        (["02/03/2024", "03/13/2024"], ["%m/%d/%Y"]),
        (["02/03/2024"], ["?"]),
        (["02.13.2024 07:00"], ["%m.%d.%Y %H:%M"]),
        (["2 March"], ["?"]),
        (["2024-03-02T06:00:00Z"], None),
    ],
)
def test_a_format_of_dates_is_proposed_only_where_no_other_fits(save, times, form):
    rows = "".join(f"1,{text},5\n" for text in times)
    draft = tomllib.loads(draft_map(save(f"id,date,ferritin\n{rows}", "t.csv")))
    assert draft["time"].get("formats") == form


@pytest.mark.parametrize(
    ("time", "zone"), [("2024-03-02T06:00:00+01:00", ""), ("2024-03-02 06:00", "?"), ("2024-03-02", "?")]
)
def test_a_zone_is_asked_for_unless_every_time_has_an_offset(save, time, zone):
    assert tomllib.loads(draft_map(save(f"id,date,ferritin\n1,{time},5\n", "t.csv")))["zone"] == zone


def test_columns_that_are_not_recognised_are_left_open(save):
    draft = tomllib.loads(draft_map(save("xxx,yyy,ferritin\n1,2,3\n", "t.csv")))
    assert draft["patient"] == {"column": "?"}
    assert draft["time"] == {"columns": ["?"]}


def test_an_empty_table_cannot_be_drafted(save):
    with pytest.raises(InputError):
        draft_map(save("\n", "t.csv"))
