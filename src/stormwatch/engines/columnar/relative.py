"""Measurements over a reference limit or over the value before treatment, as spans.

The passes here tell the plain courses: limits printed with a value or known before it, and one first dose that was
known after all values before it. Patients whose facts became known in another order are named, and the reference
engine is asked about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from stormwatch.engines.columnar.batch import Batch, Rows
from stormwatch.engines.columnar.exact import canonical
from stormwatch.engines.columnar.facts import EXPOSURE, Bools, Floats, Ints, Line, taken, together
from stormwatch.engines.columnar.reduce import Spans
from stormwatch.engines.columnar.steps import distinct
from stormwatch.engines.columnar.times import FOREVER, span
from stormwatch.logic.inputs import LabInput, Relative
from stormwatch.logic.nodes import Cut

_CLOSE = 1e-12
_NOUGHT = 1e-9  # a scale with an offset (Fahrenheit) is rounded near zero


@dataclass(frozen=True, slots=True, eq=False)
class Divided:
    """Rows over other rows: which row, what it is divided by (None: nothing), from which tick to which."""

    rows: Rows
    by: Floats | None
    by_line: Ints | None
    start: Ints
    stop: Ints

    def taking(self, which: Ints | Bools) -> Divided:
        return taken(self, which)


@dataclass(frozen=True, slots=True, eq=False)
class _First:
    """The first dose of each patient who had one: its earliest moment and the tick from which it is known."""

    patient: Ints
    at: Ints
    since: Ints
    doubtful: Ints


def divided(batch: Batch, which: LabInput, rows: Rows) -> tuple[Divided, Ints]:
    """What can answer a relative input, and the patients about whom the reference engine must be asked."""
    rows = _in_time_order(rows)
    at_end = np.flatnonzero(batch.asked >= FOREVER)
    if which.at_baseline:
        found, doubtful = _at_baseline(batch, which, rows)
    elif which.relative_to is Relative.BASELINE:
        found, doubtful = _over_baseline(batch, which, rows)
    else:
        assert which.relative_to is not None
        found, doubtful = _over_limit(rows, _limits(batch, rows, which.relative_to), _until(rows, which))
    if (found.start[1:] < found.start[:-1]).any():
        found = found.taking(np.argsort(found.start, kind="stable"))
    return found, distinct(np.concatenate((doubtful, at_end)))


def _until(rows: Rows, which: LabInput) -> Ints:
    return rows.until(None if which.within is None else span(which.within))


def _in_time_order(rows: Rows) -> Rows:
    """Rows by what they are about, then by when they were known."""
    if rows.time is rows.start:
        return rows
    return rows.taking(np.lexsort((rows.time,) if rows.known is None else (rows.known, rows.time)))


# --- over a reference limit --------------------------------------------------------------------------------------


def _limits(batch: Batch, rows: Rows, relative: Relative) -> Floats:
    """The limit printed with each row; not a number where there is none, or none that can divide."""
    printed = rows.upper if relative is Relative.ULN else rows.lower
    if printed is None:
        return np.full(len(rows), np.nan)
    return np.where(_positive(batch, printed, rows.line), printed, np.nan)


def _over_limit(rows: Rows, limit: Floats, stop: Ints) -> tuple[Divided, Ints]:
    """Each row over its own limit, or over the one of the row before it that has one."""
    own = ~np.isnan(limit)
    source = np.where(own, np.arange(len(rows)), -1)
    source = np.maximum.accumulate(source) if len(source) else source
    has = (source >= 0) & (rows.patient[source] == rows.patient)
    late = has & ~own & (rows.start[source] > rows.start)
    line = None if rows.line is None else rows.line[source]
    found, keep = Divided(rows, limit[source], line, rows.start, stop), has & ~late
    return found if keep.all() else found.taking(keep), distinct(rows.patient[late])


# --- over the value before treatment -----------------------------------------------------------------------------


def _first_doses(batch: Batch, which: LabInput) -> _First:
    assert which.baseline is not None
    given = [batch.rows(name) for drug in sorted(which.baseline.drugs) if batch.has(name := (EXPOSURE, drug))]
    given = [rows.taking(rows.low == 1) for rows in given]
    patient = together(rows.patient for rows in given)
    since = together(rows.start for rows in given)
    at = together(_earliest(batch, rows) for rows in given)
    order = np.lexsort((at, since))
    patient, since, at = patient[order], since[order], at[order]
    known_first = np.append(True, patient[1:] != patient[:-1])[: len(patient)]
    who = patient[known_first]
    least = np.minimum.reduceat(at, np.flatnonzero(known_first)) if len(at) else at
    late = least < at[known_first]
    return _First(who, at[known_first], since[known_first], who[late])


def _earliest(batch: Batch, rows: Rows) -> Ints:
    return rows.time - batch.clock.shift[rows.patient] if rows.earliest is None else rows.earliest


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """The row that was the value before treatment, of each patient who has one, and since when it is known to be."""

    patient: Ints
    row: Ints
    since: Ints
    doubtful: Ints


def _before(batch: Batch, which: LabInput, rows: Rows) -> _Before:
    """The latest row before the first dose. ``rows`` are in the order of time."""
    first = _first_doses(batch, which)
    dose = np.searchsorted(first.patient, rows.patient)
    dose = np.minimum(dose, max(len(first.patient) - 1, 0))
    if len(first.patient) == 0:
        none = np.zeros(0, np.int64)
        return _Before(none, none, none, none)
    treated = first.patient[dose] == rows.patient
    at = first.at[dose] + batch.clock.shift[rows.patient]
    inside = treated & (rows.time <= at)
    assert which.baseline is not None
    if which.baseline.within is not None:
        inside &= rows.time >= at - span(which.baseline.within)
    place = np.flatnonzero(inside)
    late = rows.start[place] > first.since[dose[place]]
    patient = rows.patient[place]
    last = np.append(patient[1:] != patient[:-1], True)[: len(patient)]
    doubtful = distinct(np.concatenate((first.doubtful, patient[late])))
    return _Before(patient[last], place[last], first.since[dose[place[last]]], doubtful)


def _over_baseline(batch: Batch, which: LabInput, rows: Rows) -> tuple[Divided, Ints]:
    before = _before(batch, which, rows)
    point = rows.high is None or rows.high[before.row] == rows.low[before.row]
    value = rows.low[before.row]
    line = None if rows.line is None else rows.line[before.row]
    usable = point & np.isfinite(value) & _positive(batch, value, line)
    patient, row, since = before.patient[usable], before.row[usable], before.since[usable]
    if len(patient) == 0:
        nobody = np.zeros(len(rows), np.bool_)
        return Divided(rows, rows.low, rows.line, rows.start, rows.start).taking(nobody), before.doubtful
    place = np.minimum(np.searchsorted(patient, rows.patient), len(patient) - 1)
    base = row[place]
    follows = (patient[place] == rows.patient) & (rows.time > rows.time[base])
    start = np.maximum(rows.start, since[place])
    line = None if rows.line is None else rows.line[base]
    return Divided(rows, rows.low[base], line, start, _until(rows, which)).taking(follows), before.doubtful


def _at_baseline(batch: Batch, which: LabInput, rows: Rows) -> tuple[Divided, Ints]:
    before = _before(batch, which, rows)
    start, stop = before.since, rows.limit[before.row]
    if which.relative_to is None:
        return Divided(rows.taking(before.row), None, None, start, stop), before.doubtful
    limit = _limits(batch, rows, which.relative_to)
    own = ~np.isnan(limit[before.row])
    borrowed = before.patient[~own & np.isin(before.patient, rows.patient[~np.isnan(limit)])]
    row = before.row[own]
    line = None if rows.line is None else rows.line[row]
    found = Divided(rows.taking(row), limit[row], line, start[own], stop[own])
    return found, distinct(np.concatenate((before.doubtful, borrowed)))


def _positive(batch: Batch, recorded: Floats, line: Ints | None) -> Bools:
    """Whether recorded numbers are above zero in the canonical unit."""
    slope, offset = _lines(batch.facts.lines)
    place = np.zeros(len(recorded), np.int64) if line is None else line
    above: Bools = recorded * slope[place] + offset[place] > np.where(offset[place] == 0, 0, _NOUGHT)
    return above


def _lines(lines: tuple[Line, ...]) -> tuple[Floats, Floats]:
    return np.array([float(slope) for slope, _ in lines]), np.array([float(offset) for _, offset in lines])


# --- regions of ratios -------------------------------------------------------------------------------------------


def ratio_spans(found: Divided, cuts: tuple[Cut, ...], lines: tuple[Line, ...]) -> Spans:
    """The spans of rows over what they are divided by, in the regions of the cuts."""
    rows = found.rows
    low = _regions(rows.low, rows.low_open, True, found, cuts, lines)
    high = None
    if rows.high is not None:
        high = _regions(rows.high, rows.high_open, False, found, cuts, lines)
    return Spans(rows.patient, found.start, found.stop, low, high, rows.time, rows.known)


def _regions(
    ends: Floats, opened: Bools | None, low_end: bool, found: Divided, cuts: tuple[Cut, ...], lines: tuple[Line, ...]
) -> Ints:
    """How many cuts each ratio lies above: by float where that is plain, by fractions where it is close."""
    ratio = _approximately(ends, found, lines)
    region = np.zeros(len(ends), np.int64)
    for cut, belongs_above in cuts:
        above = ratio > float(cut)
        close = np.abs(ratio - float(cut)) <= _CLOSE * (np.abs(ratio) + abs(float(cut)) + 1)
        for row in np.flatnonzero(close & np.isfinite(ratio)).tolist():
            exact = _exactly(ends, found, lines, row)
            belongs = low_end if opened is not None and opened[row] else belongs_above
            above[row] = exact > cut or (exact == cut and belongs)
        region += above
    return region


def _approximately(ends: Floats, found: Divided, lines: tuple[Line, ...]) -> Floats:
    slope, offset = _lines(lines)
    line, by_line = found.rows.line, found.by_line
    value = ends * slope[0] + offset[0] if line is None else ends * slope[line] + offset[line]
    if found.by is None:
        return value
    limit = found.by * slope[0] + offset[0] if by_line is None else found.by * slope[by_line] + offset[by_line]
    quotient: Floats = value / limit
    return quotient


def _exactly(ends: Floats, found: Divided, lines: tuple[Line, ...], row: int) -> Fraction:
    line = lines[0 if found.rows.line is None else int(found.rows.line[row])]
    if found.by is None:
        return Fraction(canonical(float(ends[row]), line))
    by_line = lines[0 if found.by_line is None else int(found.by_line[row])]
    return _ratio(float(ends[row]), line, float(found.by[row]), by_line)


@lru_cache(maxsize=100_000)
def _ratio(value: float, line: Line, by: float, by_line: Line) -> Fraction:
    return Fraction(canonical(value, line)) / Fraction(canonical(by, by_line))
