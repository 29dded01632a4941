"""The cells of every kind of input along the timelines of a batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stormwatch.engines.columnar import people, reduce
from stormwatch.engines.columnar.batch import Batch
from stormwatch.engines.columnar.cells import PRESENT, Cells, Ends, regions
from stormwatch.engines.columnar.drugs import drug_steps
from stormwatch.engines.columnar.facts import EXPOSURE, FINDING, MEASUREMENT, Ints
from stormwatch.engines.columnar.rebuild import level_names, measured_names, patients_of, reference_steps
from stormwatch.engines.columnar.reduce import Spans
from stormwatch.engines.columnar.relative import divided, ratio_spans
from stormwatch.engines.columnar.steps import Steps, changes_only, joined, resting
from stormwatch.engines.columnar.times import span
from stormwatch.facts import Interval
from stormwatch.logic.inputs import (
    AgeInput,
    DeathInput,
    DrugInput,
    FindingInput,
    Input,
    LabInput,
    Relative,
    SexInput,
    Take,
)
from stormwatch.logic.nodes import Cut
from stormwatch.logic.truth import Truth


@dataclass(frozen=True)
class Signal:
    """An input and its cells."""

    input: Input
    cells: Cells


def signal_of(which: Input, cuts: tuple[Cut, ...]) -> Signal:
    """The signal of an input that is compared with these cuts."""
    if isinstance(which, FindingInput | SexInput | DeathInput):
        return Signal(which, Cells(PRESENT, Truth.UNKNOWN))
    return Signal(which, Cells(cuts, which.domain))


def signal_steps(batch: Batch, signal: Signal) -> Steps:
    """The states of a signal: see ``Cells`` for what they mean."""
    which = signal.input
    if isinstance(which, LabInput):
        return _lab(batch, which, signal.cells)
    if isinstance(which, FindingInput):
        return _finding(batch, which, signal.cells)
    if isinstance(which, DrugInput):
        return drug_steps(batch, which, signal.cells)
    if isinstance(which, AgeInput):
        return people.age_steps(batch, signal.cells)
    if isinstance(which, DeathInput):
        return people.death_steps(batch)
    return people.sex_steps(batch, which)


def _lab(batch: Batch, which: LabInput, cells: Cells) -> Steps:
    if not any(map(batch.has, measured_names(which))) or (_needs_dose(which) and not _has_dose(batch, which)):
        return resting()
    in_words = patients_of(batch, level_names(which))
    if not batch.has((MEASUREMENT, which.analyte)):
        return _asked(batch, which, cells, in_words)
    spans, doubtful = lab_spans(batch, which, cells.cuts)
    doubtful = np.union1d(doubtful, in_words) if len(in_words) else doubtful
    spans = without(spans, doubtful).in_use()
    if which.take is Take.LATEST:
        found, more = reduce.latest(spans, cells)
        doubtful = np.union1d(doubtful, more)
    else:
        found = reduce.extreme(batch.passes, spans, cells, highest=which.take is Take.HIGHEST)
    return joined((found, _asked(batch, which, cells, doubtful))) if len(doubtful) else found


def _needs_dose(which: LabInput) -> bool:
    return which.at_baseline or which.relative_to is Relative.BASELINE


def _has_dose(batch: Batch, which: LabInput) -> bool:
    return which.baseline is not None and any(batch.has((EXPOSURE, drug)) for drug in which.baseline.drugs)


def lab_spans(batch: Batch, which: LabInput, cuts: tuple[Cut, ...]) -> tuple[Spans, Ints]:
    """The spans that can answer a measurement, and the patients whose spans only the reference engine can tell."""
    rows = batch.rows((MEASUREMENT, which.analyte))
    if which.at_baseline or which.relative_to is not None:
        found, doubtful = divided(batch, which, rows)
        return ratio_spans(found, cuts, batch.facts.lines), doubtful
    ends = Ends(rows.low, rows.high, rows.low_open, rows.high_open, rows.line)
    low, high = regions(ends, cuts, batch.facts.lines)
    stop = rows.measured_until(which.within, batch)
    return Spans(rows.patient, rows.start, stop, low, high, rows.time, rows.known), np.zeros(0, np.int64)


def without(spans: Spans, patients: Ints) -> Spans:
    return spans.taking(~np.isin(spans.patient, patients)) if len(patients) else spans


def _asked(batch: Batch, which: Input, cells: Cells, patients: Ints) -> Steps:
    """What the reference engine says about some patients."""
    found: list[tuple[int, int]] = [
        (tick, _state(cells, step.reading.value, bool(step.reading.facts)))
        for tick, step in reference_steps(batch, which, patients)
    ]
    at, state = (np.array(column, np.int64) for column in zip(*found, strict=True))
    return changes_only(at, state, 0)


def _state(cells: Cells, value: Interval | Truth, recorded: bool) -> int:
    if not recorded:
        return 0
    assert isinstance(value, Interval)
    return cells.state(value)


def _finding(batch: Batch, which: FindingInput, cells: Cells) -> Steps:
    found = _stated(batch, which, cells)
    return people.vouched(batch, found, batch.people.findings_complete, 1)


def _stated(batch: Batch, which: FindingInput, cells: Cells) -> Steps:
    name = (FINDING, which.finding)
    if not batch.has(name):
        return resting()
    rows = batch.rows(name)
    stop = rows.until(None if which.within is None else span(which.within))
    present = (rows.low > 0).astype(np.int64)
    spans = Spans(rows.patient, rows.start, stop, present, None, rows.time, rows.known).in_use()
    if which.take is Take.ANY:
        return reduce.extreme(batch.passes, spans, cells, highest=True)
    found, doubtful = reduce.latest(spans, cells)
    assert not len(doubtful), "statements of equal windows stop in their order"
    return found
