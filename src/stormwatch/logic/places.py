"""Where a reading lies among the cut-offs: only a value that crosses one of them can change an answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping

from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import Input
from stormwatch.logic.reading import Reading
from stormwatch.logic.truth import Truth

Cuts = Mapping[Input, tuple[n.Cut, ...] | None]


def cuts_of(nodes: Iterable[n.Node]) -> Cuts:
    """The cut-offs through each input of some nodes; None for one whose very number is used, and for yes or no."""
    roots = tuple(nodes)
    found: dict[Input, set[n.Cut]] = {}
    for root in roots:
        for which, cuts in root.cuts.items():
            found.setdefault(which, set()).update(cuts)
    weighed = {read.input for root in roots for read in _weighed(root)}
    inputs = frozenset().union(*(root.inputs for root in roots))
    return {which: None if which in weighed or which not in found else tuple(found[which]) for which in inputs}


def place(reading: Reading, cuts: tuple[n.Cut, ...] | None) -> Hashable:
    """How many cut-offs have something of a reading below them, and how many above; the value itself without cut-offs.

    Readings in one place are told apart by no comparison, so they give the same answers.

    >>> from stormwatch.facts import Interval
    >>> [place(Reading(Interval.point(value)), ((500, True),)) for value in (100, 499, 500)]
    [(True, 1, 0), (True, 1, 0), (True, 0, 1)]
    """
    value = reading.value
    if cuts is None or isinstance(value, Truth):
        return reading.recorded, value
    below = sum(value.low < cut or (value.low == cut and value.low_closed and not over) for cut, over in cuts)
    above = sum(cut < value.high or (cut == value.high and value.high_closed and over) for cut, over in cuts)
    return reading.recorded, below, above


def _weighed(root: n.Node) -> Iterator[n.Read]:
    """The numbers that are used for more than a comparison with a cut-off."""
    if isinstance(root, n.Read):
        yield root
    for node in n.walk(root):
        if not isinstance(node, n.Compare):
            yield from (child for child in node.children if isinstance(child, n.Read))
