"""Reports on real intensive-care patients: the 32 of the MIMIC-IV demo whose ferritin was measured.

None of them had a T-cell engager. What is shown is held against the rows of the file as pandas reads them.
"""

from __future__ import annotations

import json

import pandas as pd
import pytest
from tests.unit.reports import pages
from tests.unit.reports.browser import faults

import stormwatch as sw
from stormwatch.reports.html import html
from stormwatch.reports.pdf import pdf
from stormwatch.reports.report import report

pytestmark = pytest.mark.real
FILE = "mimic_iv_demo_meds/derived_labs_vitals_long.csv.gz"
FEW = 4


@pytest.fixture(scope="module")
def path(shared_data):
    return shared_data / FILE


@pytest.fixture(scope="module")
def ferritins(path):
    """Every ferritin of every patient who has one, in time order."""
    rows = pd.read_csv(path, parse_dates=["time"])
    return {
        str(one): group.sort_values("time") for one, group in rows[rows["label"].eq("ferritin")].groupby("subject_id")
    }


def reported(path, patient):
    found, page = pages.made(sw.follow(sw.read(path, patient=patient, zone="UTC")))
    return json.loads(json.dumps(found)), page


def check(path, patient, rows):
    found, page = reported(path, patient)
    (panel,) = [one for one in found["pictures"][0]["picture"]["panels"] if one["id"] == "ferritin"]
    (line,) = panel["lines"]
    assert sorted(point["value"] for point in line["points"]) == sorted(rows["value"])
    assert line["values"] == len(rows)
    assert "No T-cell engager" in page
    assert len(found["verdicts"]) == len(sw.catalogue())
    assert found["course"]["drugs"] == []


def test_there_are_32_of_them(ferritins):
    assert len(ferritins) == 32


def test_reports_of_some(path, ferritins):
    """Those with the most ferritins, whose pictures are fullest."""
    for patient in sorted(ferritins, key=lambda one: len(ferritins[one]))[-FEW:]:
        check(path, patient, ferritins[patient])


@pytest.mark.slow
def test_reports_of_all(path, ferritins):
    for patient, rows in ferritins.items():
        check(path, patient, rows)


@pytest.mark.slow
def test_pages_of_all_at_two_widths(path, ferritins, tmp_path):
    for patient in ferritins:
        page = html(report(sw.follow(sw.read(path, patient=patient, zone="UTC"))))
        for width in (1200, 480):
            assert faults(page, width, tmp_path) == [], (patient, width)


@pytest.mark.slow
def test_three_on_paper(path, ferritins):
    pages.weasyprint()
    for patient in sorted(ferritins)[:3]:
        paper = html(report(sw.follow(sw.read(path, patient=patient, zone="UTC"))), paper=True)
        assert pages.pages_of(pdf(paper)) > 1
