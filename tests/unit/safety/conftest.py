"""The example patient, followed and drafted once for all tests of the case."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import stormwatch as sw
from stormwatch.course.follow import Course
from stormwatch.safety.details import Details, Reporter, Sender
from stormwatch.safety.draft import Draft, draft

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "blinatumomab-mas.json"
DETAILS = Details(
    number="US-EXAMPLE-1",
    country="US",
    language="eng",
    reporter=Reporter(qualification="1", country="US", given="Ann", family="Otherperson", telephone="555 0100 200"),
    sender=Sender(kind="3", organisation="Example Hospital", family="Thirdperson"),
    literature=("Braun A, et al. Ann Hematol 2024.",),
    day_zero=date(2024, 3, 1),
)


@pytest.fixture(scope="session")
def course() -> Course:
    return sw.follow(sw.read(EXAMPLE))


@pytest.fixture(scope="session")
def details() -> Details:
    return DETAILS


@pytest.fixture
def drafted(course: Course) -> Draft:
    return draft(course, suspect="blinatumomab", details=DETAILS)
