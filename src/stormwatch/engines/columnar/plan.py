"""From instruments to units: what is looked up together, and what apart.

A part of a criterion may be worked out on its own, and the whole from the answers of its parts, wherever the reference
evaluation does just that: where the parts share no open input that pulls in both directions (``logic.sharing``). The
plan takes criteria apart there until each piece has few combinations; what must stay together stays together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, TypeGuard

from stormwatch.engines.columnar.formula import Cut as FormulaCut
from stormwatch.engines.columnar.formula import Formula
from stormwatch.engines.columnar.signals import signal_of
from stormwatch.engines.columnar.units import Lookup, SignalUnit, Unit
from stormwatch.engines.columnar.values import ValueUnit
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import bounds, truth
from stormwatch.logic.inputs import AgeInput, DrugInput, Input, LabInput
from stormwatch.logic.knowledge import Knowledge
from stormwatch.logic.nodes import Cut
from stormwatch.logic.sharing import contested_inputs, contested_items

_TOGETHER = 600
_WIDE = 4
_SYMMETRIC = (n.Sum, n.Most, n.All, n.Any)
_YEARS = 150


@dataclass(frozen=True, slots=True)
class Answers:
    """The units that give an instrument's answers; None where the instrument has none."""

    instrument: Instrument
    verdict: Unit | None
    score: Unit | None


