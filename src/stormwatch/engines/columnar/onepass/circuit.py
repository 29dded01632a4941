"""The units of a plan as a circuit: numbered nodes, of which each lookup comes after those it reads."""

from __future__ import annotations

from dataclasses import dataclass

from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.units import Lookup, SignalUnit, Unit
from stormwatch.logic.inputs import LabInput

TABLE_BITS = 21
NONE = -1


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

    @property
    def leaves(self) -> int:
        return len(self.scanned) + len(self.told)

    @property
    def nodes(self) -> tuple[Unit, ...]:
        return (*self.scanned, *self.told, *self.lookups)


def width(unit: Unit) -> int:
    """How many bits the states of a unit take."""
    return max(unit.size - 1, 1).bit_length()


def is_wide(unit: Lookup) -> bool:
    """Whether the combinations of a lookup are too many for a table."""
    return sum(map(width, unit.parts)) > TABLE_BITS


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
