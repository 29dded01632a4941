"""What a node is worth, given what is known: exact over every way the missing answers could turn out.

A truth node is UNKNOWN exactly when some completion of the open inputs makes it met and another does not. A number
node is the interval from the lowest to the highest number any completion gives. Parts that depend on different inputs
vary freely, so their answers combine directly. Where parts share an open input that pulls in both directions (see
``sharing``), each stretch between the cut-offs it is compared with is taken in turn and the answers are joined; where
they share open inputs only through one named criterion, the two answers to that criterion are taken instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from math import inf
from typing import Any as Anything

from stormwatch.facts import Interval, Number
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import Input
from stormwatch.logic.sharing import contested_inputs, contested_items
from stormwatch.logic.truth import Truth

Known = Interval | Truth
MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
_ZERO, _ONE = Interval.point(0), Interval.point(1)


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


def truth(node: n.TruthNode, known: Knowledge) -> Truth:
    """Met, not met, or unknown when the open inputs decide."""
    worth: Truth = _joined(node, known, _TRUTH[type(node)], _either)
    return worth


def bounds(node: n.NumberNode, known: Knowledge) -> Interval:
    """The lowest and the highest number that the open inputs allow."""
    worth: Interval = _joined(node, known, _BOUNDS[type(node)], Interval.hull)
    return worth


def holds(interval: Interval, op: n.Op, cutoff: Number) -> Truth:
    """Whether every, no, or only some number of the interval stands in this relation to the cut-off.

    >>> holds(Interval.above(40000), n.Op.ABOVE, 500)
    <Truth.MET: 'met'>
    """
    if op is n.Op.AT_LEAST:
        return _at_least(interval, cutoff)
    if op is n.Op.BELOW:
        return ~_at_least(interval, cutoff)
    if op is n.Op.ABOVE:
        return _above(interval, cutoff)
    return ~_above(interval, cutoff)


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
        return value is UNKNOWN
    if value.is_point:
        return False
    cuts = node.cuts.get(which)
    return cuts is None or len(regions(value, cuts)) > 1


def answers(which: Input, node: n.Node, known: Knowledge) -> list[Known]:
    """The answers an open input may turn out to have, as far as the node tells them apart."""
    value = known.values[which]
    if isinstance(value, Truth):
        return [MET, NOT_MET] if value is UNKNOWN else [value]
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


def _joined(
    node: Anything, known: Knowledge, worth: Callable[..., Anything], join: Callable[..., Anything]
) -> Anything:
    """The worth of a node over every answer to what its parts share."""
    for which in contested_inputs(node):
        if is_open(which, node, known):
            ways = [known.assuming(which, answer) for answer in answers(which, node, known)]
            if len(ways) > 1:
                return reduce(join, (_joined(node, way, worth, join) for way in ways))
    for item in contested_items(node):
        if item not in known.assumed and truth(item, known) is UNKNOWN:
            ways = [known.supposing(item, value) for value in (MET, NOT_MET)]
            return reduce(join, (_joined(node, way, worth, join) for way in ways))
    return worth(node, known)


def _either(one: Truth, other: Truth) -> Truth:
    return one if one is other else UNKNOWN


def _at_least(interval: Interval, cutoff: Number) -> Truth:
    if interval.low >= cutoff:
        return MET
    if interval.high > cutoff or (interval.high == cutoff and interval.high_closed):
        return UNKNOWN
    return NOT_MET


def _above(interval: Interval, cutoff: Number) -> Truth:
    if interval.high <= cutoff:
        return NOT_MET
    if interval.low > cutoff or (interval.low == cutoff and not interval.low_closed):
        return MET
    return UNKNOWN


# --- truth nodes -------------------------------------------------------------------------------------------------


def _present(node: n.Present, known: Knowledge) -> Truth:
    value = known.values[node.input]
    assert isinstance(value, Truth)
    return value


def _compare(node: n.Compare, known: Knowledge) -> Truth:
    return holds(bounds(node.number, known), node.op, node.cutoff)


def _all(node: n.All, known: Knowledge) -> Truth:
    worst = MET
    for part in node.parts:
        one = truth(part, known)
        if one is NOT_MET:
            return NOT_MET
        if one is UNKNOWN:
            worst = UNKNOWN
    return worst


def _any(node: n.Any, known: Knowledge) -> Truth:
    best = NOT_MET
    for part in node.parts:
        one = truth(part, known)
        if one is MET:
            return MET
        if one is UNKNOWN:
            best = UNKNOWN
    return best


def _not(node: n.Not, known: Knowledge) -> Truth:
    return ~truth(node.part, known)


def _first_recorded(node: n.FirstRecorded, known: Knowledge) -> Truth:
    return truth(chosen(node, known), known)


def _withheld(node: n.WithheldTruth | n.Undefined, known: Knowledge) -> Truth:
    return UNKNOWN


def _truth_item(node: n.TruthItem, known: Knowledge) -> Truth:
    worth = known.assumed.get(node, known.items.get(node))
    if worth is None:
        worth = known.items[node] = truth(node.part, known)
    assert isinstance(worth, Truth)
    return worth


# --- number nodes ------------------------------------------------------------------------------------------------


def _read(node: n.Read, known: Knowledge) -> Interval:
    value = known.values[node.input]
    assert isinstance(value, Interval)
    return value


def _constant(node: n.Constant, known: Knowledge) -> Interval:
    return Interval.point(node.value)


def _count(node: n.Count, known: Knowledge) -> Interval:
    certain = possible = 0
    for part in node.parts:
        one = truth(part, known)
        certain += one is MET
        possible += one is not NOT_MET
    return Interval(certain, possible)


def _sum(node: n.Sum, known: Knowledge) -> Interval:
    parts = [bounds(part, known) for part in node.parts]
    low, high = sum(part.low for part in parts), sum(part.high for part in parts)
    return Interval(low, high, all(p.low_closed for p in parts), all(p.high_closed for p in parts))


def _most(node: n.Most, known: Knowledge) -> Interval:
    parts = [bounds(part, known) for part in node.parts]
    low, high = max(part.low for part in parts), max(part.high for part in parts)
    low_closed = all(part.low_closed for part in parts if part.low == low)
    return Interval(low, high, low_closed, any(part.high_closed for part in parts if part.high == high))


def _choose(node: n.Choose, known: Knowledge) -> Interval:
    first, *rest = _reachable(node, known)
    for value in rest:
        first = first.hull(value)
    return first


def _reachable(node: n.Choose, known: Knowledge) -> Iterator[Interval]:
    """The worth of each row that could still be the first one met."""
    for row in node.rows:
        met = truth(row.when, known)
        if met is not NOT_MET:
            yield bounds(row.value, known)
        if met is MET:
            return
    yield bounds(node.otherwise, known)


def _linear(node: n.Linear, known: Knowledge) -> Interval:
    total = Interval.point(node.constant)
    for term in node.terms:
        part = bounds(term.number, known)
        low, high = _times(term.coefficient, part.low), _times(term.coefficient, part.high)
        if term.coefficient < 0:
            part = Interval(high, low, part.high_closed, part.low_closed)
        else:
            part = Interval(low, high, part.low_closed, part.high_closed)
        both_low, both_high = total.low_closed and part.low_closed, total.high_closed and part.high_closed
        total = Interval(total.low + part.low, total.high + part.high, both_low, both_high)
    return total


def _quotient(node: n.Quotient, known: Knowledge) -> Interval:
    above = _product([bounds(part, known) for part in node.above])
    below = _product([bounds(part, known) for part in node.below])
    if below.high == 0:
        return Interval(0, inf, True, False)
    low = 0 if below.high == inf else _divided(above.low, below.high)
    high = inf if below.low == 0 else _divided(above.high, below.low)
    return Interval(
        low, high, above.low_closed and below.high_closed, high != inf and above.high_closed and below.low_closed
    )


def _product(parts: list[Interval]) -> Interval:
    total = _ONE
    for part in parts:
        low, high = _times(total.low, part.low), _times(total.high, part.high)
        total = Interval(low, high, total.low_closed and part.low_closed, total.high_closed and part.high_closed)
    return total


def _times(a: Number, b: Number) -> Number:
    """The product, with zero times no limit being zero: the bound of a product that is attained at zero."""
    return 0 if a == 0 or b == 0 else a * b


def _divided(a: Number, b: Number) -> Number:
    return a if a in (inf, -inf) else Fraction(a) / Fraction(b)


def _number_item(node: n.NumberItem, known: Knowledge) -> Interval:
    worth = known.items.get(node)
    if worth is None:
        worth = known.items[node] = bounds(node.part, known)
    assert isinstance(worth, Interval)
    return worth


_TRUTH: dict[type[n.Node], Callable[..., Truth]] = {
    n.Present: _present,
    n.Compare: _compare,
    n.All: _all,
    n.Any: _any,
    n.Not: _not,
    n.FirstRecorded: _first_recorded,
    n.WithheldTruth: _withheld,
    n.Undefined: _withheld,
    n.TruthItem: _truth_item,
}
_BOUNDS: dict[type[n.Node], Callable[..., Interval]] = {
    n.Read: _read,
    n.Constant: _constant,
    n.Count: _count,
    n.Sum: _sum,
    n.Most: _most,
    n.Choose: _choose,
    n.Linear: _linear,
    n.Quotient: _quotient,
    n.NumberItem: _number_item,
}
