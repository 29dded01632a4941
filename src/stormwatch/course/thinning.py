"""A few facts that stand for many: a table of reasons shows the first and the worst of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from stormwatch.course.evidence import ordered
from stormwatch.facts import Exposure, Fact, Finding, Level, Measurement
from stormwatch.logic.inputs import LabInput, Take
from stormwatch.logic.nodes import Node


def thinned(facts: Iterable[Fact], node: Node) -> tuple[Fact, ...]:
    """Of each analyte the first and the worst value, of each finding and drug the first and the last fact.

    The worst is the lowest where the question asks for the lowest, else the highest.
    """
    low = {which.analyte for which in node.inputs if isinstance(which, LabInput) and which.take is Take.LOWEST}
    kinds = groupby(sorted(ordered(facts), key=_kind), key=_kind)
    return ordered(fact for _, group in kinds for fact in _two(list(group), low))


def _kind(fact: Fact) -> tuple[str, str]:
    if isinstance(fact, Measurement):
        return "measurement", fact.analyte
    if isinstance(fact, Level):
        return "level", f"{fact.analyte} {fact.relative_to.value}"
    if isinstance(fact, Finding):
        return "finding", f"{fact.name} {fact.present}"
    assert isinstance(fact, Exposure)
    return "exposure", f"{fact.drug} {fact.given.value}"


def _two(group: list[Fact], low: set[str]) -> Iterator[Fact]:
    yield group[0]
    measured = [fact for fact in group if isinstance(fact, Measurement | Level)]
    if not measured:
        yield group[-1]
    elif measured[0].analyte in low:
        yield min(measured, key=lambda one: (one.value.high, one.value.low))
    else:
        yield max(measured, key=lambda one: (one.value.low, one.value.high))
