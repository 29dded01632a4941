"""Units: parts of criteria whose answer is looked up, and worked out once by the reference evaluation.

A unit reads the states of a few others. For every combination of states that occurs, the answer is worked out by
``logic.evaluate`` on exact intervals, remembered, and given a number, which is the state of this unit. So there are no
rules here, and what this engine answers is what the reference engine answers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.batch import Batch
from stormwatch.engines.columnar.facts import Ints, Name
from stormwatch.engines.columnar.people import DEATH_RESTS
from stormwatch.engines.columnar.rebuild import names_of
from stormwatch.engines.columnar.signals import Signal, signal_steps
from stormwatch.engines.columnar.steps import Steps, changes_only, distinct, resting
from stormwatch.logic.inputs import DeathInput, Input

_TABLE_BITS = 21
CODE_BITS = 62


class Unit(Protocol):
    """Something with a state at every moment."""

    @property
    def size(self) -> int:
        """How many states there are so far."""

    @property
    def needs(self) -> frozenset[Name]:
        """The names of facts without any of which the unit says the same for everyone, always: see ``Batch.lives``."""

    def resting(self) -> Steps:
        """What it says then."""

    def worth(self, state: int) -> Any:
        """What a state means."""

    def steps(self, run: Run) -> Steps:
        """The states along the timelines of a batch."""


class Run:
    """One batch, with the steps of every unit asked for so far."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._steps: dict[int, Steps] = {}
        self.tables: dict[int, Any] = {}
        self.leaves: dict[Input, Any] = {}

    def steps(self, unit: Unit) -> Steps:
        found = self._steps.get(id(unit))
        if found is None:
            lives = self.batch.lives(unit.needs)
            found = self._steps[id(unit)] = unit.steps(self) if lives else unit.resting()
        return found


class SignalUnit:
    """An input, in cells."""

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self.size = signal.cells.top + 2  # until a value stretches over several regions
        self.needs = frozenset(names_of(signal.input))
        self._worths: dict[int, Any] = {}

    def resting(self) -> Steps:
        return resting(DEATH_RESTS if isinstance(self.signal.input, DeathInput) else 0)

    def worth(self, state: int) -> Any:
        found = self._worths.get(state)
        if found is None:
            found = self._worths[state] = self.signal.cells.worth(state)
        return found

    def steps(self, run: Run) -> Steps:
        found = signal_steps(run.batch, self.signal)
        if len(found) and found.state.max() >= self.size:
            self.size = self.signal.cells.count
        return found


class Lookup:
    """A unit whose answer depends on the states of ``parts`` alone."""

    def __init__(self, parts: Sequence[Unit], answer: Callable[[tuple[Any, ...]], Hashable]) -> None:
        self.parts = list(parts)
        self.needs = frozenset().union(*(part.needs for part in parts))
        self._answer = answer
        self._sizes: list[int] = []
        self._states: dict[Hashable, int] = {}
        self._worths: list[Any] = []
        self.known: dict[tuple[int, ...], int] = {}
        self._shifts: tuple[int, ...] = ()
        self._widths: list[int] = []
        self._resting: Steps | None = None
        self._table: npt.NDArray[np.int32] | None = None

    @property
    def size(self) -> int:
        return len(self._worths)

    def worth(self, state: int) -> Any:
        return self._worths[state]

    def resting(self) -> Steps:
        if self._resting is None:
            self._resting = resting(self.state_of(tuple(part.resting().rest for part in self.parts)))
        return self._resting

    def steps(self, run: Run) -> Steps:
        parts = [run.steps(part) for part in self.parts]
        rest = self.state_of(tuple(part.rest for part in parts))
        if not any(map(len, parts)):
            return resting(rest)
        bits = self._fitted()
        if bits > CODE_BITS:
            return self._by_columns(parts, rest)
        both = run.batch.passes.merged(parts, self._shifts)
        found = self._from_table(both.state) if bits <= _TABLE_BITS else self._from_memory(both.state)
        return run.batch.passes.moves_only(both.at, found, rest)

    def state_of(self, states: tuple[int, ...]) -> int:
        """The state for one combination of states of the parts."""
        found = self.known.get(states)
        if found is None:
            worth = self._answer(tuple(part.worth(state) for part, state in zip(self.parts, states, strict=True)))
            found = self.known[states] = self._states.setdefault(worth, len(self._worths))
            if found == len(self._worths):
                self._worths.append(worth)
        return found

    def _fitted(self) -> int:
        """How many bits a combination takes; the table starts anew when a part has outgrown its bits."""
        sizes = [part.size for part in self.parts]
        if sizes == self._sizes:
            return sum(self._widths)
        self._sizes = sizes
        bits = [max(part.size - 1, 1).bit_length() for part in self.parts]
        shifts = tuple(sum(bits[:place]) for place in range(len(bits)))
        if bits != self._widths or self._table is None:
            self._shifts, self._widths = shifts, bits
            self._table = np.full(1 << sum(bits) if sum(bits) <= _TABLE_BITS else 0, -1, np.int32)
        return sum(bits)

    def _from_table(self, codes: Ints) -> Ints:
        assert self._table is not None
        found = self._table[codes]
        open_codes = codes[found < 0]
        if len(open_codes):
            for code in distinct(open_codes).tolist():
                self._table[code] = self.state_of(self._apart(code))
            found = self._table[codes]
        return found.astype(np.int64)

    def _from_memory(self, codes: Ints) -> Ints:
        different = distinct(codes)
        found = np.array([self.state_of(self._apart(code)) for code in different.tolist()], np.int64)
        return found[np.searchsorted(different, codes)]

    def _by_columns(self, parts: Sequence[Steps], rest: int) -> Steps:
        """For combinations too wide for one number."""
        at = distinct(np.concatenate([part.at for part in parts]))
        columns = np.stack([part.index(at) for part in parts])
        different, place = np.unique(columns, axis=1, return_inverse=True)
        found = np.array([self.state_of(tuple(states)) for states in different.T.tolist()], np.int64)
        return changes_only(at, found[place.ravel()] if len(at) else at, rest)

    def _apart(self, code: int) -> tuple[int, ...]:
        return tuple(
            (code >> shift) & ((1 << width) - 1) for shift, width in zip(self._shifts, self._widths, strict=True)
        )
