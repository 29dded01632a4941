"""The unit table: one meaning for each spelling, and factors that an independent library confirms."""

import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("ucumvert", reason="ucumvert is not installed: no independent factors to compare with")
from ucumvert import PintUcumRegistry

from stormwatch import analytes
from stormwatch.analytes.units import Unit, find_unit, normal_spelling, units

TABLE = tomllib.loads((Path(analytes.__file__).parent / "units.toml").read_text(encoding="utf-8"))

# Dimensions whose units UCUM can only annotate, so that no library can tell their factors.
ANNOTATIONS = {"d_dimer_feu", "d_dimer_ddu", "ratio_inr", "score", "count", "temperature"}
BASES = {
    "mass_concentration": "g/L",
    "substance_concentration": "mol/L",
    "charge_concentration": "meq/L",
    "cell_count": "10*9/L",
    "enzyme": "U/L",
    "international": "U/mL",
    "d_dimer_feu": "ng/mL{FEU}",
    "d_dimer_ddu": "ng/mL{DDU}",
    "ratio_inr": "{INR}",
    "score": "{score}",
    "count": "{count}",
    "time_s": "s",
    "temperature": "Cel",
    "rate": "/min",
    "percent": "%",
    "pressure": "mm[Hg]",
    "mass": "kg",
    "length": "cm",
    "sedimentation": "mm/h",
    "flow": "L/min",
    "daily_volume": "mL/d",
    "dose_rate": "ug/kg/min",
    "area": "m2",
}
MEASURED = [(dimension, code) for dimension, table in TABLE.items() if dimension not in ANNOTATIONS for code in table]

# As hospitals, laboratories and public data sets write them.
SEEN = {
    ("cell_count", "10*9/L"): """K/uL|k/ul|K/mm3|x10E3/uL|10*3/uL|10^3/uL|10^9/L|10*9/L|x10(9)/L|G/L|Giga/L|thou/uL|
        Thousand/uL|10³/µL|10⁹/L|x 10^9/L|K/µL""",
    ("cell_count", "10*6/L"): "cells/uL|/uL|/mm3|cells/mm3|cells/µL|/cumm",
    ("mass_concentration", "mg/dL"): "MG/DL|mg/dl|mg/100mL|mg/100 mL|mg / dL",
    ("mass_concentration", "ng/mL"): "ng/mL|ng/ml|NG/ML|ug/L|µg/L|μg/L|mcg/L",
    ("mass_concentration", "g/dL"): "g/dL|gm/dL|g%|G/DL",
    ("mass_concentration", "g/L"): "g/L|mg/mL",
    ("mass_concentration", "mg/L"): "mg/L|ug/mL|mcg/mL",
    ("mass_concentration", "pg/mL"): "pg/mL|ng/L|PG/ML",
    ("substance_concentration", "mmol/L"): "mmol/L|mmol/l|MMOL/L",
    ("substance_concentration", "umol/L"): "umol/L|µmol/L|μmol/l",
    ("charge_concentration", "meq/L"): "mEq/L|meq/l|MEQ/L",
    ("enzyme", "U/L"): "U/L|U/l|IU/L|[IU]/L|units/L|mIU/mL",
    ("enzyme", "ukat/L"): "ukat/L|µkat/L|μkat/l",
    ("temperature", "[degF]"): "degF|[degF]|°F|F|ºF",
    ("temperature", "Cel"): "degC|Cel|C|°C",
    ("time_s", "s"): "sec|s|seconds|SEC",
    ("sedimentation", "mm/h"): "mm/hr|mm/h|MM/HR",
    ("rate", "/min"): "bpm|/min|insp/min|breaths/min|beats/min|{beats}/min",
    ("pressure", "mm[Hg]"): "mmHg|mm[Hg]|MMHG|mm Hg",
    ("pressure", "kPa"): "kPa",
    ("percent", "%"): "%|percent",
    ("percent", "1"): "1|fraction",
    ("mass", "kg"): "kg|KG",
    ("mass", "[lb_av]"): "lb|lbs|[lb_av]",
    ("length", "cm"): "cm",
    ("length", "m"): "m",
    ("length", "[in_i]"): "in|[in_i]|inches",
    ("d_dimer_feu", "ng/mL{FEU}"): "ng/mL FEU|ng/mL{FEU}|ng{FEU}/mL|ug/L FEU",
    ("d_dimer_feu", "ug/mL{FEU}"): "ug/mL FEU|mg/L FEU|mg{FEU}/L|µg/mL FEU",
    ("d_dimer_ddu", "ng/mL{DDU}"): "ng/mL DDU|ng/mL{DDU}",
    ("flow", "L/min"): "L/min|l/min|LPM",
    ("international", "U/mL"): "U/mL|u/ml|IU/mL",
}


