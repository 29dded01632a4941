"""The table of episodes: stretches in which a syndrome certainly held, by the rules of ``stormwatch.course``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stormwatch.cohort.outputs.answers import MET, UNKNOWN, answers
from stormwatch.cohort.outputs.columns import times, words
from stormwatch.cohort.outputs.runs import Runs, episodes_of, next_not_met, runs
from stormwatch.cohort.outputs.schemas import EPISODES
from stormwatch.cohort.outputs.seen import Seen
from stormwatch.course.judging import Judge, judges, rules
from stormwatch.engines.columnar.changes import Changes
from stormwatch.engines.columnar.facts import Bools, Floats, Ints
from stormwatch.engines.columnar.times import NEVER, span
from stormwatch.instruments.instrument import Instrument

ENDS = ("resolved", "ongoing", "death", "not known", "not met, but not for long enough")
_RESOLVED, _ONGOING, _DEATH, _NOT_KNOWN, _TOO_SHORT = range(len(ENDS))


def episodes(found: Changes, ids: Sequence[str], instruments: Sequence[Instrument], seen: Seen) -> Any:
    """Every certain episode, by judge and patient."""
    places = {one.id: place for place, one in enumerate(instruments)}
    parts = [
        _of_judge(found, judge, instruments[places[judge.instrument]], places[judge.instrument], ids, seen)
        for judge in judges()
        if judge.holds != "never" and judge.instrument in places
    ]
    return pa.concat_tables([EPISODES.empty_table(), *parts]).unify_dictionaries().combine_chunks()


def _of_judge(found: Changes, judge: Judge, one: Instrument, place: int, ids: Sequence[str], seen: Seen) -> Any:
    start, stop = (int(edge) for edge in np.searchsorted(found.instrument, (place, place + 1)))
    rows = slice(start, stop)
    answer, patient = answers(found, rows, judge.holds), found.patient[rows]
    since, until, counts = seen.of_rows(patient, found.moment[rows])
    ever = np.zeros(int(patient.max(initial=0)) + 1, np.bool_)
    ever[patient[answer == MET]] = True
    kept = np.flatnonzero(counts & ever[patient])
    stretches = runs(patient[kept], answer[kept], since[kept], until[kept])
    first, last, after = episodes_of(stretches, rules())
    if not len(first):
        return EPISODES.empty_table()
    who, onset = stretches.patient[first], stretches.start[first]
    before = np.maximum(first - 1, 0)
    unsure = (first > 0) & (stretches.patient[before] == who) & (stretches.answer[before] == UNKNOWN)
    low, high = (np.where(np.isnan(c), -np.inf, c) for c in (found.low[rows][kept], found.high[rows][kept]))
    peak = _peaks(low, answer[kept] == MET, stretches.first[first], stretches.last[last])
    scoreless = np.full(len(first), one.score is None)
    last_met, resolved, end = _ends(stretches, last, after, seen.until[who], seen.death[who])
    same = np.zeros(len(first), np.int32)
    columns = {
        "patient": words(who, ids),
        "syndrome": words(same, [judge.syndrome]),
        "instrument": words(same, [one.id]),
        "edition": words(same, [one.edition]),
        "number": pa.array(_numbers(who)),
        "onset": times(onset),
        "possible_onset": times(np.where(unsure, stretches.start[before], onset)),
        "last_met": times(last_met),
        "resolved": times(resolved),
        "end": words(end, ENDS),
        "peak_low": pa.array(found.low[rows][kept][peak], mask=scoreless),
        "peak_high": pa.array(found.high[rows][kept][peak], mask=scoreless),
        "peak_at": times(np.maximum(since[kept][peak], onset), scoreless),
        "peak_possible": pa.array(_highest(high, stretches.first[first], stretches.last[last]), mask=scoreless),
    }
    return pa.table(columns, schema=EPISODES)


def _ends(found: Runs, last: Ints, after: Ints, until: Ints, death: Ints) -> tuple[Ints, Ints, npt.NDArray[np.int64]]:
    """When it was last certainly met, when it was certainly over, and what became of it."""
    over_at = next_not_met(found)[last]
    is_over = over_at < after
    over = np.where(is_over, found.start[np.minimum(over_at, len(found) - 1)], NEVER)
    start, stop = found.start[last], found.stop[last]
    died = (death <= until) & (~is_over | (death <= over))
    tail = found.stop[after - 1]
    confirmed = is_over & ((tail - np.where(is_over, over, 0) >= span(rules().quiet)) | (tail < until))
    alone = after == last + 1
    end = np.select([died, confirmed, is_over, alone], [_DEATH, _RESOLVED, _TOO_SHORT, _ONGOING], _NOT_KNOWN)
    last_met = np.where(died, np.maximum(np.minimum(stop, death), start), stop)
    return last_met, np.where(confirmed & ~died, over, NEVER), end


def _peaks(low: Floats, met: Bools, first: Ints, last: Ints) -> Ints:
    """The place of the highest certain score of each episode, the first of equal ones."""
    certain = np.where(met, low, -np.inf)
    highest = _highest(certain, first, last)
    lengths = last - first + 1
    row = np.arange(lengths.sum()) + np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
    reaches = met[row] & (certain[row] == np.repeat(highest, lengths))
    place = np.where(reaches, row, NEVER)
    peaks: Ints = np.minimum.reduceat(place, np.cumsum(lengths) - lengths)
    return peaks


def _highest(values: Floats, first: Ints, last: Ints) -> Floats:
    """The highest value from each first to its last place; these stretches do not overlap."""
    edges = np.stack((first, last + 1), axis=1).ravel()
    padded = np.append(values, -np.inf)
    found: Floats = np.maximum.reduceat(padded, edges)[::2]
    return found


def _numbers(patient: Ints) -> npt.NDArray[np.int32]:
    """The number of each episode within its patient, from 1 on."""
    new = np.flatnonzero(np.append(True, patient[1:] != patient[:-1]))
    lengths = np.diff(np.append(new, len(patient)))
    return (np.arange(len(patient)) - np.repeat(new, lengths) + 1).astype(np.int32)
