"""Infusions as cycles with their dose steps and holds, by what the label calls a cycle."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from stormwatch.course.infusions import Cycle, Hold, Infusion, Step, WhyHeld
from stormwatch.course.joining import greatest_gap, least_gap, may_pause
from stormwatch.course.schedule import Schedule
from stormwatch.facts import Timeline

WHY: dict[str, WhyHeld] = {"stopped": "recorded as stopped", "on-hold": "recorded as on hold"}
_STATED = re.compile(r"\bcycle\s*#?\s*(\d{1,2})\b", re.IGNORECASE)


def cycles(infusions: Sequence[Infusion], schedule: Schedule, timeline: Timeline, until: datetime) -> tuple[Cycle, ...]:
    """The cycles of a continuous infusion, numbered from the first in the record unless the record states a number."""
    found: list[Cycle] = []
    groups = list(_groups(infusions, schedule, until))
    for place, group in enumerate(groups):
        following = groups[place + 1][0] if place + 1 < len(groups) else None
        stated = _stated(group)
        number = stated or (found[-1].number + 1 if found else 1)
        found.append(_cycle(number, stated is not None, group, following, schedule, timeline, until))
    return tuple(found)


def recorded_holds(doses: Sequence[Infusion]) -> Iterator[Hold]:
    """Holds of a drug given in single doses: only what the record calls stopped or on hold."""
    for place, dose in enumerate(doses):
        why = WHY.get(dose.status)
        if why is not None:
            restart = next((later for later in doses[place + 1 :] if later.start > dose.last), None)
            yield Hold(dose.last, restart.start if restart else None, why, restart, None)


def infused(infusions: Sequence[Infusion], until: datetime) -> timedelta:
    """The time a drug ran, up to a moment; infusions whose end is not recorded count none."""
    spans = (span for one in infusions if not one.open_ended for span in one.spans)
    return sum(((stop or until) - start for start, stop in spans), timedelta())


def _groups(infusions: Sequence[Infusion], schedule: Schedule, until: datetime) -> Iterator[list[Infusion]]:
    group: list[Infusion] = []
    ran = timedelta()
    for one in infusions:
        if group and _is_new(group, one, schedule, over=ran >= schedule.over):
            yield group
            group, ran = [], timedelta()
        group.append(one)
        ran += infused((one,), until)
    if group:
        yield group


def _is_new(group: Sequence[Infusion], one: Infusion, schedule: Schedule, *, over: bool) -> bool:
    """Whether an infusion begins a new cycle: the last one is over, or the interruption was longer than allowed."""
    said, before = _stated((one,)), _stated(group[-1:])
    if said is not None and before is not None:
        return said != before
    pause = one.start - group[-1].last
    return pause > schedule.same_cycle_up_to or (over and pause >= schedule.bag_change)


def _stated(group: Sequence[Infusion]) -> int | None:
    texts = (fact.recorded for one in group for fact in one.facts)
    return next((int(match[1]) for text in texts if (match := _STATED.search(text))), None)


def unsure(infusions: Sequence[Infusion], schedule: Schedule) -> bool:
    """Whether the recorded times leave open if some interruption was longer than the cycle allows."""
    for before, after in pairwise(infusions):
        least, greatest = least_gap(before, after), greatest_gap(before, after)
        if least is not None and greatest is not None and least <= schedule.same_cycle_up_to < greatest:
            return True
    return False


def _cycle(
    number: int,
    stated: bool,
    group: Sequence[Infusion],
    following: Infusion | None,
    schedule: Schedule,
    timeline: Timeline,
    until: datetime,
) -> Cycle:
    last = group[-1]
    return Cycle(
        number=number,
        start=group[0].start,
        stop=None if last.running or last.open_ended else last.stop,
        infusions=tuple(group),
        steps=tuple(_steps(group)),
        holds=tuple(_holds(number, group, following, schedule, timeline, until)),
        infused=infused(group, until),
        stated=stated,
    )


def _steps(group: Sequence[Infusion]) -> Iterator[Step]:
    for before, after in pairwise(group):
        old, new = before.mcg_per_day, after.mcg_per_day
        if old is not None and new is not None and old != new:
            yield Step(after.start, old, new)


def _holds(
    number: int,
    group: Sequence[Infusion],
    following: Infusion | None,
    schedule: Schedule,
    timeline: Timeline,
    until: datetime,
) -> Iterator[Hold]:
    ran = timedelta()
    for one, after in zip(group, (*group[1:], following), strict=True):
        ran += infused((one,), until)
        why = _why_held(one, after, schedule, _watched(timeline, until), over=ran >= schedule.over)
        if why is not None and one.stop is not None:
            yield Hold(one.stop, after.start if after else None, why, after, number)


def _watched(timeline: Timeline, until: datetime) -> datetime:
    """The end of what can be seen: the data cut, or death before it."""
    death = timeline.patient.death
    return until if death is None else min(until, death.latest)


def _why_held(
    one: Infusion, after: Infusion | None, schedule: Schedule, watched: datetime, *, over: bool
) -> WhyHeld | None:
    """Why the pause after an infusion is a hold; None when it is none, or when the times leave that open."""
    if one.stop is None:
        return None
    pause = least_gap(one, after) if after else max(watched - one.stop, timedelta())
    assert pause is not None
    if one.status in WHY and (after is None or may_pause(one, after)):
        return WHY[one.status]
    return "gap in the administrations" if pause >= schedule.bag_change and not over else None
