"""Where the tables of a circuit stand: how many bits each node takes, and what is known of every combination so far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stormwatch.engines.columnar.facts import Ints
from stormwatch.engines.columnar.onepass.circuit import Circuit, Outgrown, is_wide, widths

UNKNOWN = -1
_BEGIN = 1 << 16


class Layout:
    """``feeds`` says where the readers of each node begin: the lookups ``reader``, which hold its state at ``shift``.

    The table of a lookup begins at ``table_at`` in ``table``. When a node gets more states than its readers have a
    place for, these get new tables.
    """

    def __init__(self, circuit: Circuit) -> None:
        """Raises Outgrown."""
        self.circuit = circuit
        nodes, lookups = len(circuit.nodes), len(circuit.lookups)
        pairs = sorted((part, place, k) for place, parts in enumerate(circuit.parts) for k, part in enumerate(parts))
        self.feeds: Ints = np.searchsorted([part for part, _, _ in pairs], np.arange(nodes + 1)).astype(np.int64)
        self.reader: Ints = np.array([place for _, place, _ in pairs], np.int64)
        self.shift: Ints = np.zeros(len(pairs), np.int64)
        self.table_at: Ints = np.zeros(lookups, np.int64)
        self.table = np.full(_BEGIN, UNKNOWN, np.int32)
        self._entry = {(place, k): entry for entry, (_, place, k) in enumerate(pairs)}
        self._wide: list[tuple[int, ...]] = [()] * lookups
        self._shifts: list[tuple[int, ...]] = [()] * lookups
        self._used = 0
        for place in range(lookups):
            self._place(place)

    def _place(self, place: int) -> None:
        """Give a lookup a table for the states its parts have now, with every answer that is known already."""
        unit = self.circuit.lookups[place]
        if is_wide(unit):
            raise Outgrown
        wide = widths(unit)
        shifts = tuple(sum(wide[:k]) for k in range(len(wide)))
        start, self._used = self._used, self._used + (1 << sum(wide))
        while self._used > len(self.table):
            self.table = np.append(self.table, np.full(len(self.table), UNKNOWN, np.int32))
        for states, answer in unit.known.items():
            self.table[start + sum(state << by for state, by in zip(states, shifts, strict=True))] = answer
        self.table_at[place], self._wide[place], self._shifts[place] = start, wide, shifts
        for k, by in enumerate(shifts):
            self.shift[self._entry[place, k]] = by

    def has_room(self, node: int) -> bool:
        """Whether everything that reads a node has a place for all its states."""
        size = self.circuit.nodes[node].size
        entries = range(self.feeds[node], self.feeds[node + 1])
        return all(size <= 1 << self._width(entry) for entry in entries)

    def _width(self, entry: int) -> int:
        place, by = int(self.reader[entry]), int(self.shift[entry])
        return self._wide[place][self._shifts[place].index(by)]

    def make_room(self, node: int) -> list[int]:
        """Give new tables to what reads a node; the lookups that got one. Raises Outgrown."""
        readers = self.readers(node)
        for place in readers:
            self._place(place)
        return readers

    def readers(self, node: int) -> list[int]:
        """The lookups that read a node."""
        return sorted(set(self.reader[self.feeds[node] : self.feeds[node + 1]].tolist()))

    def code(self, place: int, states: Ints) -> int:
        """What a lookup reads, given the states of all nodes."""
        parts, shifts = self.circuit.parts[place], self._shifts[place]
        return sum(int(states[part]) << by for part, by in zip(parts, shifts, strict=True))

    def answer(self, place: int, code: int) -> None:
        """Work out what a lookup answers to a combination."""
        shifts, wide = self._shifts[place], self._wide[place]
        states = tuple((code >> by) & ((1 << bits) - 1) for by, bits in zip(shifts, wide, strict=True))
        self.table[self.table_at[place] + code] = self.circuit.lookups[place].state_of(states)

    def resting(self, leaves: Sequence[int]) -> Ints:
        """The states of all nodes, given those of the leaves."""
        states = np.zeros(len(self.circuit.nodes), np.int64)
        states[: len(leaves)] = leaves
        for place, parts in enumerate(self.circuit.parts):
            reading = tuple(int(states[part]) for part in parts)
            states[self.circuit.leaves + place] = self.circuit.lookups[place].state_of(reading)
        return states
