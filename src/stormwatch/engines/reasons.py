"""Why: the tree of reasons, from a verdict down to the facts of the record."""

from __future__ import annotations

from dataclasses import dataclass

from stormwatch.facts import Interval
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import bounds, truth
from stormwatch.logic.inputs import Input
from stormwatch.logic.knowledge import Knowledge, chosen
from stormwatch.logic.reading import Reading
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Because:
    """A node, what it was worth, and why: its parts, or the reading it was taken from."""

    node: n.Node
    value: Truth | Interval
    parts: tuple[Because, ...] = ()
    reading: Reading | None = None


def because(node: n.Node, known: Knowledge, readings: dict[Input, Reading]) -> Because:
    """The tree of reasons of a node: its worth and, below it, the worth of everything it was computed from."""
    value = truth(node, known) if isinstance(node, n.TruthNode) else _number(node, known)
    if isinstance(node, n.Read | n.Present):
        return Because(node, value, (), readings[node.input])
    children = (chosen(node, known),) if isinstance(node, n.FirstRecorded) else node.children
    return Because(node, value, tuple(because(child, known, readings) for child in children))


def _number(node: n.Node, known: Knowledge) -> Interval:
    assert isinstance(node, n.NumberNode)
    return bounds(node, known)
