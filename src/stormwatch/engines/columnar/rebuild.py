"""Asking the reference engine: from columns back to the facts of one patient, for the rare courses no pass can tell.

Such are limits and baselines that become known after the values they belong to, or a first dose learnt of late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np

from stormwatch.engines.columnar.batch import Batch, Rows
from stormwatch.engines.columnar.exact import canonical
from stormwatch.engines.columnar.facts import EXPOSURE, FINDING, LEVELS, MEASUREMENT, Floats, Ints, Line, Name, together
from stormwatch.engines.columnar.steps import distinct
from stormwatch.engines.columnar.times import BEGINNING, NEVER, micros, moment
from stormwatch.facts import (
    Exposure,
    Fact,
    Finding,
    Given,
    Interval,
    Level,
    Limit,
    Measurement,
    Origin,
    Patient,
    Timeline,
    When,
)
from stormwatch.logic.inputs import AgeInput, DeathInput, DrugInput, FindingInput, Input, LabInput, SexInput
from stormwatch.logic.reading import Step
from stormwatch.logic.windows import steps

PERSON: dict[type[Input], Name] = {
    AgeInput: ("person", "birth"),
    SexInput: ("person", "sex"),
    DeathInput: ("person", "death"),
}
"""The names under which a batch says what it knows of the patients themselves."""
VOUCHED = {FINDING: ("complete", "findings"), EXPOSURE: ("complete", "exposures")}


_LIMITS = {kind: limit for limit, kind in LEVELS.items()}


def names_of(which: Input) -> list[Name]:
    """The names of what can answer an input."""
    if isinstance(which, LabInput):
        drugs = which.baseline.drugs if which.baseline else ()
        return [*measured_names(which), *((EXPOSURE, drug) for drug in sorted(drugs))]
    if isinstance(which, FindingInput):
        return [(FINDING, which.finding), VOUCHED[FINDING]]
    if not isinstance(which, DrugInput):
        return [PERSON[type(which)]]
    stated = [(FINDING, which.stated)] if which.stated else []
    return [*((EXPOSURE, drug) for drug in sorted(which.drugs)), *stated, VOUCHED[EXPOSURE]]


def measured_names(which: LabInput) -> list[Name]:
    """The names of measurements and of levels in words that can answer an input."""
    return [(MEASUREMENT, which.analyte), *level_names(which)]


def level_names(which: LabInput) -> list[Name]:
    """The name of the levels in words that are multiples of what an input is relative to."""
    return [(LEVELS[Limit(which.relative_to.value)], which.analyte)] if which.relative_to else []


def patients_of(batch: Batch, names: Iterable[Name]) -> Ints:
    """Everyone with any fact of these names."""
    return distinct(together(batch.rows(name).patient for name in names if batch.has(name)))


def reference_steps(batch: Batch, which: Input, patients: Ints) -> Iterator[tuple[int, Step]]:
    """Every reading the reference engine gives to an input after the first, with its tick, for some patients."""
    for patient in patients.tolist():
        shift, limit = int(batch.clock.shift[patient]), int(batch.clock.base[patient + 1])
        for step in steps(timeline(batch, which, patient), which):
            ticks = micros(step.moment)
            if ticks > BEGINNING and ticks <= batch.asked[patient]:
                yield ticks + shift, step
        yield limit, Step(moment(0), steps(Timeline(Patient(""), ()), which)[0].reading)


def timeline(batch: Batch, which: Input, patient: int) -> Timeline:
    """The facts of one patient that can answer an input."""
    facts: list[tuple[tuple[int, int, int], Fact]] = []
    for name in names_of(which):
        if batch.has(name):
            rows = batch.rows(name)
            start, stop = np.searchsorted(rows.patient, (patient, patient + 1))
            facts += _facts(rows.taking(np.arange(start, stop)), name, batch, patient)
    return Timeline(Patient(""), tuple(fact for _, fact in sorted(facts, key=lambda pair: pair[0])))


def _facts(rows: Rows, name: Name, batch: Batch, patient: int) -> Iterator[tuple[tuple[int, int, int], Fact]]:
    shift = int(batch.clock.shift[patient])
    for row in range(len(rows)):
        time, usable = int(rows.time[row]) - shift, int(rows.start[row]) - shift
        known = usable if rows.known is None else int(rows.known[row])
        yield (time, known, row), _fact(rows, row, name, time, known, batch.facts.lines)


def _fact(rows: Rows, row: int, name: Name, time: int, known: int, lines: tuple[Line, ...]) -> Fact:
    kind, what = name
    at, then = When.at(moment(time)), When.at(moment(known))
    origin = Origin("", "")
    if kind == MEASUREMENT:
        line = lines[0 if rows.line is None else int(rows.line[row])]
        lower, upper = _limit(rows.lower, row, line), _limit(rows.upper, row, line)
        return Measurement(what, interval(rows, row, line), "", at, then, origin, lower, upper)
    if kind in _LIMITS:
        value = interval(rows, row, lines[0 if rows.line is None else int(rows.line[row])])
        return Level(what, _LIMITS[kind], value, "", at, then, origin)
    if kind == FINDING:
        return Finding(what, bool(rows.low[row]), "", at, then, origin)
    begun = time if rows.earliest is None else int(rows.earliest[row])
    stop = time if rows.stop is None else int(rows.stop[row])
    given = {1.0: Given.GIVEN, 0.0: Given.NOT_GIVEN}.get(float(rows.low[row]), Given.ORDERED)
    start = When(moment(begun), moment(time), "")
    end = None if stop == NEVER else When.at(moment(stop))
    return Exposure(what, given, "", start, then, origin, stop=end, running=end is None)


def interval(rows: Rows, row: int, line: Line) -> Interval:
    """A recorded value, exactly."""
    low = canonical(float(rows.low[row]), line)
    high = low if rows.high is None else canonical(float(rows.high[row]), line)
    low_open = rows.low_open is not None and bool(rows.low_open[row])
    high_open = rows.high_open is not None and bool(rows.high_open[row])
    return Interval(low, high, not low_open, not high_open)


def _limit(column: Floats | None, row: int, line: Line) -> Fraction | None:
    return None if column is None or np.isnan(column[row]) else Fraction(canonical(float(column[row]), line))
