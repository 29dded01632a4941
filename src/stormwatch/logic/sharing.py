"""What the parts of a node share, so that they cannot vary freely of each other.

Bounds of parts combine directly when the parts depend on different inputs. They also do when every part wants the same
end of a shared input: if more ferritin can only raise the grade, the lowest grade comes from the lowest ferritin
everywhere at once. Only what pulls in both directions has to be tried answer by answer.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import chain, pairwise

from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import Input

Direction = int
"""1: more of it can only raise the node, -1: only lower it, 0: it may do either."""


@cache
def correlated_inputs(node: n.Node) -> tuple[Input, ...]:
    """Inputs that several children depend on, each in its own way."""
    return tuple(which for which in _common(node) if not gates(node)[which])


@cache
def correlated_items(node: n.Node) -> tuple[n.TruthItem, ...]:
    """Named criteria through which alone several children depend on the same inputs."""
    outermost = (max(gates(node)[which], key=_breadth) for which in _common(node) if gates(node)[which])
    return tuple(dict.fromkeys(outermost))


@cache
def contested_inputs(node: n.Node) -> tuple[Input, ...]:
    """Correlated inputs that pull the node in both directions."""
    return tuple(which for which in correlated_inputs(node) if directions(node)[which] == 0)


@cache
def contested_items(node: n.Node) -> tuple[n.TruthItem, ...]:
    """Correlated criteria that pull the node in both directions."""
    return tuple(item for item in correlated_items(node) if directions(node)[item] == 0)


@cache
def gates(node: n.Node) -> dict[Input, frozenset[n.TruthItem]]:
    """For each input, the named criteria that every way down to it passes through."""
    found: dict[Input, frozenset[n.TruthItem]] = {which: frozenset() for which in node.inputs if not node.children}
    for child in node.children:
        own = frozenset((child,)) if isinstance(child, n.TruthItem) else frozenset()
        for which, passed in gates(child).items():
            found[which] = (passed | own) & found.get(which, passed | own)
    return found


@cache
def directions(node: n.Node) -> dict[Input | n.TruthItem, Direction]:
    """Which way each input and each named criterion below a node can move it."""
    found: dict[Input | n.TruthItem, Direction] = {which: 1 for which in node.inputs if not node.children}
    for child, way in zip(node.children, _ways(node), strict=True):
        below = directions(child)
        inside = {**below, child: 1} if isinstance(child, n.TruthItem) else below
        for which, direction in inside.items():
            moved = way * direction
            found[which] = moved if found.get(which, moved) == moved else 0
    return found


def _ways(node: n.Node) -> tuple[Direction, ...]:
    """Which way each child can move its parent."""
    if isinstance(node, n.Not):
        return (-1,)
    if isinstance(node, n.Compare):
        return (1 if node.op in (n.Op.ABOVE, n.Op.AT_LEAST) else -1,)
    if isinstance(node, n.Linear):
        return tuple(1 if term.coefficient >= 0 else -1 for term in node.terms)
    if isinstance(node, n.Quotient):
        return (1,) * len(node.above) + (-1,) * len(node.below)
    if isinstance(node, n.Choose):
        return (1 if _descends(node) else 0,) * len(node.children)
    return (1,) * len(node.children)


def _descends(node: n.Choose) -> bool:
    """Whether the rows stand worst first, so that the table is the highest row met."""
    numbers = [*(row.value for row in node.rows), node.otherwise]
    fixed = [number.value for number in numbers if isinstance(number, n.Constant)]
    return len(fixed) == len(numbers) and all(a >= b for a, b in pairwise(fixed))


def _common(node: n.Node) -> tuple[Input, ...]:
    uses = Counter(chain.from_iterable(child.inputs for child in node.children))
    return tuple(which for which, count in uses.items() if count > 1)


def _breadth(item: n.TruthItem) -> int:
    return len(item.inputs)
