"""Where the tables of a circuit stand: how many bits each node takes, and what is known of every combination so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.facts import Ints
from stormwatch.engines.columnar.onepass.circuit import NONE, Circuit, width

UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """``feeds`` says where the readers of each node begin: the lookups ``reader``, which hold its state at ``shift``.

    The table of a lookup begins at ``table_at``. ``room`` is how many states of each node the tables have a place for.
    """

    circuit: Circuit
    feeds: Ints
    reader: Ints
    shift: Ints
    table_at: Ints
    table: npt.NDArray[np.int32]
    room: Ints
    shifts: tuple[tuple[int, ...], ...]
    widths: tuple[tuple[int, ...], ...]

    def fits(self) -> bool:
        """Whether every state there is has a place."""
        return all(unit.size <= room for unit, room in zip(self.circuit.nodes, self.room.tolist(), strict=True))

    def codes(self, states: Ints) -> Ints:
        """What each lookup reads, given the states of all nodes."""
        found = np.zeros(len(self.circuit.lookups), np.int64)
        for place, (parts, shifts) in enumerate(zip(self.circuit.parts, self.shifts, strict=True)):
            found[place] = sum(int(states[part]) << by for part, by in zip(parts, shifts, strict=True))
        return found

    def answer(self, place: int, code: int) -> int:
        """Work out what a lookup answers to a combination, and keep it where there is room for it."""
        states = tuple(
            (code >> by) & ((1 << wide) - 1) for by, wide in zip(self.shifts[place], self.widths[place], strict=True)
        )
        found = self.circuit.lookups[place].state_of(states)
        self.table[self.table_at[place] + code] = found
        return found

    def resting(self, leaves: Sequence[int]) -> Ints:
        """The states of all nodes, given those of the leaves."""
        states = np.zeros(len(self.room), np.int64)
        states[: len(leaves)] = leaves
        for place, parts in enumerate(self.circuit.parts):
            reading = tuple(int(states[part]) for part in parts)
            states[self.circuit.leaves + place] = self.circuit.lookups[place].state_of(reading)
        return states


def laid_out(circuit: Circuit) -> Layout:
    """The tables for the states there are now, with every answer that is known already."""
    nodes = circuit.nodes
    widths = tuple(tuple(width(nodes[part]) for part in parts) for parts in circuit.parts)
    shifts = tuple(tuple(sum(wide[:k]) for k in range(len(wide))) for wide in widths)
    sizes = np.array([1 << sum(wide) for wide in widths], np.int64)
    table_at = np.cumsum(sizes) - sizes
    table = np.full(int(sizes.sum()), UNKNOWN, np.int32)
    for place, (unit, by) in enumerate(zip(circuit.lookups, shifts, strict=True)):
        for states, answer in unit.known.items():
            code = sum(state << shift for state, shift in zip(states, by, strict=True))
            table[table_at[place] + code] = answer
    reads = sorted(
        (part, place, shift)
        for place, parts in enumerate(circuit.parts)
        for part, shift in zip(parts, shifts[place], strict=True)
    )
    read, reader, shift = (np.array(column, np.int64) for column in (zip(*reads, strict=True) if reads else ((),) * 3))
    room = np.full(len(nodes), np.iinfo(np.int32).max, np.int64)
    for parts, wide in zip(circuit.parts, widths, strict=True):
        for part, bits in zip(parts, wide, strict=True):
            room[part] = 1 << bits
    feeds = np.searchsorted(read, np.arange(len(nodes) + 1))
    return Layout(circuit, feeds, reader, shift, table_at, table, room, shifts, widths)


def asked_by(circuit: Circuit) -> tuple[Ints, Ints]:
    """The instruments that ask each node: where they begin, and which."""
    pairs = sorted({(node, place) for place, roots in enumerate(circuit.roots) for node in roots if node != NONE})
    node, place = (np.array(column, np.int64) for column in (zip(*pairs, strict=True) if pairs else ((),) * 2))
    return np.searchsorted(node, np.arange(len(circuit.nodes) + 1)), place
