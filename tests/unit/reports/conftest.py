"""The example patient, followed and reported once for all tests of the room."""

from __future__ import annotations

from pathlib import Path

import pytest

import stormwatch as sw
from stormwatch.reports.html import html
from stormwatch.reports.report import report

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "blinatumomab-mas.json"


@pytest.fixture(scope="session")
def example_course():
    return sw.follow(sw.read(EXAMPLE))


@pytest.fixture(scope="session")
def example(example_course):
    return report(example_course)


@pytest.fixture(scope="session")
def page(example):
    return html(example)


@pytest.fixture(scope="session")
def paper(example):
    return html(example, paper=True)
