"""Small courses with doses, for holding documents against them."""

from dataclasses import replace
from pathlib import Path

import pytest

import stormwatch
from stormwatch.course.follow import follow
from stormwatch.facts import Patient, When
from stormwatch.guidance import says
from stormwatch.testing.records import given, record

EXAMPLE = Path(__file__).parents[3] / "examples" / "blinatumomab-mas.json"


@pytest.fixture(scope="session")
def example():
    """The course of the example patient: blinatumomab, MAS, an interruption of 12.8 days, a restart at 9 mcg/day."""
    return follow(stormwatch.read(EXAMPLE))


def infusion(mcg, start, stop=None, *, status="completed"):
    """Blinatumomab at a rate in mcg/day, in hours from the start of the record; no stop means running."""
    one = given("blinatumomab", start, until=stop, running=stop is None)
    return replace(one, rate=f"{mcg} ug / 1 d", status=status)


def dose(drug, mg, at):
    return replace(given(drug, at), dose=f"{mg} mg")


def course(*facts, birth="1980-01-01", complete=()):
    patient = Patient("test", birth=None if birth is None else When.parse(birth))
    return follow(record(facts, patient=patient, complete=complete))


def row(said, document, name, occasion=""):
    """The only entry of a row, on an occasion whose title begins with the words given."""
    found = [
        one
        for one in said
        if (one.document.id, one.row.id) == (document, name) and one.occasion.title.startswith(occasion)
    ]
    assert len(found) == 1, [one.occasion.title for one in found]
    return found[0]


def said_by(document, *facts, **how):
    return says(course(*facts, **how), [document], unconfirmed=how.pop("unconfirmed", False))
