"""The frozen nodes that criteria are made of. Definitions compile to these; engines interpret them.

Two families: truth nodes (met, not met, unknown) and number nodes (points, counts, grades, ratios). There are few on
purpose: an instrument that needs a new one is a reason to think twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import chain

from stormwatch.facts import Number
from stormwatch.logic.inputs import Input, NumberInput, TruthInput


class Op(Enum):
    """The four comparisons, as published."""

    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="


Cut = tuple[Number, bool]
"""A cut-off, and whether the number itself belongs to the part above the cut."""


@dataclass(frozen=True, eq=False)
class Node:
    """What all nodes share: which inputs they depend on. Two nodes are the same only if they are one object."""

    @property
    def children(self) -> tuple[Node, ...]:
        return ()

    @cached_property
    def inputs(self) -> frozenset[Input]:
        """Every input this node depends on."""
        return frozenset(chain.from_iterable(child.inputs for child in self.children))

    @cached_property
    def cuts(self) -> dict[Input, tuple[Cut, ...]]:
        """Every cut that comparisons below this node make through an input, ascending."""
        found: dict[Input, set[Cut]] = {}
        for node in walk(self):
            if isinstance(node, Compare) and isinstance(node.number, Read):
                cut = (node.cutoff, node.op in (Op.AT_LEAST, Op.BELOW))
                found.setdefault(node.number.input, set()).add(cut)
        return {which: tuple(sorted(cuts, key=lambda cut: (cut[0], not cut[1]))) for which, cuts in found.items()}


@dataclass(frozen=True, eq=False)
class TruthNode(Node):
    """A node that is met, not met or unknown."""


@dataclass(frozen=True, eq=False)
class NumberNode(Node):
    """A node that is a number, or an interval while something is missing."""


@dataclass(frozen=True, eq=False)
class Present(TruthNode):
    """A finding is present, or the sex is the one asked for."""

    input: TruthInput

    @cached_property
    def inputs(self) -> frozenset[Input]:
        return frozenset((self.input,))


@dataclass(frozen=True, eq=False)
class Compare(TruthNode):
    """A number against a cut-off, with the published operator.

    ``printed`` is the cut-off with its unit, for people; ``cutoff`` is exact and in the canonical unit.
    """

    number: NumberNode
    op: Op
    cutoff: Number
    printed: str = ""

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.number,)


@dataclass(frozen=True, eq=False)
class All(TruthNode):
    """Every part is met."""

    parts: tuple[TruthNode, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


@dataclass(frozen=True, eq=False)
class Any(TruthNode):
    """At least one part is met."""

    parts: tuple[TruthNode, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


@dataclass(frozen=True, eq=False)
class Not(TruthNode):
    """The part is not met."""

    part: TruthNode

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.part,)


@dataclass(frozen=True, eq=False)
class FirstRecorded(TruthNode):
    """The same question answered by several kinds of record: the first that the record has decides.

    Fever is such a question: a temperature decides it; a chart that only says "febrile" decides it too. Nothing
    recorded leaves the first one open.
    """

    options: tuple[TruthNode, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.options


@dataclass(frozen=True, eq=False)
class WithheldTruth(TruthNode):
    """A criterion whose evidence is unconfirmed: shown, and never allowed to decide."""

    part: TruthNode

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.part,)


@dataclass(frozen=True, eq=False)
class Undefined(TruthNode):
    """What the publication leaves undefined, such as a value exactly between two bands: always unknown."""


@dataclass(frozen=True, eq=False)
class Read(NumberNode):
    """The number the record gives for an input."""

    input: NumberInput

    @cached_property
    def inputs(self) -> frozenset[Input]:
        return frozenset((self.input,))


@dataclass(frozen=True, eq=False)
class Constant(NumberNode):
    """A fixed number: the points of a row, or a grade."""

    value: Number


@dataclass(frozen=True, eq=False)
class Count(NumberNode):
    """How many parts are met."""

    parts: tuple[TruthNode, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


@dataclass(frozen=True, eq=False)
class Sum(NumberNode):
    """The sum of the parts."""

    parts: tuple[NumberNode, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


@dataclass(frozen=True, eq=False)
class Most(NumberNode):
    """The largest of the parts: the worst domain governs."""

    parts: tuple[NumberNode, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


@dataclass(frozen=True, eq=False)
class Row:
    """One line of a table: when the condition is met, this is the number. ``text`` is the wording for people."""

    when: TruthNode
    value: NumberNode
    text: str = ""


@dataclass(frozen=True, eq=False)
class Choose(NumberNode):
    """An ordered table: the first row whose condition is met gives the number; ``otherwise`` if none is."""

    rows: tuple[Row, ...]
    otherwise: NumberNode

    @property
    def children(self) -> tuple[Node, ...]:
        return (*chain.from_iterable((row.when, row.value) for row in self.rows), self.otherwise)


@dataclass(frozen=True, eq=False)
class Term:
    """``coefficient * number`` (the number in the unit the formula was published with: slope and offset convert)."""

    coefficient: Number
    number: NumberNode


@dataclass(frozen=True, eq=False)
class Linear(NumberNode):
    """A published linear formula: constant plus the sum of its terms."""

    terms: tuple[Term, ...]
    constant: Number = 0

    @property
    def children(self) -> tuple[Node, ...]:
        return tuple(term.number for term in self.terms)


@dataclass(frozen=True, eq=False)
class Quotient(NumberNode):
    """A published product of quantities over a product of quantities; all of them zero or more.

    It has no value when a quantity below the line is zero.
    """

    above: tuple[NumberNode, ...]
    below: tuple[NumberNode, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (*self.above, *self.below)


@dataclass(frozen=True, eq=False)
class TruthItem(TruthNode):
    """A criterion with a name of its own in the publication."""

    id: str
    title: str
    part: TruthNode

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.part,)


@dataclass(frozen=True, eq=False)
class NumberItem(NumberNode):
    """A scored item with a name of its own in the publication."""

    id: str
    title: str
    part: NumberNode

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.part,)


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    yield node
    for child in node.children:
        yield from walk(child)
