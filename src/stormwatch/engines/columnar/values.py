"""Inputs whose exact value is needed, because a formula reads them."""

from __future__ import annotations

from typing import Any

import numpy as np

from stormwatch.engines.columnar import reduce
from stormwatch.engines.columnar.batch import Batch, Rows
from stormwatch.engines.columnar.facts import MEASUREMENT, Bools, Ints
from stormwatch.engines.columnar.rebuild import interval, measured_names, names_of, patients_of, reference_steps
from stormwatch.engines.columnar.steps import Steps, changes_only, joined, resting
from stormwatch.engines.columnar.units import Run
from stormwatch.facts import Interval
from stormwatch.logic.inputs import LabInput, Take


class ValueUnit:
    """A measurement with its exact value; state 0 is silence."""

    def __init__(self, which: LabInput) -> None:
        self.input = which
        self.needs = frozenset(names_of(which))
        self._worths: list[Any] = [(which.domain, False)]
        self._states: dict[Interval, int] = {}

    @property
    def size(self) -> int:
        return len(self._worths)

    def resting(self) -> Steps:
        return resting()

    def worth(self, state: int) -> Any:
        return self._worths[state]

    def state(self, value: Interval) -> int:
        found = self._states.setdefault(value, len(self._worths))
        if found == len(self._worths):
            self._worths.append((value, True))
        return found

    def steps(self, run: Run) -> Steps:
        batch, name = run.batch, (MEASUREMENT, self.input.analyte)
        turns, doubtful = latest_rows(batch, self.input)
        found = self._valued(batch, batch.rows(name), turns) if len(turns) else turns
        return joined((found, self._asked(batch, doubtful))) if len(doubtful) else found

    def _valued(self, batch: Batch, rows: Rows, turns: Steps) -> Steps:
        """Row numbers (from 1) as states of values."""
        different, place = np.unique(turns.state, return_inverse=True)
        lines = batch.facts.lines
        states = [
            self.state(interval(rows, row - 1, lines[0 if rows.line is None else int(rows.line[row - 1])]))
            if row
            else 0
            for row in different.tolist()
        ]
        return changes_only(turns.at, np.array(states, np.int64)[place], 0)

    def _asked(self, batch: Batch, patients: Ints) -> Steps:
        found = []
        for tick, step in reference_steps(batch, self.input, patients):
            value = step.reading.value
            assert isinstance(value, Interval)
            found.append((tick, self.state(value) if step.reading.facts else 0))
        at, state = (np.array(column, np.int64) for column in zip(*found, strict=True))
        return changes_only(at, state, 0)


def latest_rows(batch: Batch, which: LabInput) -> tuple[Steps, Ints]:
    """The number (from 1) of the row that is the latest at each tick, and the patients for whom this is not enough.

    Such are patients with two values of the same time, and everyone when the input asks for something but the latest.
    """
    plain = which.take is Take.LATEST and which.relative_to is None and not which.at_baseline
    if not plain:
        return resting(), patients_of(batch, measured_names(which))
    if not batch.has((MEASUREMENT, which.analyte)):
        return resting(), np.zeros(0, np.int64)
    rows = batch.rows((MEASUREMENT, which.analyte))
    number = np.arange(1, len(rows) + 1)
    stop = rows.measured_until(which.within, batch)
    spans = reduce.Spans(rows.patient, rows.start, stop, number, None, rows.time, rows.known).in_use()
    return reduce.latest_of_each(spans, lambda one, other: _differ(rows, one - 1, other - 1))


def _differ(rows: Rows, one: Ints, other: Ints) -> Bools:
    """Whether two rows hold different values."""
    found = np.zeros(len(one), np.bool_)
    for column in (rows.low, rows.high, rows.low_open, rows.high_open, rows.line):
        if column is not None:
            found |= column[one] != column[other]
    return found
