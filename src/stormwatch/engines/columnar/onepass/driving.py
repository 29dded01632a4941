"""A batch through the compiled pass: begin, work out what its tables lack, go on, and put the answers in order."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from stormwatch.engines.columnar.facts import Ints
from stormwatch.engines.columnar.onepass import walk
from stormwatch.engines.columnar.onepass.circuit import Circuit, Outgrown, asked_by, circuit_of
from stormwatch.engines.columnar.onepass.inputs import inputs_of, rows_of, told_of
from stormwatch.engines.columnar.onepass.layout import Layout
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.room import room
from stormwatch.engines.columnar.times import BEGINNING
from stormwatch.engines.columnar.units import Run


class Board:
    """A plan's circuit and its tables, which are kept from batch to batch."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.circuit = circuit_of(plan)
        self.rows_for_a_fact = 0.5
        self._layout: Layout | None = None

    def layout(self) -> Layout:
        """Tables with a place for every state there is. Raises Outgrown."""
        if self._layout is None:
            self._layout = Layout(self.circuit)
        for node in range(len(self.circuit.nodes)):
            if not self._layout.has_room(node):
                self._layout.make_room(node)
        return self._layout

    def renew(self) -> None:
        """Make the circuit anew, with what has become too wide for a table among what is told."""
        self.circuit, self._layout = circuit_of(self._plan), None


@lru_cache(maxsize=8)
def board_of(plan: Plan) -> Board:
    """The board of a plan, made once."""
    return Board(plan)


def answers(run: Run, plan: Plan) -> tuple[Any, ...]:
    """Every answer that changed: where each instrument begins; patient, moment, and states of verdict and score."""
    board = board_of(plan)
    while True:
        try:
            return Going(run, board).finished()
        except Outgrown:
            board.renew()


class Going:
    """One batch on its way."""

    def __init__(self, run: Run, board: Board) -> None:
        self._board, circuit = board, board.circuit
        self._clock = run.batch.clock
        self._rows = rows_of(run.batch.facts)
        if self._rows.two:
            _make_room(circuit)
        self._inputs = inputs_of(circuit, run.batch.facts)
        self._told, rests = told_of(run, circuit)
        self._layout = board.layout()
        self._state = _beginning(circuit, self._layout, self._inputs, rests)
        self._wiring = _wired(circuit, self._layout)
        expected = int(len(run.batch.facts) * board.rows_for_a_fact)
        self._found = _room(expected + len(circuit.roots) * (len(self._clock.shift) + 1))

    def finished(self) -> tuple[Any, ...]:
        """See ``answers``."""
        clock = self._clock
        while (outcome := self._gone()) != walk.DONE:
            if outcome == walk.FULL:
                self._found = _larger(self._found)
            else:
                self._work_out(int(self._state.place[6]))
        count, instruments = int(self._state.place[5]), len(self._wiring.verdict)
        self._board.rows_for_a_fact = 1.1 * count / max(len(self._rows.usable), 1)
        columns = tuple(room(count, np.int64) for _ in range(4))
        bounds = np.zeros(instruments + 1, np.int64)
        walk.by_instrument(self._found, count, bounds, clock.base, clock.shift, BEGINNING, *columns)
        return bounds, *columns

    def _gone(self) -> int:
        clock = self._clock
        return int(
            walk.walk(
                clock.base, clock.shift, self._rows, self._told, self._inputs, self._wiring, self._state, self._found
            )
        )

    def _work_out(self, place: int) -> None:
        """Work out one answer that the tables lack."""
        layout, table = self._layout, self._layout.table
        self._answered(place, int(self._state.code[place]))
        if layout.table is not table:
            self._wiring = _wired(self._board.circuit, layout)

    def _answered(self, place: int, code: int) -> None:
        """One answer. What reads it may need larger tables; what reads nothing else is going to ask, so it is told."""
        circuit, layout = self._board.circuit, self._layout
        unit, node = circuit.lookups[place], circuit.leaves + place
        states = unit.size
        layout.answer(place, code)
        if not layout.has_room(node):
            for reader in layout.make_room(node):
                self._state.code[reader] = layout.code(reader, self._state.node)
        if unit.size > states:
            for reader in layout.readers(node):
                if len(circuit.parts[reader]) == 1:
                    self._answered(reader, states)


def _beginning(circuit: Circuit, layout: Layout, inputs: Any, rests: list[int]) -> Any:
    """Everything at rest, before the first patient."""
    leaves, instruments = len(circuit.scanned), len(circuit.roots)
    levels = int((inputs.top + 2).sum())
    nodes = layout.resting([0] * leaves + rests)
    return walk.State(
        node=nodes,
        code=np.array([layout.code(place, nodes) for place in range(len(circuit.lookups))], np.int64),
        dirty=np.zeros(len(circuit.lookups) // 32 + 1, np.int64),
        due=np.zeros(instruments // 32 + 1, np.int64),
        end=np.full(leaves, walk.FAR),
        soonest=np.full(1, walk.FAR),
        low=np.zeros(leaves, np.int64),
        high=np.zeros(leaves, np.int64),
        until_low=np.full(levels, walk.FAR),
        until_high=np.full(levels, walk.FAR),
        since=np.full(leaves, -1),
        verdict=np.zeros(instruments, np.int64),
        score=np.zeros(instruments, np.int64),
        place=np.zeros(walk.PLACES, np.int64),
    )


def _wired(circuit: Circuit, layout: Layout) -> Any:
    roots: Ints = np.array(circuit.roots, np.int64).reshape(-1, 2)
    return walk.Wiring(
        layout.feeds,
        layout.reader,
        layout.shift,
        layout.table_at,
        layout.table,
        *asked_by(circuit),
        np.ascontiguousarray(roots[:, 0]),
        np.ascontiguousarray(roots[:, 1]),
    )


def _make_room(circuit: Circuit) -> None:
    """Values with two ends may stretch over several regions."""
    for unit in circuit.scanned:
        unit.size = unit.signal.cells.count


def _room(rows: int) -> Any:
    kinds = (np.int32, np.int64, np.int16, np.int32, np.int32)
    return walk.Found(*(room(rows, kind) for kind in kinds))


def _larger(found: Any) -> Any:
    larger = _room(2 * len(found.patient))
    for old, new in zip(found, larger, strict=True):
        new[: len(old)] = old
    return larger
