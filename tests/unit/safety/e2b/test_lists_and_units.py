"""The code lists and UCUM, against sources of their own: the time zone database and UCUM's examples."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from stormwatch.errors import UnknownName
from stormwatch.safety.case import Field
from stormwatch.safety.e2b.elements import codes, element, elements
from stormwatch.safety.e2b.ucum import is_unit
from stormwatch.safety.e2b.values import complaints


def test_the_countries_are_those_of_iso_3166():
    """The time zone database keeps its own copy of the ISO list."""
    lines = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8").splitlines()
    listed = {line.split("\t")[0] for line in lines if not line.startswith("#")}
    assert set(codes("country-iso")) == listed
    assert set(codes("country")) == listed | {"EU"}


def test_languages_have_three_letters_in_both_their_forms():
    languages = codes("language")
    assert all(len(code) == 3 and code.islower() for code in languages)
    assert languages["deu"] == languages["ger"] == "German"
    assert "xyz" not in languages


def test_every_list_an_element_names_exists_and_fits_its_length():
    for one in elements().values():
        if one.list and one.kind == "code":
            assert codes(one.list)
            assert not one.max or one.list.startswith("unit") or max(map(len, codes(one.list))) <= one.max


def test_ucum_s_own_examples_are_units():
    """848 units of UCUM's table of examples. Torr is in that table and not in UCUM itself."""
    table = files("ucumvert") / "vendor" / "ucum_examples.tsv"
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()[1:], delimiter="\t"))
    assert len(rows) > 800
    assert [row[1] for row in rows if not is_unit(row[1])] == ["Torr"]


@pytest.mark.parametrize(
    "text", ["", " ", "mg dL", "mg/", "{DF", "DF}", "milligram", "gm", "m g", "mg//dL", "(mg", "foo", "ü"]
)
def test_what_is_no_unit_is_refused(text):
    assert not is_unit(text)


@pytest.mark.parametrize(
    "text", ["{DF}", "{trimester}", "10.a", "ug/kg/min", "[iU]/mL", "mm[Hg]", "10*9/L", "1", "%", "mg/(24.h)"]
)
def test_units_of_drug_safety_are_taken(text):
    assert is_unit(text)


def test_a_number_nobody_gave_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match=r"E\.i\.7"):
        element("E.i.77")


@pytest.mark.parametrize(
    ("value", "now", "kinds"),
    [
        # Without a zone a time may be as early as fourteen hours before its face value in UTC.
        ("20240302", "20240301T0959", ["future"]),
        ("20240302", "20240301T1000", []),
        ("20240302101010-0500", "20240302T1511", []),
        ("20240302101010-0500", "20240302T1510", ["future"]),
        ("2024", "20240101T0000", []),
        ("2025", "20240601T0000", ["future"]),
    ],
)
def test_a_date_lies_in_the_future_only_when_it_does_in_every_zone(value, now, kinds):
    moment = datetime.strptime(now, "%Y%m%dT%H%M").replace(tzinfo=UTC)
    assert [kind for kind, _ in complaints(element("E.i.4"), Field(value), moment)] == kinds


def test_a_value_beside_a_null_flavour_is_named():
    assert [kind for kind, _ in complaints(element("D.1"), Field("AB", "MSK"), None)] == ["null"]


def test_no_complaint_repeats_the_value():
    for one in elements().values():
        for _, text in complaints(one, Field("SECRET" * 20_000), None):
            assert "SECRET" not in text
