"""What the pass must know of a batch: the inputs that read each code, their marks, the facts, and the told steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from stormwatch.engines.columnar.exact import thresholds
from stormwatch.engines.columnar.facts import MEASUREMENT, Facts, Line
from stormwatch.engines.columnar.onepass import walk
from stormwatch.engines.columnar.onepass.circuit import Circuit
from stormwatch.engines.columnar.times import span
from stormwatch.engines.columnar.units import Run, SignalUnit
from stormwatch.logic.inputs import LabInput, Take
from stormwatch.logic.nodes import Cut

_KINDS = {Take.LATEST: walk.LATEST, Take.HIGHEST: walk.HIGHEST, Take.LOWEST: walk.LOWEST}
_NO_FLAGS, _NO_FLOATS, _NO_INTS = np.zeros(0, np.bool_), np.zeros(0), np.zeros(0, np.int64)


def inputs_of(circuit: Circuit, facts: Facts) -> walk.Inputs:
    """The tables of the inputs that the pass reads off the facts."""
    which = [_lab(unit) for unit in circuit.scanned]
    cells = [unit.signal.cells for unit in circuit.scanned]
    codes = {name: code for code, name in enumerate(facts.names)}
    reads = sorted(
        (codes[MEASUREMENT, one.analyte], leaf) for leaf, one in enumerate(which) if (MEASUREMENT, one.analyte) in codes
    )
    most = max((cell.top for cell in cells), default=0)
    closed, open_low, open_high = _marks(tuple(cell.cuts for cell in cells), facts.lines, most)
    levels = np.array([cell.top + 2 for cell in cells], np.int64)
    return walk.Inputs(
        by_code=np.searchsorted([code for code, _ in reads], np.arange(len(facts.names) + 1)).astype(np.int64),
        reads=np.array([leaf for _, leaf in reads], np.int64),
        kind=np.array([_KINDS[one.take] for one in which], np.int64),
        within=np.array([walk.FAR if one.within is None else span(one.within) for one in which], np.int64),
        top=np.array([cell.top for cell in cells], np.int64),
        level_at=np.cumsum(levels) - levels,
        closed=closed,
        open_low=open_low,
        open_high=open_high,
        marks=most,
        lines=len(facts.lines),
    )


@lru_cache(maxsize=100)
def _marks(cuts: tuple[tuple[Cut, ...], ...], lines: tuple[Line, ...], most: int) -> tuple[np.ndarray, ...]:
    """The marks of every input on every line; what is left over is not a number."""
    found = np.full((3, len(cuts), len(lines), most), np.nan)
    for leaf, some in enumerate(cuts):
        for place, line in enumerate(lines):
            marks = thresholds(some, line)
            for kind, ends in enumerate((marks.closed, marks.open_low, marks.open_high)):
                found[kind, leaf, place, : len(some)] = ends
    return tuple(kind.ravel() for kind in found)


def _lab(unit: SignalUnit) -> LabInput:
    assert isinstance(unit.signal.input, LabInput)
    return unit.signal.input


def rows_of(facts: Facts) -> walk.Rows:
    """The columns, in the types the pass is compiled for."""
    two = facts.high is not None and bool((facts.high != facts.low).any())
    opened = facts.low_open is not None or facts.high_open is not None
    nobody = np.zeros(len(facts) if opened else 0, np.bool_)
    return walk.Rows(
        first=np.searchsorted(facts.patient, np.arange(len(facts.people) + 1)).astype(np.int64),
        usable=_own(facts.usable, np.int64),
        code=_own(facts.code, np.int64),
        low=_own(facts.low, np.float64),
        high=_own(facts.low if facts.high is None else facts.high, np.float64) if two or opened else _NO_FLOATS,
        low_open=nobody if facts.low_open is None else _own(facts.low_open, np.bool_),
        high_open=nobody if facts.high_open is None else _own(facts.high_open, np.bool_),
        line=_NO_INTS if facts.line is None else _own(facts.line, np.int64),
        two=two or opened,
        opened=opened,
        on_lines=facts.line is not None,
    )


def _own(column: np.ndarray | None, kind: type) -> np.ndarray:
    """A column the pass may have: another type of array would have it compiled again."""
    assert column is not None
    return np.require(column, kind, ["C", "W"])


def told_of(run: Run, circuit: Circuit) -> tuple[walk.Told, list[int]]:
    """The steps of what is worked out elsewhere, one after the other in time, and where they rest."""
    parts = [run.steps(unit) for unit in circuit.told]
    first = len(circuit.scanned)
    moving = [(first + place, part) for place, part in enumerate(parts) if len(part)]
    at, state = (_joined([getattr(part, name) for _, part in moving]) for name in ("at", "state"))
    node = _joined([np.full(len(part), place) for place, part in moving])
    order = np.argsort(at, kind="stable")
    return walk.Told(at[order], node[order], state[order]), [part.rest for part in parts]


def _joined(columns: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(columns) if columns else _NO_INTS.copy()
