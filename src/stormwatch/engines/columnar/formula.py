"""Published formulas over measured values, for all rows at once and exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stormwatch.engines.columnar import columns as c
from stormwatch.engines.columnar.batch import ALWAYS, Batch
from stormwatch.engines.columnar.columns import Column, Quotients
from stormwatch.engines.columnar.facts import MEASUREMENT, Bools, Floats, Ints
from stormwatch.engines.columnar.rebuild import interval, reference_steps
from stormwatch.engines.columnar.steps import Steps, changes_only, distinct, joined, moves_only
from stormwatch.engines.columnar.units import CODE_BITS, Run, Unit
from stormwatch.engines.columnar.values import latest_rows
from stormwatch.facts import Interval
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import holds
from stormwatch.logic.inputs import LabInput
from stormwatch.logic.truth import Truth

TRUTHS = (Truth.NOT_MET, Truth.UNKNOWN, Truth.MET)


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """What a formula reads: its states along a batch, what they are as numbers, and what they are exactly."""

    steps: Steps
    column: Column
    exact: Callable[[int], Interval]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The values of a formula along a batch, by state: the nearest float64 of both ends, and the exact interval."""

    low: Floats
    high: Floats
    low_closed: Bools
    high_closed: Bools
    exact: Callable[[int], Interval]


def measured(run: Run, which: LabInput) -> Leaf:
    """A measurement, worked out once for all formulas that read it."""
    if which not in run.leaves:
        run.leaves[which] = _measured(run, which)
    found: Leaf = run.leaves[which]
    return found


def _measured(run: Run, which: LabInput) -> Leaf:
    """A measurement: state 0 is silence, then come the values the reference engine was asked for, then the rows."""
    batch = run.batch
    turns, doubtful = latest_rows(batch, which)
    told, values = _told(batch, which, doubtful)
    turns = Steps(turns.at, np.where(turns.state > 0, turns.state + len(values) - 1, 0))
    steps = joined((turns, told)) if len(doubtful) else turns
    if not len(turns):
        return Leaf(steps, c.of_intervals(values), values.__getitem__)
    rows, lines = batch.rows((MEASUREMENT, which.analyte)), batch.facts.lines

    def exact(state: int) -> Interval:
        row = state - len(values)
        return values[state] if row < 0 else interval(rows, row, lines[0 if rows.line is None else int(rows.line[row])])

    return Leaf(steps, c.of_rows(rows, lines, values), exact)


def _told(batch: Batch, which: LabInput, patients: Ints) -> tuple[Steps, list[Interval]]:
    """What the reference engine says about some patients: its steps, and the values its states stand for."""
    values, at, state = {which.domain: 0}, [], []
    for tick, step in reference_steps(batch, which, patients):
        value = step.reading.value
        assert isinstance(value, Interval)
        at.append(tick)
        state.append(values.setdefault(value, len(values)) if step.reading.facts else 0)
    return changes_only(np.array(at, np.int64), np.array(state, np.int64), 0), list(values)


def counted(run: Run, unit: Unit) -> Leaf:
    """A part with few values, such as points."""
    steps = run.steps(unit)
    worths = [unit.worth(state) for state in range(unit.size)]
    return Leaf(steps, c.of_intervals(worths), worths.__getitem__)


