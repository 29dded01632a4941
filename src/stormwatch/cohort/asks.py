"""What an instrument asks of a record, by the names facts have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stormwatch.engines.columnar.facts import EXPOSURE, FINDING, MEASUREMENT, Name
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic.inputs import AgeInput, DrugInput, FindingInput, Input, LabInput, SexInput


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """One question of an instrument's score or verdict; any of ``names`` answers it."""

    instrument: str
    label: str
    names: tuple[Name, ...]


def asked(one: Instrument) -> tuple[Asked, ...]:
    """Every question, each label once; whether a patient died is known of everyone and is none.

    >>> from stormwatch.instruments.catalogue import instrument
    >>> [question.label for question in asked(instrument("ohi"))]
    ['ferritin', 'sil2r']
    """
    roots = [node for node in (one.score, one.verdict) if node is not None]
    found: dict[str, set[Name]] = {}
    for which in (which for root in roots for which in root.inputs):
        for label, names in _named(which):
            found.setdefault(label, set()).update(names)
    return tuple(Asked(one.id, label, tuple(sorted(names))) for label, names in sorted(found.items()))


def names_asked(instruments: Sequence[Instrument]) -> frozenset[Name]:
    """Every name that any of them asks for."""
    return frozenset(name for one in instruments for question in asked(one) for name in question.names)


def _named(which: Input) -> Iterator[tuple[str, list[Name]]]:
    if isinstance(which, LabInput):
        yield which.analyte, [(MEASUREMENT, which.analyte)]
    elif isinstance(which, FindingInput):
        yield which.finding, [(FINDING, which.finding)]
    elif isinstance(which, DrugInput):
        stated = [(FINDING, which.stated)] if which.stated else []
        yield which.label.partition(" without ")[0], [*((EXPOSURE, drug) for drug in which.drugs), *stated]
    elif isinstance(which, AgeInput):
        yield "age", [("person", "birth")]
    elif isinstance(which, SexInput):
        yield "sex", [("person", "sex")]
