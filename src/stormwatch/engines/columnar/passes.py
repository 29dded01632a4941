"""The inner passes over rows, in NumPy: which of the values in the window counts, from when to when.

All take rows in order of ``start`` on the clock of a batch, with ``start < stop``, and give steps whose state 0 means
that no value counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stormwatch.engines.columnar.facts import Ints, backwards
from stormwatch.engines.columnar.steps import NOTHING, Steps, changes_only, ends, merged, moves_only

ROWS = 250_000
"""Facts worked on at a time: as many as stay in the processor's cache while they are turned over."""


@dataclass(frozen=True, slots=True)
class Passes:
    """The passes that take the time, which may be compiled ones (see ``fast``); all give the same.

    ``rows`` is how many facts are best worked on at a time. ``answers``, where there is one, gives all answers in one
    pass over facts that count in the order of their times.
    """

    grouped: Callable[[Ints, int], tuple[Ints, Ints]]
    highest: Callable[[Ints, Ints, Ints], Steps]
    merged: Callable[[Sequence[Steps], Sequence[int]], Steps]
    moves_only: Callable[[Ints, Ints, int], Steps]
    backwards: Callable[[Ints, Ints], Ints] = backwards
    answers: Callable[[Any, Any], tuple[Any, ...]] | None = None
    rows: int = ROWS


def grouped(code: Ints, groups: int) -> tuple[Ints, Ints]:
    """Row numbers by code, in the order of the rows, and where each code begins."""
    small = np.int16 if groups < 2**15 else np.int64  # 16 bits are sorted by radix
    order = np.argsort(code.astype(small, copy=False), kind="stable")
    return order, np.append(0, np.cumsum(np.bincount(code, minlength=groups)))


def highest(start: Ints, stop: Ints, level: Ints) -> Steps:
    """The highest level (from 1 up) of the rows that count at each tick.

    For each level, the stretches in which some row at least as high counts; the state is how many of them hold.
    """
    if len(start) == 0:
        return Steps(NOTHING, NOTHING)
    begins, ends = [], []
    top = int(level.max())
    for least in range(1, top + 1):
        if least > 1:
            reaching = level >= least
            start, stop, level = start[reaching], stop[reaching], level[reaching]
        begun, ended = stretches(start, stop)
        begins.append(begun)
        ends.append(ended)
    at = np.concatenate(begins + ends)
    half = sum(map(len, begins))
    order = np.argsort(at, kind="stable")
    by = np.where(order < half, 1, -1)
    return changes_only(at[order], np.cumsum(by), 0)


def stretches(start: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """The stretches in which at least one row counts."""
    reach = stop if len(stop) < 2 or (stop[1:] >= stop[:-1]).all() else np.maximum.accumulate(stop)
    apart = np.empty(len(start) + 1, np.bool_)
    apart[0] = apart[-1] = True
    np.greater(start[1:], reach[:-1], out=apart[1:-1])
    return start[apart[:-1]], reach[apart[1:]]


def latest(start: Ints, stop: Ints, state: Ints) -> Steps:
    """The state of the row that began last, until it stops; ``stop`` rises with ``start``."""
    if len(start) == 0:
        return Steps(NOTHING, NOTHING)
    last = ends(start)
    if not last.all():
        start, stop, state = start[last], stop[last], state[last]
    lapses = np.ones(len(start), np.bool_)
    np.less(stop[:-1], start[1:], out=lapses[:-1])
    at, found = np.empty((len(start), 2), np.int64), np.zeros((len(start), 2), np.int64)
    at[:, 0], at[:, 1], found[:, 0] = start, stop, state
    keep = np.ones((len(start), 2), np.bool_)
    keep[:, 1] = lapses
    return changes_only(at[keep], found[keep], 0)


NUMPY = Passes(grouped, highest, merged, moves_only)
