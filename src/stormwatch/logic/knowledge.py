"""What is known of each input at one moment, and which answers are still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any as Anything

from stormwatch.facts import Interval
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import Input
from stormwatch.logic.truth import Truth

Known = Interval | Truth


@dataclass(slots=True)
class Knowledge:
    """What is known of each input at one moment.

    ``values`` holds an interval or a truth for every input; ``recorded`` the inputs the record says anything about.
    ``items`` remembers the worth of named items until one of their inputs changes; ``assumed`` holds the answers that
    an evaluation has supposed for undecided ones.
    """

    values: Mapping[Input, Known]
    recorded: frozenset[Input] | set[Input]
    assumed: Mapping[n.Node, Anything] = field(default_factory=dict)
    items: dict[n.Node, Known] = field(default_factory=dict)

    def assuming(self, which: Input, value: Known) -> Knowledge:
        """The same knowledge with one open input settled."""
        items = {item: worth for item, worth in self.items.items() if which not in item.inputs}
        return Knowledge({**self.values, which: value}, self.recorded, self.assumed, items)

    def supposing(self, item: n.TruthItem, value: Anything) -> Knowledge:
        """The same knowledge with one undecided criterion settled."""
        items = {one: worth for one, worth in self.items.items() if one.inputs.isdisjoint(item.inputs)}
        return Knowledge(self.values, self.recorded, {**self.assumed, item: value}, items)


def open_inputs(node: n.Node, known: Knowledge) -> frozenset[Input]:
    """Inputs in use below this node whose answer is still open."""
    return frozenset(which for which in used_inputs(node, known) if is_open(which, node, known))


def used_inputs(node: n.Node, known: Knowledge) -> frozenset[Input]:
    """Inputs below this node, without the alternatives that were not needed (see ``FirstRecorded``)."""
    if isinstance(node, n.FirstRecorded):
        return used_inputs(chosen(node, known), known)
    if not node.children:
        return node.inputs
    return frozenset().union(*(used_inputs(child, known) for child in node.children))


def chosen(node: n.FirstRecorded, known: Knowledge) -> n.TruthNode:
    """The first option that the record says anything about; the first of all when it says nothing."""
    for option in node.options:
        if not known.recorded.isdisjoint(option.inputs):
            return option
    return node.options[0]


def is_open(which: Input, node: n.Node, known: Knowledge) -> bool:
    """Whether the node could still tell apart two of the answers that the input may turn out to have."""
    value = known.values[which]
    if isinstance(value, Truth):
        return value is Truth.UNKNOWN
    if value.is_point:
        return False
    cuts = node.cuts.get(which)
    return cuts is None or len(regions(value, cuts)) > 1


def answers(which: Input, node: n.Node, known: Knowledge) -> list[Known]:
    """The answers an open input may turn out to have, as far as the node tells them apart."""
    value = known.values[which]
    if isinstance(value, Truth):
        return [Truth.MET, Truth.NOT_MET] if value is Truth.UNKNOWN else [value]
    return list(regions(value, node.cuts.get(which, ())))


def regions(value: Interval, cuts: tuple[n.Cut, ...]) -> list[Interval]:
    """The interval in the pieces that the cut-offs tell apart.

    >>> regions(Interval(0, 10), ((5, True),))
    [Interval('< 5'), Interval('5 to 10')]
    """
    pieces: list[Interval] = []
    low, low_closed = value.low, value.low_closed
    for cut, belongs_above in cuts:
        something_below = low < cut or (low == cut and low_closed and not belongs_above)
        something_above = cut < value.high or (cut == value.high and value.high_closed and belongs_above)
        if something_below and something_above:
            pieces.append(Interval(low, cut, low_closed, not belongs_above))
            low, low_closed = cut, belongs_above
    pieces.append(Interval(low, value.high, low_closed, value.high_closed))
    return pieces
