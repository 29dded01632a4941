"""Readings of the patient: age, sex, death."""

from __future__ import annotations

from datetime import UTC, datetime

from stormwatch.facts import Interval, Timeline, usable_from
from stormwatch.logic.inputs import AgeInput, SexInput
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.sweep import BEGINNING
from stormwatch.logic.truth import Truth


def age_steps(timeline: Timeline, which: AgeInput) -> list[Step]:
    birth, end = timeline.patient.birth, timeline.end
    if birth is None or end is None:
        return [Step(BEGINNING, Reading(which.domain, (), "no birth date recorded"))]
    first = min(usable_from(fact) for fact in timeline.facts)
    moments = {BEGINNING: first, **{m: m for m in _birthdays(timeline, first, end)}}
    found = []
    for moment, at in sorted(moments.items()):
        age = timeline.patient.age_years(at)
        assert age is not None
        found.append(Step(moment, Reading(Interval(*age))))
    return found


def _birthdays(timeline: Timeline, first: datetime, end: datetime) -> set[datetime]:
    birth = timeline.patient.birth
    assert birth is not None
    dates = {birth.earliest.date(), birth.latest.date()}
    years = range(first.year, end.year + 1)
    days = {datetime(y, d.month, min(d.day, 28) if d.month == 2 else d.day, tzinfo=UTC) for d in dates for y in years}
    return {day for day in days if first < day <= end}


def death_steps(timeline: Timeline) -> list[Step]:
    death = timeline.patient.death
    alive = Step(BEGINNING, Reading(Truth.NOT_MET))
    return [alive] if death is None else [alive, Step(death.latest, Reading(Truth.MET))]


def sex_reading(timeline: Timeline, which: SexInput) -> Reading:
    if not timeline.patient.sex:
        return Reading(Truth.UNKNOWN, (), "sex not recorded")
    return Reading(Truth.of(timeline.patient.sex == which.sex))
