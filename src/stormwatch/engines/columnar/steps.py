"""What holds from each moment on, for many patients at once, and how several such answers become one.

States are small whole numbers. A ``Steps`` says nothing while its state is ``rest``; most patients never leave it for
most questions, and then cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.facts import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """From each tick ``at`` on the state is ``state``; before the first it is ``rest``. Ticks rise, states change."""

    at: Ints
    state: Ints
    rest: int = 0

    def __len__(self) -> int:
        return len(self.at)

    def index(self, ticks: Ints) -> Ints:
        """The state at each of these ticks."""
        place = np.searchsorted(self.at, ticks, side="right") - 1
        return np.where(place >= 0, self.state[place], self.rest) if len(self) else np.full(len(ticks), self.rest)


NOTHING = np.zeros(0, dtype=np.int64)


def distinct(values: Ints) -> Ints:
    """The values in order, each once. (By sorting: several times faster here than ``numpy.unique``.)"""
    values = np.sort(values)
    return values[begins(values)]


def begins(values: Ints) -> npt.NDArray[np.bool_]:
    """Where a value differs from the one before it."""
    found = np.empty(len(values), dtype=np.bool_)
    found[:1] = True
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def ends(values: Ints) -> npt.NDArray[np.bool_]:
    """Where a value differs from the one after it."""
    found = np.empty(len(values), dtype=np.bool_)
    found[-1:] = True
    np.not_equal(values[1:], values[:-1], out=found[:-1])
    return found


def resting(rest: int = 0) -> Steps:
    """The same state for everyone, always."""
    return Steps(NOTHING, NOTHING, rest)


def changes_only(at: Ints, state: Ints, rest: int) -> Steps:
    """Of several states at one tick the last counts; a state that is no change is left out."""
    last = ends(at)
    if not last.all():
        at, state = at[last], state[last]
    return moves_only(at, state, rest)


def moves_only(at: Ints, state: Ints, rest: int) -> Steps:
    """The same for ticks that are all different."""
    if len(at) == 0:
        return Steps(at, state, rest)
    changed = begins(state)
    changed[0] = state[0] != rest
    return Steps(at, state, rest) if changed.all() else Steps(at[changed], state[changed], rest)


def jumps(steps: Steps) -> Ints:
    """How far each step moves the state."""
    found = steps.state.copy()
    found[1:] -= steps.state[:-1]
    found[:1] -= steps.rest
    return found


def merged(parts: Sequence[Steps], shifts: Sequence[int]) -> Steps:
    """All parts in one: the state of each in the bits from its shift on."""
    rest = sum(part.rest << shift for part, shift in zip(parts, shifts, strict=True))
    moving = [(part, shift) for part, shift in zip(parts, shifts, strict=True) if len(part)]
    if len(moving) == 1:
        part, shift = moving[0]
        return Steps(part.at, ((part.state - part.rest) << shift) + rest, rest)
    if not moving:
        return resting(rest)
    at = np.concatenate([part.at for part, _ in moving])
    by = np.concatenate([jumps(part) << shift for part, shift in moving])
    order = np.argsort(at, kind="stable")
    at, state = at[order], np.cumsum(by[order]) + rest
    last = ends(at)
    return Steps(at[last], state[last], rest)


def joined(parts: Sequence[Steps]) -> Steps:
    """Parts about different patients, with the same rest, in one."""
    moving = [part for part in parts if len(part)]
    if len(moving) < 2:
        return moving[0] if moving else parts[0]
    at = np.concatenate([part.at for part in moving])
    state = np.concatenate([part.state for part in moving])
    order = np.argsort(at, kind="stable")
    return changes_only(at[order], state[order], parts[0].rest)
