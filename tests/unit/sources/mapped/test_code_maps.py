"""Code maps: kinds of target, templates, merging, and what is refused."""

from __future__ import annotations

import pytest

from stormwatch import analytes, terms
from stormwatch.errors import InputError
from stormwatch.facts import Measurement
from stormwatch.sources.draft import Draft
from stormwatch.sources.mapped import merge_maps, read_code_map
from stormwatch.sources.mapped.target import Target, target_facts

TOML = '[codes]\n"A//{unit}" = { analyte = "ferritin" }\n"A//x" = { analyte = "crp", unit = "mg/L" }\n'


def test_a_whole_code_goes_before_a_template_and_the_longest_template_before_a_shorter(save):
    codes = read_code_map(save(TOML + '"A//B//{unit}" = { analyte = "ldh" }\n', "m.toml"))
    assert codes.find("A//x") == (Target(analyte="crp", unit="mg/L"), "")
    assert codes.find("A//ng/mL") == (Target(analyte="ferritin"), "ng/mL")
    assert codes.find("A//B//U/L") == (codes.codes["A//B//{unit}"], "U/L")
    assert codes.find("A//") is None
    assert codes.find("B") is None


def test_csv_and_toml_say_the_same(save):
    csv = "code,analyte,unit,label\nA//{unit},ferritin,,Ferritin\nA//x,crp,mg/L,\n"
    merged = merge_maps(save(TOML, "a.toml"), save(csv, "b.csv"))
    assert set(merged.codes) == {"A//{unit}", "A//x"}


def test_maps_that_contradict_each_other_are_refused_with_both_files_and_the_code(save):
    other = save('[codes]\n"A//x" = { analyte = "crp", unit = "mg/dL" }\n', "b.toml")
    with pytest.raises(InputError, match=r"a\.toml and b\.toml .*A//x"):
        merge_maps(save(TOML, "a.toml"), other)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ('{ analyte = "feritin" }', "nearest: ferritin"),
        ('{ analyte = "ferritin", drug = "anakinra" }', "exactly one"),
        ("{ }", "exactly one"),
        ('{ analyte = "ferritin", unit = "bananas" }', "unit not in the table"),
        ('{ analyte = "ferritin", units = "ng/mL" }', "no such key"),
        ('{ finding = "splenomegaly", says = "maybe" }', "says must be one of: absent, present"),
        ('{ drug = "anakinra", cap = "5" }', "only an analyte"),
        ('{ analyte = "ferritin", unit = "?" }', '"?" is left at codes.A.unit'),
    ],
)
def test_a_wrong_target_is_explained(save, target, message):
    with pytest.raises(InputError) as problem:
        read_code_map(save(f"[codes]\nA = {target}\n", "m.toml"))
    assert message in str(problem.value)
    assert "codes.A" in str(problem.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("code,analyte\nA,ferritin\nA,crp\n", "line 3 gives a second meaning"),
        ("analyte\nferritin\n", "line 2 has no code"),
        ("code,analyte\nA\n", "line 2 has not as many fields"),
        ("code,analyte\nA,?\n", 'still has a "?"'),
        ('code,analyte\n"A"x,ferritin\n', "not proper CSV"),
    ],
)
def test_a_wrong_line_of_a_csv_map_is_named(save, content, message):
    with pytest.raises(InputError) as problem:
        read_code_map(save(content, "m.csv"))
    assert message in str(problem.value)


def test_a_map_that_is_not_toml_not_text_or_not_there(save, tmp_path):
    for path in (save("[codes", "m.toml"), save(b"\xff\xfe", "n.toml"), tmp_path / "none.toml"):
        with pytest.raises(InputError, match="the map"):
            read_code_map(path)


def read_target(target, value, unit=""):
    draft = Draft("t")
    cells = {"time": "2024-03-02", "value": value, "unit": unit}
    return list(target_facts(target, cells, "LOCAL", draft.place("row 1")))


@pytest.mark.parametrize("id", list(analytes.catalogue()))
def test_every_analyte_can_be_mapped(id):
    analyte = analytes.analyte(id)
    value = str(int(analyte.plausible.high))
    (fact,) = read_target(Target(analyte=id, unit=analyte.unit), value)
    assert isinstance(fact, Measurement)
    assert fact.analyte == id


@pytest.mark.parametrize("id", list(terms.findings()))
def test_every_finding_can_be_mapped(id):
    assert {fact.name for fact in read_target(Target(finding=id, says="present"), "")} == {id}


@pytest.mark.parametrize("id", list(terms.drugs()))
def test_every_drug_can_be_mapped(id):
    assert {fact.drug for fact in read_target(Target(drug=id, says="given"), "")} == {id}


@pytest.mark.parametrize("id", list(terms.scales()))
def test_every_scale_can_be_mapped(id):
    scale = terms.scales()[id]
    assert {fact.name for fact in read_target(Target(scale=id), next(iter(scale.values)))} == set(scale.sets)


def test_what_the_code_says_of_a_drug_stands_over_a_dose_that_was_not_given():
    (ordered,) = read_target(Target(drug="anakinra", says="ordered"), "100", "mg")
    (given,) = read_target(Target(drug="anakinra", says="given"), "100", "mg")
    assert (ordered.given.value, ordered.dose) == ("ordered", "")
    assert (given.given.value, given.dose) == ("given", "100 mg")
