"""The units of a plan as a network for one patient: when an input changes, what depends on it is looked up anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stormwatch.engines.columnar.courses import AgeWatch, DeathWatch, DrugWatch, FixedWatch
from stormwatch.engines.columnar.formula import Cut, Formula
from stormwatch.engines.columnar.history import History
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.signals import Signal
from stormwatch.engines.columnar.units import Lookup, SignalUnit, Unit
from stormwatch.engines.columnar.values import ValueUnit
from stormwatch.engines.columnar.watches import ALIKE, EXACTLY, FindingWatch, LabWatch, Watch
from stormwatch.facts import Patient
from stormwatch.logic.inputs import AgeInput, DeathInput, DrugInput, FindingInput, Input, LabInput, SexInput

_NOT_MET, _MET = 1, 2


@dataclass(frozen=True)
class Leaf:
    """An input of the network. ``unit`` is None where a formula reads its exact value."""

    input: Input
    unit: SignalUnit | ValueUnit | None


class Network:
    """States of all units. Units are numbered so that each comes after those it depends on; leaves have numbers of
    their own."""

    def __init__(self, plan: Plan) -> None:
        self.leaves: list[Leaf] = []
        self._places: dict[Any, int] = {}
        self._units: list[Any] = []
        self._parts: list[list[int]] = []
        self.roots = [
            tuple(None if unit is None else self._place(unit) for unit in (answers.verdict, answers.score))
            for answers in plan.answers
        ]
        self._leaf_places = [place for place, unit in enumerate(self._units) if isinstance(unit, Leaf)]
        self._above: list[list[int]] = [[] for _ in self._units]
        for place, parts in enumerate(self._parts):
            for part in parts:
                self._above[part].append(place)
        self._states: list[Any] = [None] * len(self._units)

    def _place(self, unit: Unit | LabInput) -> int:
        key = unit if isinstance(unit, LabInput) else id(unit)
        if key not in self._places:
            parts = [self._place(part) for part in _parts(unit)]
            self._places[key] = len(self._units)
            leaf = _leaf(unit)
            if leaf is not None:
                self.leaves.append(leaf)
            self._units.append(leaf or unit)
            self._parts.append(parts)
        return self._places[key]

    def fill(self, states: Sequence[Any]) -> None:
        """Work everything out, given the states of all leaves."""
        for place, state in zip(self._leaf_places, states, strict=True):
            self._states[place] = state
        for place, unit in enumerate(self._units):
            if not isinstance(unit, Leaf):
                self._states[place] = self._worked_out(place)

    def update(self, states: dict[int, Any]) -> bool:
        """Work out what depends on some leaves; whether anything changed."""
        waiting = set()
        for leaf, state in states.items():
            place = self._leaf_places[leaf]
            if self._states[place] != state:
                self._states[place] = state
                waiting.update(self._above[place])
        changed = bool(waiting)
        while waiting:
            place = min(waiting)
            waiting.discard(place)
            state = self._worked_out(place)
            if state != self._states[place]:
                self._states[place] = state
                waiting.update(self._above[place])
        return changed

    def _worked_out(self, place: int) -> Any:
        unit, parts = self._units[place], self._parts[place]
        if isinstance(unit, Lookup):
            return unit.state_of(tuple(self._states[part] for part in parts))
        if isinstance(unit, Cut):
            return unit.state_of(self._states[parts[0]])
        assert isinstance(unit, Formula)
        return unit.exactly(tuple(self.worth(part) for part in parts))

    def worth(self, place: int) -> Any:
        """What a unit answers."""
        unit, state = self._units[place], self._states[place]
        return state if isinstance(unit, Formula | Leaf) else unit.worth(state)


def _parts(unit: Unit | LabInput) -> Sequence[Any]:
    if isinstance(unit, Lookup):
        return unit.parts
    if isinstance(unit, Formula):
        return unit.reads
    return [unit.formula] if isinstance(unit, Cut) else []


def _leaf(unit: Unit | LabInput) -> Leaf | None:
    if isinstance(unit, LabInput):
        return Leaf(unit, None)
    if isinstance(unit, SignalUnit):
        return Leaf(unit.signal.input, unit)
    return Leaf(unit.input, unit) if isinstance(unit, ValueUnit) else None


def watch_of(leaf: Leaf, patient: Patient, complete: frozenset[str], history: History) -> Watch:
    """The watch of an input."""
    which = leaf.input
    if isinstance(leaf.unit, SignalUnit):
        return _cell_watch(leaf.unit.signal, patient, complete, history)
    assert isinstance(which, LabInput)
    if leaf.unit is None:
        return LabWatch(which, history, EXACTLY, lambda value: value, lambda value: value, which.domain)
    return LabWatch(which, history, EXACTLY, lambda value: value, leaf.unit.state, 0)


def _cell_watch(signal: Signal, patient: Patient, complete: frozenset[str], history: History) -> Watch:
    which, cells = signal.input, signal.cells
    if isinstance(which, LabInput):
        return LabWatch(which, history, ALIKE, cells.regions, lambda both: cells.state_of_regions(*both), 0)
    if isinstance(which, FindingInput):
        return FindingWatch(which, cells, _NOT_MET if "findings" in complete else 0)
    if isinstance(which, DrugInput):
        return DrugWatch(which, cells, complete="exposures" in complete)
    if isinstance(which, AgeInput):
        return AgeWatch(patient, cells)
    if isinstance(which, DeathInput):
        return DeathWatch(patient, _NOT_MET, _MET)
    assert isinstance(which, SexInput)
    return FixedWatch(0 if not patient.sex else _MET if patient.sex == which.sex else _NOT_MET)
