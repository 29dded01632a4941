"""The units of a plan as a circuit: numbered nodes, of which each lookup comes after those it reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stormwatch.engines.columnar.facts import Ints
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.units import Lookup, SignalUnit, Unit
from stormwatch.logic.inputs import LabInput

TABLE_BITS = 21
NONE = -1
_SMALL_BITS = 16
_FEW = 10


class Outgrown(Exception):
    """A lookup has more combinations than a table can hold; the circuit must be made anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Circuit:
    """Nodes are numbered: first ``scanned``, which the pass reads off the facts; then ``told``, whose steps it is
    given; then ``lookups``, in an order in which each comes after its parts.

    ``parts`` holds the nodes each lookup reads; ``roots`` the nodes of verdict and score of each instrument (-1: none).
    """

    scanned: tuple[SignalUnit, ...]
    told: tuple[Unit, ...]
    lookups: tuple[Lookup, ...]
    parts: tuple[tuple[int, ...], ...]
    roots: tuple[tuple[int, int], ...]
    nodes: tuple[Unit, ...]

    @property
    def leaves(self) -> int:
        return len(self.scanned) + len(self.told)


def widths(unit: Lookup) -> tuple[int, ...]:
    """How many bits the states of each part take, with room for as many again where tables stay small."""
    exact = tuple(_bits(part.size) for part in unit.parts)
    roomy = tuple(_bits(part.size if part.size < _FEW else 2 * part.size) for part in unit.parts)
    return roomy if sum(roomy) <= _SMALL_BITS else exact


def _bits(size: int) -> int:
    return max(size - 1, 1).bit_length()


def is_wide(unit: Lookup) -> bool:
    """Whether the combinations of a lookup are too many for a table."""
    return sum(widths(unit)) > TABLE_BITS


def circuit_of(plan: Plan) -> Circuit:
    """The circuit of a plan, as the sizes of its units are now."""
    order: dict[int, Unit] = {}
    for answers in plan.answers:
        for root in (answers.verdict, answers.score):
            if root is not None:
                _visit(root, order)
    units = list(order.values())
    scanned = tuple(unit for unit in units if isinstance(unit, SignalUnit) and is_scanned(unit))
    lookups = tuple(unit for unit in units if isinstance(unit, Lookup) and not is_wide(unit))
    worked_out = {id(unit) for unit in (*scanned, *lookups)}
    told = tuple(unit for unit in units if id(unit) not in worked_out)
    place = {id(unit): number for number, unit in enumerate((*scanned, *told, *lookups))}
    return Circuit(
        scanned,
        told,
        lookups,
        tuple(tuple(place[id(part)] for part in unit.parts) for unit in lookups),
        tuple(
            tuple(NONE if root is None else place[id(root)] for root in (one.verdict, one.score))  # type: ignore[misc]
            for one in plan.answers
        ),
        (*scanned, *told, *lookups),
    )


def _visit(unit: Unit, order: dict[int, Unit]) -> None:
    if id(unit) in order:
        return
    if isinstance(unit, Lookup) and not is_wide(unit):
        for part in unit.parts:
            _visit(part, order)
    order[id(unit)] = unit


def is_scanned(unit: SignalUnit) -> bool:
    """Whether an input is a plain measurement, whose rows alone tell its state."""
    which = unit.signal.input
    return isinstance(which, LabInput) and which.relative_to is None and not which.at_baseline


def asked_by(circuit: Circuit) -> tuple[Ints, Ints]:
    """The instruments that ask each node: where they begin, and which."""
    pairs = sorted({(node, place) for place, roots in enumerate(circuit.roots) for node in roots if node != NONE})
    node, place = (np.array([pair[k] for pair in pairs], np.int64) for k in (0, 1))
    return np.searchsorted(node, np.arange(len(circuit.nodes) + 1)).astype(np.int64), place
