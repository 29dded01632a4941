"""The questions an instrument asks, by the names under which they can be answered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stormwatch.instruments.instrument import Instrument
from stormwatch.logic.inputs import AgeInput, DeathInput, DrugInput, FindingInput, Input, LabInput, Relative, SexInput
from stormwatch.logic.nodes import Node, Present, Read, walk


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the name to answer it under, and an input that asks it."""

    name: str
    input: Input


def questions(instrument: Instrument) -> list[Question]:
    """Every question of the score and the verdict, in the order of the items, each once.

    A reference limit is a question of its own (``ast_uln``), and comes after its value. What an answer of one moment
    cannot tell (a value before treatment, death) is left out.
    """
    roots: list[Node] = [*instrument.items, *(root for root in (instrument.score, instrument.verdict) if root)]
    found: dict[str, Input] = {}
    for node in (node for root in roots for node in walk(root)):
        if isinstance(node, Read | Present):
            for name in _names(node.input):
                found.setdefault(name, node.input)
    return [Question(name, which) for name, which in found.items()]


def _names(which: Input) -> Iterator[str]:
    if isinstance(which, LabInput):
        yield from _lab_names(which)
    elif isinstance(which, FindingInput):
        yield which.finding
    elif isinstance(which, DrugInput):
        yield f"drug:{which.label.partition(' without ')[0]}"
    elif isinstance(which, AgeInput):
        yield "age"
    elif isinstance(which, SexInput):
        yield "sex"
    else:
        assert isinstance(which, DeathInput)


def _lab_names(which: LabInput) -> Iterator[str]:
    if which.at_baseline or which.relative_to is Relative.BASELINE:
        return
    yield which.analyte
    if which.relative_to is not None:
        yield f"{which.analyte}_{which.relative_to.value}"
