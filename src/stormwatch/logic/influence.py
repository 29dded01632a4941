"""Which open input can change an answer: exact, by carrying every completion through the tree.

For one input with k possible answers, a node's profile is the tuple of what it would be worth under each of them, all
other inputs completed alike. The set of profiles over all completions of the others tells whether the input matters:
it does exactly when some profile is not constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from itertools import product
from operator import add
from typing import Any

from stormwatch.facts import Interval, Number
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import holds
from stormwatch.logic.inputs import Input
from stormwatch.logic.knowledge import Knowledge, Known, answers, chosen, is_open
from stormwatch.logic.sharing import correlated_inputs, correlated_items
from stormwatch.logic.truth import Truth

Profile = tuple[Any, ...]


class NotFinite(Exception):
    """The node is a formula over a range of numbers, so its completions cannot be listed."""


def matters(node: n.TruthNode, known: Knowledge, which: Input) -> bool:
    """Whether two answers to this open input can lead to different verdicts, the other inputs being equal.

    Formulas over open numbers cannot be listed; there, any open input of an undecided formula is taken to matter.
    """
    try:
        found = _profiles(node, known, which, answers(which, node, known))
    except NotFinite:
        return True
    return any(len(set(profile)) > 1 for profile in found)


def _profiles(node: n.Node, known: Knowledge, probe: Any, probes: list[Known]) -> frozenset[Profile]:
    if node in known.assumed:
        return frozenset((known.assumed[node],))
    for shared in correlated_inputs(node):
        if shared != probe and is_open(shared, node, known):
            ways = [known.assuming(shared, answer) for answer in answers(shared, node, known)]
            if len(ways) > 1:
                return _over(node, ways, probe, probes)
    for item in correlated_items(node):
        if item not in known.assumed:
            possible = _profiles(item, known, probe, probes)
            if len(possible) > 1:
                return _over(node, [known.supposing(item, profile) for profile in possible], probe, probes)
    return _combined(node, known, probe, probes)


def _over(node: n.Node, ways: list[Knowledge], probe: Any, probes: list[Known]) -> frozenset[Profile]:
    return frozenset().union(*(_profiles(node, way, probe, probes) for way in ways))


def _combined(node: n.Node, known: Knowledge, probe: Any, probes: list[Known]) -> frozenset[Profile]:
    def of(child: n.Node) -> frozenset[Profile]:
        return _profiles(child, known, probe, probes)

    if isinstance(node, n.Present):
        return _leaf(node, known, probe, probes, lambda answer: answer is Truth.MET)
    if isinstance(node, n.Compare) and isinstance(node.number, n.Read):
        op, cutoff = node.op, node.cutoff
        return _leaf(node, known, probe, probes, lambda answer: _decided(holds(answer, op, cutoff)))
    if isinstance(node, n.Compare):
        return frozenset(tuple(_compared(x, node) for x in profile) for profile in of(node.number))
    if isinstance(node, n.TruthItem | n.NumberItem):
        return of(node.part)
    if isinstance(node, n.FirstRecorded):
        return of(chosen(node, known))
    if isinstance(node, n.WithheldTruth | n.Undefined):
        return frozenset(((True,) * len(probes), (False,) * len(probes)))
    if isinstance(node, n.Constant):
        return frozenset(((node.value,) * len(probes),))
    if isinstance(node, n.Choose):
        return _chosen_rows(node, of)
    fold = _FOLDS.get(type(node))
    if fold is None:
        raise NotFinite
    return fold([of(child) for child in node.children])


def _leaf(
    node: n.Node, known: Knowledge, probe: Any, probes: list[Known], test: Callable[[Any], bool]
) -> frozenset[Profile]:
    (which,) = node.inputs
    if which == probe:
        return frozenset((tuple(test(answer) for answer in probes),))
    return frozenset((test(answer),) * len(probes) for answer in answers(which, node, known))


def _decided(truth: Truth) -> bool:
    if truth is Truth.UNKNOWN:
        raise NotFinite
    return truth is Truth.MET


def _compared(number: Number, node: n.Compare) -> bool:
    return holds(Interval.point(number), node.op, node.cutoff) is Truth.MET


def _chosen_rows(node: n.Choose, of: Callable[[n.Node], frozenset[Profile]]) -> frozenset[Profile]:
    below = of(node.otherwise)
    for row in reversed(node.rows):
        below = frozenset(
            tuple(v if c else b for c, v, b in zip(*three, strict=True))
            for three in product(of(row.when), of(row.value), below)
        )
    return below


def _folded(join: Callable[[Any, Any], Any]) -> Callable[[list[frozenset[Profile]]], frozenset[Profile]]:
    def fold(parts: list[frozenset[Profile]]) -> frozenset[Profile]:
        return reduce(lambda one, other: _pairs(join, one, other), parts)

    return fold


def _as_numbers(profiles: frozenset[Profile]) -> frozenset[Profile]:
    return frozenset(tuple(map(int, profile)) for profile in profiles)


def _pairs(join: Callable[[Any, Any], Any], one: Iterable[Profile], other: Iterable[Profile]) -> frozenset[Profile]:
    return frozenset(tuple(map(join, a, b)) for a, b in product(one, other))


_FOLDS: dict[type[n.Node], Callable[[list[frozenset[Profile]]], frozenset[Profile]]] = {
    n.All: _folded(lambda a, b: a and b),
    n.Any: _folded(lambda a, b: a or b),
    n.Not: lambda parts: frozenset(tuple(not x for x in profile) for profile in parts[0]),
    n.Count: lambda parts: _folded(add)([_as_numbers(part) for part in parts]),
    n.Sum: _folded(add),
    n.Most: _folded(max),
}
