"""Small cells, and the others that must go with them so that nobody can work the small ones out.

A cell of 1 up to, not including, ``least`` is suppressed. Cells are tied by equations whose totals are published (a
row and its total). So more cells are suppressed until what is published leaves every suppressed cell at least
``least`` possible values. Which further cells go (the smallest that suffices) is ours; that each small cell keeps a
wide enough range is checked by linear programming, with nothing assumed but that counts are not negative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

LEAST = 5


@dataclass(frozen=True, slots=True)
class Equation:
    """The sum of cells, each with its sign, is ``total``, which everybody knows."""

    signs: Mapping[str, int]
    total: int = 0


def small(count: int, least: int) -> bool:
    """
    >>> [small(count, 5) for count in (0, 1, 4, 5)]
    [False, True, True, False]
    """
    return 0 < count < least


def suppressed(
    cells: Mapping[str, int],
    equations: Sequence[Equation],
    least: int = LEAST,
    prized: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """The names of the cells that may not be shown. ``prized`` ones go only where no other will do.

    >>> row = {"met": 2, "not met": 90, "unknown": 8}
    >>> sorted(suppressed(row, [Equation(dict.fromkeys(row, 1), 100)]))
    ['met', 'unknown']
    """
    tiny = frozenset(name for name, count in cells.items() if small(count, least))
    order = sorted(cells, key=lambda name: (name in prized, cells[name] == 0, cells[name], name))
    hidden = _enough(cells, equations, least, tiny, order)
    for name in reversed(order):  # what went early may be needless by now; the most wanted come back first
        if name in hidden - tiny and _exposed(cells, hidden - {name}, equations, least) is None:
            hidden = hidden - {name}
    return hidden


def _enough(
    cells: Mapping[str, int], equations: Sequence[Equation], least: int, tiny: frozenset[str], order: Sequence[str]
) -> frozenset[str]:
    """The small cells, and others until none of them can be worked out."""
    hidden, room = tiny, least - 1
    while (exposed := _exposed(cells, hidden, equations, least)) is not None:
        tied = _others(hidden, equations, hidden)
        if not tied:
            return frozenset(cells)
        near = _others(frozenset({exposed}), equations, hidden) or tied
        enough = (name for name in order if name in tied and _width(exposed, cells, hidden | {name}, equations) >= room)
        hidden |= {next(enough, min(near, key=order.index))}
    return hidden


def _others(of: frozenset[str], equations: Sequence[Equation], hidden: frozenset[str]) -> set[str]:
    """The cells that stand in an equation with some of these and are not hidden yet."""
    return {name for one in equations if of & set(one.signs) for name in one.signs} - hidden


def _exposed(cells: Mapping[str, int], hidden: frozenset[str], equations: Sequence[Equation], least: int) -> str | None:
    """A hidden cell with too few possible values."""
    return next((name for name in sorted(hidden) if _width(name, cells, hidden, equations) < least - 1), None)


def _width(name: str, cells: Mapping[str, int], hidden: frozenset[str], equations: Sequence[Equation]) -> float:
    """How far apart the smallest and the largest value are that a hidden cell can have, given what is published."""
    unknown = sorted(hidden)
    rows = [one for one in equations if hidden & set(one.signs)]
    if not any(name in one.signs for one in rows):
        return np.inf
    matrix = np.array([[one.signs.get(cell, 0) for cell in unknown] for one in rows], float)
    known = [sum(sign * cells[cell] for cell, sign in one.signs.items() if cell not in hidden) for one in rows]
    totals = np.array([one.total - part for one, part in zip(rows, known, strict=True)], float)
    aim = np.array([cell == name for cell in unknown], float)
    ends = [linprog(sign * aim, A_eq=matrix, b_eq=totals, bounds=(0, None), method="highs") for sign in (1, -1)]
    if ends[1].status == 3:  # unbounded
        return np.inf
    return float(np.round(-ends[1].fun - ends[0].fun, 6))