class Plan:
    """The units of some instruments, each made once and shared."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        roots = [root for one in instruments for root in (one.verdict, one.score) if root is not None]
        self._cuts = _all_cuts(roots)
        self._signals: dict[tuple[Input, bool], Unit] = {}
        self._units: dict[n.Node, Unit] = {}
        self.answers = [Answers(one, self._root(one.verdict), self._root(one.score)) for one in instruments]

    def _root(self, node: n.Node | None) -> Unit | None:
        return None if node is None else self.unit(node)

    def unit(self, node: n.Node) -> Unit:
        """The unit of a node."""
        while isinstance(node, n.TruthItem | n.NumberItem):
            node = node.part
        found = self._units.get(node)
        if found is None:
            found = self._units[node] = self._made(node)
        return found

    def _made(self, node: n.Node) -> Unit:
        if isinstance(node, n.Compare) and _is_formula(node.number):
            formula = self.unit(node.number)
            assert isinstance(formula, Formula)
            return FormulaCut(formula, node.op, node.cutoff)
        if _is_formula(node):
            return self._formula(node)
        if self._stays_whole(node):
            return self._whole(node)
        parts = getattr(node, "parts", ())
        if isinstance(node, n.Count) and len(parts) > _WIDE:
            return self.unit(n.Sum(tuple(n.Count(some) for some in _groups(parts))))
        if isinstance(node, _SYMMETRIC) and len(parts) > _WIDE:
            kind: Any = type(node)
            return self._apart(kind(tuple(kind(some) for some in _groups(parts))))
        return self._apart(node)

    def _stays_whole(self, node: n.Node) -> bool:
        if not node.children or isinstance(node, n.FirstRecorded) or contested_inputs(node) or contested_items(node):
            return True
        if isinstance(node, n.NumberNode) and _formula_inputs(node):
            return True
        return (
            not _formula_inputs(node)
            and prod(len(self._cuts.get(which, ((1, True),))) + 2 for which in node.inputs) <= _TOGETHER
        )

    # --- whole: the answer depends on inputs ------------------------------------------------------------------------

    def _whole(self, node: n.Node) -> Unit:
        valued = _formula_inputs(node)
        inputs = sorted(node.inputs, key=repr)
        units = [self._signal(which, valued=which in valued) for which in inputs]
        return Lookup(units, _asking(node, inputs))

    def _signal(self, which: Input, *, valued: bool) -> Unit:
        key = (which, valued)
        if key not in self._signals:
            self._signals[key] = _signal_unit(which, self._cuts.get(which, ()), valued=valued)
        return self._signals[key]

    # --- formulas: the answer depends on exact values -----------------------------------------------------------------

    def _formula(self, node: n.NumberNode) -> Unit:
        stubs: list[n.NumberItem] = []
        reads: list[LabInput | Unit] = []

        def stub(part: Any) -> Any:
            if isinstance(part, n.Constant):
                return part
            if isinstance(part, n.Linear):
                return _with_parts(part, stub)
            stubs.append(n.NumberItem(str(len(stubs)), "", n.Constant(0)))
            whole = isinstance(part, n.Read) and isinstance(part.input, LabInput)
            reads.append(part.input if whole else self.unit(part))
            return stubs[-1]

        over_stubs = _with_parts(node, stub)
        assert isinstance(over_stubs, n.NumberNode)
        return Formula(over_stubs, stubs, reads, _combining(over_stubs, stubs))

    # --- apart: the answer depends on the answers of parts ----------------------------------------------------------

    def _apart(self, node: n.Node) -> Unit:
        stubs: list[n.TruthItem | n.NumberItem] = []
        units: list[Unit] = []

        def stub(part: Any) -> Any:
            if isinstance(part, n.Constant):
                return part
            kind = n.TruthItem if isinstance(part, n.TruthNode) else n.NumberItem
            inside = n.Undefined() if isinstance(part, n.TruthNode) else n.Constant(0)
            stubs.append(kind(str(len(stubs)), "", inside))  # type: ignore[arg-type]
            units.append(self.unit(part))
            return stubs[-1]

        return Lookup(units, _combining(_with_parts(node, stub), stubs))


def _is_formula(node: n.Node) -> TypeGuard[n.NumberNode]:
    """Whether all rows of a formula can be worked out at once."""
    if not isinstance(node, n.Linear | n.Quotient) or contested_inputs(node) or contested_items(node):
        return False
    return bool(_formula_inputs(node)) and all(map(_is_term, node.children))


def _is_term(node: n.Node) -> bool:
    if isinstance(node, n.Read):
        return isinstance(node.input, LabInput)
    if isinstance(node, n.Linear):
        return not contested_inputs(node) and not contested_items(node) and all(map(_is_term, node.children))
    return not _formula_inputs(node)


def _signal_unit(which: Input, cuts: tuple[Cut, ...], *, valued: bool) -> Unit:
    if not valued:
        return SignalUnit(signal_of(which, cuts))
    if isinstance(which, LabInput):
        return ValueUnit(which)
    top = _YEARS if isinstance(which, AgeInput) else len(which.drugs) if isinstance(which, DrugInput) else 1
    return SignalUnit(signal_of(which, tuple((k, side) for k in range(top + 1) for side in (True, False))))


def _asking(node: n.Node, inputs: Sequence[Input]) -> Callable[[tuple[Any, ...]], Any]:
    """The reference evaluation of a node, given what is known of its inputs."""

    def answer(worths: tuple[Any, ...]) -> Any:
        values = {which: value for which, (value, _) in zip(inputs, worths, strict=True)}
        recorded = frozenset(which for which, (_, said) in zip(inputs, worths, strict=True) if said)
        return _evaluated(node, Knowledge(values, recorded))

    return answer


def _combining(node: n.Node, stubs: Sequence[n.Node]) -> Callable[[tuple[Any, ...]], Any]:
    """The reference evaluation of a node, given the answers of its parts."""

    def answer(worths: tuple[Any, ...]) -> Any:
        return _evaluated(node, Knowledge({}, frozenset(), {}, dict(zip(stubs, worths, strict=True))))

    return answer


def _evaluated(node: n.Node, known: Knowledge) -> Any:
    if isinstance(node, n.TruthNode):
        return truth(node, known)
    assert isinstance(node, n.NumberNode)
    return bounds(node, known)


def _with_parts(node: n.Node, stub: Callable[[Any], Any]) -> n.Node:
    """The same node over stand-ins for its parts."""
    match node:
        case n.Compare():
            return replace(node, number=stub(node.number))
        case n.Not() | n.WithheldTruth():
            return replace(node, part=stub(node.part))
        case n.Choose():
            rows = tuple(n.Row(stub(row.when), stub(row.value)) for row in node.rows)
            return n.Choose(rows, stub(node.otherwise))
        case n.Linear():
            return n.Linear(tuple(n.Term(t.coefficient, stub(t.number)) for t in node.terms), node.constant)
        case n.Quotient():
            return n.Quotient(tuple(map(stub, node.above)), tuple(map(stub, node.below)))
        case n.All() | n.Any() | n.Count() | n.Sum() | n.Most():
            return type(node)(tuple(map(stub, node.parts)))
    raise AssertionError(f"no parts: {type(node).__name__}")


def _groups(parts: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Parts in groups of a few, so that each level has few combinations."""
    size = max(3, -(-len(parts) // _WIDE))
    return [tuple(parts[start : start + size]) for start in range(0, len(parts), size)]


def _all_cuts(roots: Iterable[n.Node]) -> dict[Input, tuple[Cut, ...]]:
    found: dict[Input, set[Cut]] = {}
    for root in roots:
        for which, cuts in root.cuts.items():
            found.setdefault(which, set()).update(cuts)
    return {which: tuple(sorted(cuts, key=lambda cut: (cut[0], not cut[1]))) for which, cuts in found.items()}


def _formula_inputs(node: n.Node) -> frozenset[Input]:
    """Inputs that some node below reads as a number, and does not only compare with cut-offs."""
    read: set[Input] = set()
    for one in n.walk(node):
        if not isinstance(one, n.Compare):
            read.update(child.input for child in one.children if isinstance(child, n.Read))
    if isinstance(node, n.Read):
        read.add(node.input)
    return frozenset(read)
