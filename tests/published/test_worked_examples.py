"""Every worked example inside every instrument file comes out as its source states."""

import pytest

from stormwatch.engines.examples import failures
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.sources import answers_timeline


@pytest.mark.parametrize("name", shipped())
def test_the_worked_examples_of_the_file_come_out(name):
    assert failures(instrument(name), lambda given, complete: answers_timeline(given, complete=complete)) == []


@pytest.mark.parametrize("name", shipped())
def test_every_file_is_named_after_its_instrument_and_has_an_example(name):
    definition = instrument(name).definition
    assert definition.id == name
    assert definition.examples


def test_an_example_that_is_wrong_is_reported():
    loaded = instrument("ohi")
    wrong = loaded.definition.examples[0].model_copy(update={"verdict": "met"})
    changed = loaded.definition.model_copy(update={"examples": (wrong,)})
    found = failures(
        type(loaded)(changed, "", loaded.items, loaded.score, loaded.verdict),
        lambda given, complete: answers_timeline(given, complete=complete),
    )
    assert found == ["example 1: the verdict should be met, and is not met"]
