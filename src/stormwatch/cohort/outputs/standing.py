"""Where each patient stands by each instrument over the whole record: the worst that can be said for certain.

- ``met``: the criteria were certainly met at some moment;
- ``possible``: never certainly met, but at some moment not excluded while a criterion or point was certainly there;
- ``open``: never more than not excluded, for want of answers;
- ``excluded``: certainly not met from the first fact to the end.

An instrument that only grades is met from grade 1 on. One with neither a verdict nor a grade has no standing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stormwatch.cohort.outputs.answers import MET, UNKNOWN, answers
from stormwatch.cohort.outputs.columns import times, words
from stormwatch.cohort.outputs.schemas import STANDING
from stormwatch.cohort.outputs.seen import Seen
from stormwatch.engines.columnar.changes import Changes
from stormwatch.engines.columnar.facts import Bools, Ints
from stormwatch.engines.columnar.times import NEVER
from stormwatch.instruments.instrument import Instrument

STANDINGS = ("excluded", "open", "possible", "met")


def decides_by(one: Instrument) -> str:
    """``verdict``, or ``grade`` where a grade of 1 or more decides; empty for an instrument that has neither."""
    if one.verdict is not None:
        return "verdict"
    return "grade" if one.score is not None and one.definition.kind == "grade" else ""


def standing(found: Changes, ids: Sequence[str], instruments: Sequence[Instrument], seen: Seen) -> Any:
    """One row for each patient and instrument that decides; patients without any fact have none."""
    parts = [(place, *_of_one(found, one, place, seen)) for place, one in enumerate(instruments) if decides_by(one)]
    if not parts:
        return STANDING.empty_table()
    columns = [np.concatenate(column) for column in list(zip(*parts, strict=True))[1:]]
    place = np.repeat([part[0] for part in parts], [len(part[1]) for part in parts])
    order = np.argsort(columns[0], kind="stable")
    who, state, met, possible = (column[order] for column in columns)
    table = {
        "patient": words(who, ids),
        "instrument": words(place[order], [one.id for one in instruments]),
        "standing": words(state, STANDINGS),
        "first_met": times(met),
        "first_possible": times(possible),
    }
    return pa.table(table, schema=STANDING)


def _of_one(found: Changes, one: Instrument, place: int, seen: Seen) -> tuple[Ints, Ints, Ints, Ints]:
    """Patients, where they stand, since when the criteria were met, and since when possible."""
    start, stop = (int(edge) for edge in np.searchsorted(found.instrument, (place, place + 1)))
    rows = slice(start, stop)
    patient, moment = found.patient[rows], found.moment[rows]
    begins = np.append(True, patient[1:] != patient[:-1])[: len(patient)]
    since, _, counts = seen.of_rows(patient, moment)
    answer = answers(found, rows, decides_by(one))
    met, unsure = counts & (answer == MET), counts & (answer == UNKNOWN)
    hinted = unsure & _something_there(found, rows, one)
    starts = np.flatnonzero(begins)
    firsts = [_first(since, mask, starts) for mask in (met, hinted, unsure)]
    state = np.select([first != NEVER for first in firsts], [3, 2, 1], 0)
    return patient[begins], state, firsts[0], firsts[1]


def _something_there(found: Changes, rows: slice, one: Instrument) -> Bools:
    full = one.full_range
    there: Bools = found.low[rows] > (np.inf if full is None else float(full.low))
    return there


def _first(moment: Ints, mask: Bools, starts: npt.NDArray[np.int64]) -> Ints:
    """The first moment at which something held, patient by patient."""
    if not len(starts):
        return moment
    found: Ints = np.minimum.reduceat(np.where(mask, moment, NEVER), starts)
    return found