class Formula:
    """A formula: ``readers`` give what it reads, ``node`` is the same formula over the stand-ins ``stubs``."""

    size = 0

    def __init__(
        self,
        node: n.NumberNode,
        stubs: Sequence[n.NumberItem],
        reads: Sequence[LabInput | Unit],
        exact: Callable[[Any], Any],
    ) -> None:
        self.needs = frozenset((ALWAYS,))
        self.node = node
        self._stubs = stubs
        self.reads = reads
        self.exactly = exact

    def resting(self) -> Steps:
        raise TypeError("a formula is always asked")

    def worth(self, state: int) -> Any:
        raise TypeError("what a state of a formula means is in the table of the batch")

    def steps(self, run: Run) -> Steps:
        leaves = [measured(run, one) if isinstance(one, LabInput) else counted(run, one) for one in self.reads]
        at, states = _side_by_side(run, [leaf.steps for leaf in leaves])
        exact = self._exactly(leaves, states)
        table, state = self._table(leaves, states, exact)
        run.tables[id(self)] = table
        return moves_only(at, state[1:], int(state[0]))

    def _exactly(self, leaves: Sequence[Leaf], states: Sequence[Ints]) -> Callable[[int], Interval]:
        def exact(row: int) -> Interval:
            worths = tuple(leaf.exact(int(state[row])) for leaf, state in zip(leaves, states, strict=True))
            found: Interval = self.exactly(worths)
            return found

        return exact

    def _table(
        self, leaves: Sequence[Leaf], states: Sequence[Ints], exact: Callable[[int], Interval]
    ) -> tuple[Table, Ints]:
        """The value of every row, and for every row the first one of the run of equal rows it belongs to."""
        parts = {stub: leaf.column.at(state) for stub, leaf, state in zip(self._stubs, leaves, states, strict=True)}
        found = _worth(self.node, parts, len(states[0]))
        low, high = c.nearest(found.low), c.nearest(found.high)
        low_closed, high_closed = found.low_closed, found.high_closed
        same = c.same_as_before(found.low, low) & c.same_as_before(found.high, high)
        for row in np.flatnonzero(np.isnan(low) | np.isnan(high)).tolist():
            value = exact(row)
            low[row], high[row] = float(value.low), float(value.high)
            low_closed[row], high_closed[row] = value.low_closed, value.high_closed
            same[row : row + 1] = row > 0 and exact(row - 1) == value
            same[row + 1 : row + 2] = row + 1 < len(low) and exact(row + 1) == value
        same[1:] &= (low_closed[1:] == low_closed[:-1]) & (high_closed[1:] == high_closed[:-1])
        state = np.maximum.accumulate(np.where(same, 0, np.arange(len(low))))
        return Table(low, high, low_closed, high_closed, exact), state


def _side_by_side(run: Run, parts: Sequence[Steps]) -> tuple[Ints, list[Ints]]:
    """Every tick at which any part moves, and the states of each part: first at rest, then at those ticks."""
    bits = [int(part.state.max()).bit_length() if len(part) else part.rest.bit_length() for part in parts]
    if sum(bits) > CODE_BITS:
        at = distinct(np.concatenate([part.at for part in parts]))
        return at, [np.append(part.rest, part.index(at)) for part in parts]
    shifts = [sum(bits[:place]) for place in range(len(bits))]
    both = run.batch.passes.merged(parts, shifts)
    codes = np.append(both.rest, both.state)
    return both.at, [(codes >> shift) & ((1 << width) - 1) for shift, width in zip(shifts, bits, strict=True)]


def _worth(node: n.NumberNode, parts: dict[n.NumberItem, Column], count: int) -> Quotients:
    if isinstance(node, n.Quotient):
        above = c.product([_column(part, parts, count) for part in node.above])
        return c.divided(above, c.product([_column(part, parts, count) for part in node.below]))
    return c.quotients(_column(node, parts, count))


def _column(node: n.NumberNode, parts: dict[n.NumberItem, Column], count: int) -> Column:
    if isinstance(node, n.NumberItem):
        return parts[node]
    if isinstance(node, n.Constant):
        return c.of_intervals([Interval.point(node.value)]).at(np.zeros(count, np.int64))
    assert isinstance(node, n.Linear)
    return c.linear([(term.coefficient, _column(term.number, parts, count)) for term in node.terms], node.constant)


class Cut:
    """A formula against a cut-off; the states are ``TRUTHS``."""

    size = len(TRUTHS)

    def __init__(self, formula: Formula, op: n.Op, cutoff: Any) -> None:
        self.formula, self._op, self._cutoff = formula, op, cutoff
        self.needs = formula.needs

    def resting(self) -> Steps:
        raise TypeError("a formula is always asked")

    def worth(self, state: int) -> Truth:
        return TRUTHS[state]

    def steps(self, run: Run) -> Steps:
        steps = run.steps(self.formula)
        table = run.tables[id(self.formula)]
        met = self._met(table)
        return moves_only(steps.at, met[steps.state], int(met[steps.rest]))

    def state_of(self, value: Interval) -> int:
        """The state for one exact value."""
        return TRUTHS.index(holds(value, self._op, self._cutoff))

    def _met(self, table: Table) -> Ints:
        """The answer for every row: by float64 unless an end is as near to the cut-off as float64 can tell."""
        cut = float(self._cutoff)
        found = np.where(table.low > cut, 2, np.where(table.high < cut, 0, 1))
        if self._op in (n.Op.BELOW, n.Op.AT_MOST):
            found = 2 - found
        for row in np.flatnonzero((table.low == cut) | (table.high == cut)).tolist():
            found[row] = self.state_of(table.exact(row))
        return found
