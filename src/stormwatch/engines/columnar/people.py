"""What is known of the patients themselves: age, sex, death, and what whoever gave the record vouches for."""

from __future__ import annotations

import numpy as np

from stormwatch.engines.columnar.batch import Batch
from stormwatch.engines.columnar.cells import Cells
from stormwatch.engines.columnar.facts import SEXES, UNBORN, Bools, Ints
from stormwatch.engines.columnar.steps import Steps, changes_only, resting
from stormwatch.facts import Interval
from stormwatch.logic.inputs import SexInput

_DAY = 86_400_000_000
_NOT_MET, _MET = 1, 2
DEATH_RESTS = _NOT_MET


def vouched(batch: Batch, found: Steps, complete: Bools, silence: int) -> Steps:
    """The same steps with silence read as ``silence`` for the patients whose record is vouched to be complete."""
    if not complete.any():
        return found
    at = np.union1d(found.at, batch.clock.base[:-1][batch.known])
    at = at[at < batch.clock.base[-1]]
    state = found.index(at)
    patient, _ = batch.clock.moments(at)
    return changes_only(at, np.where((state == 0) & complete[patient], silence, state), 0)


def sex_steps(batch: Batch, which: SexInput) -> Steps:
    """Known from the beginning, or never."""
    sex = batch.people.sex[batch.known]
    asked = SEXES.index(which.sex)
    state = np.where(sex == 0, 0, np.where(sex == asked, _MET, _NOT_MET))
    return changes_only(batch.clock.base[:-1][batch.known], state, 0)


def death_steps(batch: Batch) -> Steps:
    """Alive until the last moment the death may have been."""
    death, base = batch.people.death, batch.clock.base
    dead = np.flatnonzero(batch.known & (death <= batch.asked))
    if len(dead) == 0:
        return resting(_NOT_MET)
    at = np.stack((death[dead] + batch.clock.shift[dead], base[dead + 1]), axis=1).ravel()
    return changes_only(at, np.tile(np.array((_MET, _NOT_MET)), len(dead)), _NOT_MET)


def age_steps(batch: Batch, cells: Cells) -> Steps:
    """Completed years at the first fact, and again on every birthday up to the last fact."""
    clock, who = batch.clock, batch.people
    dated = np.flatnonzero(batch.known & (who.born_last != UNBORN))
    patient, moment = _birthdays(batch, dated)
    at = np.concatenate((clock.base[:-1][batch.known], moment + clock.shift[patient]))
    patient = np.concatenate((np.flatnonzero(batch.known), patient))
    seen = np.concatenate((batch.first[batch.known], moment))
    order = np.argsort(at, kind="stable")
    at, patient, seen = at[order], patient[order], seen[order]
    day = seen // _DAY
    low, high = _completed(who.born_last[patient], day), _completed(who.born_first[patient], day)
    known = who.born_last[patient] != UNBORN
    return changes_only(at, _age_states(low, high, known, cells), 0)


def _age_states(low: Ints, high: Ints, known: Bools, cells: Cells) -> Ints:
    pairs, place = np.unique(np.stack((low, high)), axis=1, return_inverse=True)
    states = np.array([cells.state(Interval(a, b)) for a, b in pairs.T.tolist()], np.int64)
    found: Ints = np.where(known, states[place.ravel()], 0) if len(states) else place.ravel()
    return found


def _birthdays(batch: Batch, dated: Ints) -> tuple[Ints, Ints]:
    """Birthdays after the first fact, up to the last one and the last moment asked for; 29 February counts as 28."""
    first, last = batch.first[dated], batch.last[dated]
    begun, ended = _year(first // _DAY), _year(last // _DAY)
    counts = ended - begun + 1
    patient = np.repeat(dated, counts)
    year = np.arange(len(patient)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begun, counts)
    found = [_day_in(year, born[patient]) * _DAY for born in (batch.people.born_first, batch.people.born_last)]
    both, moment = np.concatenate((patient, patient)), np.concatenate(found)
    inside = (moment > batch.first[both]) & (moment <= np.minimum(batch.last, batch.asked)[both])
    return both[inside], moment[inside]


def _year(day: Ints) -> Ints:
    return day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def _month_and_day(day: Ints) -> tuple[Ints, Ints]:
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    return month.astype(np.int64) % 12, (date - month.astype("datetime64[D]")).astype(np.int64)


def _day_in(year: Ints, born: Ints) -> Ints:
    """The day of a birthday in a year, as days since 1970."""
    month, day = _month_and_day(born)
    day = np.where((month == 1) & (day > 27), 27, day)
    start = ((year - 1970) * 12 + month).astype("datetime64[M]").astype("datetime64[D]")
    return start.astype(np.int64) + day


def _completed(born: Ints, today: Ints) -> Ints:
    """Years completed between two days."""
    born = np.where(born == UNBORN, 0, born)
    (month, day), (born_month, born_day) = _month_and_day(today), _month_and_day(born)
    short = (month < born_month) | ((month == born_month) & (day < born_day))
    years: Ints = _year(today) - _year(born) - short
    return years