@pytest.fixture(scope="module")
def ucum() -> PintUcumRegistry:
    return PintUcumRegistry()


def test_dimensions_and_their_bases() -> None:
    assert set(TABLE) == set(BASES)
    for dimension, base in BASES.items():
        assert find_unit(dimension, base) == Unit(base, Fraction(1), Fraction(0))


def test_a_spelling_means_one_unit_within_a_dimension() -> None:
    for dimension, table in TABLE.items():
        meanings: dict[str, str] = {}
        for code, entry in table.items():
            for spelling in (code, *entry["spellings"]):
                assert meanings.setdefault(normal_spelling(spelling), code) == code, (dimension, spelling)


@pytest.mark.parametrize(("dimension", "code"), MEASURED)
def test_factor_agrees_with_ucum(ucum: PintUcumRegistry, dimension: str, code: str) -> None:
    unit = find_unit(dimension, code)
    assert unit is not None
    theirs = (ucum.from_ucum(code) / ucum.from_ucum(BASES[dimension])).to("dimensionless").magnitude
    assert float(unit.factor) == pytest.approx(theirs, rel=1e-12)
    assert unit.offset == 0


@pytest.mark.parametrize("degrees", [-40, 32, 95, 98.6, 101.3, 212])
def test_fahrenheit_agrees_with_ucum(ucum: PintUcumRegistry, degrees: float) -> None:
    unit = find_unit("temperature", "[degF]")
    assert unit is not None
    theirs = ucum.Quantity(degrees, "degF").to("degC").magnitude
    assert float(unit.factor) * degrees + float(unit.offset) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(("meaning", "spellings"), SEEN.items(), ids=str)
def test_reads_the_spellings_that_are_seen(meaning: tuple[str, str], spellings: str) -> None:
    dimension, code = meaning
    for spelling in spellings.split("|"):
        unit = find_unit(dimension, spelling)
        assert unit is not None, spelling
        assert unit.code == code, spelling


@pytest.mark.parametrize("dimension", sorted(set(BASES) - {"ratio_inr", "score", "count"}))
@pytest.mark.parametrize("spelling", ["", " ", "UNK", "unknown", "n/a", "see note"])
def test_a_missing_unit_is_no_unit(dimension: str, spelling: str) -> None:
    assert find_unit(dimension, spelling) is None


@pytest.mark.parametrize("dimension", ["ratio_inr", "score", "count"])
@pytest.mark.parametrize("spelling", ["", "UNK", "1", "{score}"])
def test_a_number_without_dimension_needs_no_unit(dimension: str, spelling: str) -> None:
    unit = find_unit(dimension, spelling)
    assert unit is not None
    assert unit.factor == 1


def test_g_per_litre_is_a_mass_of_protein_and_a_giga_of_cells() -> None:
    assert find_unit("mass_concentration", "g/L") == Unit("g/L", Fraction(1), Fraction(0))
    assert find_unit("cell_count", "g/L") == Unit("10*9/L", Fraction(1), Fraction(0))


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        units()["mass"]["stone"] = Unit("stone", Fraction(6), Fraction(0))  # type: ignore[index]
