"""What a node is worth, given what is known: exact over every way the missing answers could turn out.

A truth node is UNKNOWN exactly when some completion of the open inputs makes it met and another does not. A number
node is the interval from the lowest to the highest number any completion gives. Parts that depend on different inputs
vary freely, so their answers combine directly. Where parts share an open input that pulls in both directions (see
``sharing``), each stretch between the cut-offs it is compared with is taken in turn and the answers are joined; where
they share open inputs only through one named criterion, the two answers to that criterion are taken instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import reduce
from math import inf
from typing import Any as Anything

from stormwatch.facts import Interval, Number
from stormwatch.logic import nodes as n
from stormwatch.logic.knowledge import Knowledge, answers, chosen, is_open
from stormwatch.logic.sharing import contested_inputs, contested_items
from stormwatch.logic.truth import Truth

MET, NOT_MET, UNKNOWN = Truth.MET, Truth.NOT_MET, Truth.UNKNOWN
_ZERO, _ONE = Interval.point(0), Interval.point(1)


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
