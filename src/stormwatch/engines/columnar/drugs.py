"""How many different drugs of a group were running or given within a window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stormwatch.engines.columnar import passes, people
from stormwatch.engines.columnar.batch import Batch, Rows
from stormwatch.engines.columnar.cells import Cells
from stormwatch.engines.columnar.facts import EXPOSURE, FINDING, Ints
from stormwatch.engines.columnar.reduce import Spans, ranks
from stormwatch.engines.columnar.steps import Steps, changes_only, merged, resting
from stormwatch.engines.columnar.times import FOREVER, NEVER, span
from stormwatch.facts import Interval
from stormwatch.logic.inputs import DrugInput

_DENIED, _GIVEN = 1, 2
_SAID_NO, _SAID_YES = 1, 2


def drug_steps(batch: Batch, which: DrugInput, cells: Cells) -> Steps:
    """The cells of a drug count; see the reference engine for what a denial and an outright statement do."""
    within = span(which.within)
    names = [(EXPOSURE, drug) for drug in sorted(which.drugs)]
    parts = [_course(batch, batch.rows(name), within) for name in names if batch.has(name)]
    parts.append(_statements(batch, (FINDING, which.stated), within) if which.stated else resting())
    complete = people.vouched(batch, resting(), batch.people.exposures_complete, 1)
    both = merged([*_counts(parts[:-1]), parts[-1], complete], (40, 8, 4, 0))
    codes, place = np.unique(both.state, return_inverse=True)
    states = [_state(code, len(which.drugs), cells) for code in (*codes.tolist(), both.rest)]
    found = np.array(states, np.int64)
    return changes_only(both.at, found[:-1][place], int(found[-1]))


def _counts(drugs: Sequence[Steps]) -> tuple[Steps, Steps]:
    """How many drugs are given, and how many denied and not given."""
    found = []
    for asked in (_GIVEN, _DENIED):
        is_so = [changes_only(one.at, (one.state == asked).astype(np.int64), 0) for one in drugs]
        found.append(merged(is_so, (0,) * len(is_so)) if is_so else resting())
    return found[0], found[1]


def _course(batch: Batch, rows: Rows, within: int) -> Steps:
    """Whether one drug was given, or only denied."""
    said = rows.taking(~np.isnan(rows.low))
    stop = said.until(within) if said.stop is None else _end(batch, said, said.stop, within)
    counts = said.start < stop
    level = np.where(said.low == 1, _GIVEN, _DENIED)
    return batch.passes.highest(said.start[counts], stop[counts], level[counts])


def _end(batch: Batch, rows: Rows, stop: Ints, within: int) -> Ints:
    """The tick at which a course has been over for as long as the window."""
    runs = (stop == NEVER) | (stop > FOREVER - within)
    ticks = np.where(runs, 0, stop) + within + batch.clock.shift[rows.patient]
    return np.where(runs, rows.limit, np.minimum(ticks, rows.limit))


def _statements(batch: Batch, name: tuple[str, str], within: int) -> Steps:
    """The last statement in the window; of several at once the one that stands last in the record."""
    if not batch.has(name):
        return resting()
    rows = batch.rows(name)
    said = np.where(rows.low > 0, _SAID_YES, _SAID_NO)
    spans = Spans(rows.patient, rows.start, rows.until(within), said, None, rows.time, rows.known).in_use()
    rank = ranks(spans)
    kept = rank == np.maximum.accumulate(rank) if len(rank) else rank.astype(np.bool_)
    spans = spans.taking(kept)
    return passes.latest(spans.start, spans.stop, spans.low)


def _state(code: int, group: int, cells: Cells) -> int:
    given, denied, said, complete = code >> 40, (code >> 8) & 0xFFFF, (code >> 4) & 3, code & 1
    if given or denied == group:
        return cells.state(Interval(given, given if complete else group - denied))
    if said:
        return cells.state(Interval.above(1, closed=True) if said == _SAID_YES else Interval.point(0))
    return cells.state(Interval.point(0)) if complete else 0
