"""Labels, codes and units of real intensive-care records (MIMIC-IV demo, ODbL 1.0), read where they lie."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from stormwatch.analytes import Analyte, UnknownUnit, by_code, by_name, measure
from stormwatch.facts import Interval

pytestmark = pytest.mark.real

# Every label of the file, and the analyte it means.
MEANING = {
    "ABP systolic": "sbp",
    "NIBP systolic": "sbp",
    "ALT": "alt",
    "AST": "ast",
    "AST (charted)": "ast",
    "CRP": "crp",
    "D-dimer": "d_dimer_feu",
    "D-dimer (alt)": "d_dimer_feu",
    "ESR": "esr",
    "GCS eye": "gcs_eye",
    "GCS motor": "gcs_motor",
    "GCS verbal": "gcs_verbal",
    "INR": "inr",
    "LDH": "ldh",
    "LDH (charted)": "ldh",
    "PT": "pt",
    "SpO2": "spo2",
    "WBC": "wbc",
    "WBC (alt item)": "wbc",
    "albumin": "albumin",
    "bilirubin total": "bilirubin_total",
    "creatinine": "creatinine",
    "ferritin": "ferritin",
    "fibrinogen": "fibrinogen",
    "fibrinogen (charted)": "fibrinogen",
    "heart rate": "heart_rate",
    "hemoglobin": "haemoglobin",
    "lactate": "lactate",
    "neutrophils %": "neutrophils_percent",
    "platelets": "platelets",
    "platelets (charted)": "platelets",
    "respiratory rate": "respiratory_rate",
    "sodium": "sodium",
    "temperature C": "temperature",
    "temperature F": "temperature",
    "triglycerides": "triglycerides",
    "triglycerides (charted)": "triglycerides",
}

# What no reader may use: a unit left out, and a D-dimer that does not say which kind it is. Counted by hand.
REFUSED_UNITS = {
    ("AST (charted)", "UNK"): 1,
    ("LDH (charted)", "UNK"): 1,
    ("platelets (charted)", "UNK"): 1,
    ("D-dimer (alt)", "ng/mL"): 4,
}


class Row(NamedTuple):
    label: str
    loinc: str
    value: str
    unit: str

    @property
    def analyte(self) -> Analyte:
        found = by_code("loinc", self.loinc)
        assert found is not None, (self.label, self.loinc)
        return found


class Reading(NamedTuple):
    row: Row
    value: Interval | None
    problem: ValueError | None


@pytest.fixture(scope="module")
def readings(shared_data: Path) -> list[Reading]:
    return [read(row) for row in rows(shared_data / "mimic_iv_demo_meds/derived_labs_vitals_long.csv.gz")]


def rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Row(row["label"], row["loinc"], row["value"], row["unit"])


def read(row: Row) -> Reading:
    try:
        return Reading(row, measure(row.analyte, row.value, row.unit), None)
    except ValueError as problem:
        return Reading(row, None, problem)


def test_every_label_and_code_means_the_right_analyte(readings: list[Reading]) -> None:
    assert {reading.row.label for reading in readings} == set(MEANING)
    for label, row in {(reading.row.label, reading.row.loinc): reading.row for reading in readings}.items():
        named = by_name(row.label)
        assert named is not None, label
        assert named.id == row.analyte.id == MEANING[row.label], label


def test_every_unit_is_read_but_those_that_do_not_say_enough(readings: list[Reading]) -> None:
    refused = Counter((r.row.label, r.row.unit) for r in readings if isinstance(r.problem, UnknownUnit))
    assert refused == REFUSED_UNITS


def test_only_slips_of_the_pen_are_implausible(readings: list[Reading]) -> None:
    """One kind is in the file: Fahrenheit typed into the field for Celsius."""
    implausible = [r for r in readings if r.problem and not isinstance(r.problem, UnknownUnit)]
    assert implausible
    for reading in implausible:
        assert str(reading.problem) == "outside the plausible range of temperature"
        assert reading.row.label == "temperature C"
        assert Fraction(reading.row.value) > 90


def test_values_come_out_in_the_canonical_unit(readings: list[Reading]) -> None:
    """Units of this file differ from ours by name only, but for Fahrenheit."""
    for row, value, _ in readings:
        recorded = Fraction(row.value)
        expected = (recorded - 32) * 5 / 9 if row.label == "temperature F" else recorded
        assert value is None or value == Interval.point(expected), row.label
