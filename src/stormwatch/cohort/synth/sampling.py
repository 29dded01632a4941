"""When blood is drawn and what is asked of it: more when ill, nothing in a gap, always at the peak of a syndrome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from stormwatch.cohort.synth.clock import moment, morning
from stormwatch.cohort.synth.curves import Body
from stormwatch.cohort.synth.dirt import soiled
from stormwatch.cohort.synth.illness import SYNDROMES, Course
from stormwatch.cohort.synth.laboratory import printed
from stormwatch.cohort.synth.record import Result
from stormwatch.cohort.synth.tables import table

_APART = 30 / 1440  # days


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw, at a day. One that decides a truth label has no noise, no dirt and no missing part."""

    day: float
    panels: tuple[str, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class Ward:
    """Where and over which days one patient is sampled."""

    site: str
    first: datetime
    start: int
    end: float
    icans_watched: bool


def results(random: Random, ward: Ward, body: Body, courses: Sequence[Course]) -> Iterator[Result]:
    """All results of the patient, as they arrive."""
    peaks = [course.peak for course in courses if course.syndrome in SYNDROMES]
    for draw in _draws(random, ward, body, courses):
        # Nobody draws twice within minutes: what is drawn at a peak stands for both.
        repeated = not draw.decides and any(abs(draw.day - peak) < _APART for peak in peaks)
        if draw.day <= ward.end and not repeated:
            yield from _results(random, ward, body, draw)


def _draws(random: Random, ward: Ward, body: Body, courses: Sequence[Course]) -> Iterator[Draw]:
    away = _away(random, ward)
    for day in range(ward.start, int(ward.end) + 1):
        if day not in away:
            yield from _of_day(random, ward, body, day)
    for course in courses:
        if course.syndrome in SYNDROMES:
            yield Draw(course.peak, tuple(table("panels")["at_peak"][course.syndrome]), True)


def _of_day(random: Random, ward: Ward, body: Body, day: int) -> Iterator[Draw]:
    days = table("panels")["days"]
    blood = morning(ward.first, day, 6 + random.random())
    ill = body.ill(blood) >= days["ill_from"]
    chance = days["draw_ill"] if ill else days["draw_close"] if day <= days["close"] else days["draw_later"]
    drawn = random.random() < chance
    if drawn:
        yield Draw(blood, tuple(_panels(random, ward, ill)), False)
    for hour in (7, 14, 21)[: days["vitals_ill"] if ill else int(drawn)]:
        yield Draw(morning(ward.first, day, hour + random.random()), ("vitals",), False)
    if ill and random.random() < days["second_ill"]:
        yield Draw(morning(ward.first, day, 17 + random.random()), tuple(_panels(random, ward, ill)), False)


def _panels(random: Random, ward: Ward, ill: bool) -> Iterator[str]:
    for name, panel in table("panels")["panels"].items():
        watched = name != "vitals" and (name != "ice" or ward.icans_watched)
        if watched and random.random() < panel["ill" if ill else "quiet"]:
            yield name


def _away(random: Random, ward: Ward) -> range:
    """Days without any draw: the patient is at home, or somewhere else."""
    days = table("panels")["days"]
    if random.random() >= days["gap"]:
        return range(0)
    start = random.randint(3, max(4, int(ward.end)))
    return range(start, start + random.randint(*days["gap_days"]))


def _results(random: Random, ward: Ward, body: Body, draw: Draw) -> Iterator[Result]:
    time = moment(ward.first, draw.day)
    for name in draw.panels:
        panel = table("panels")["panels"][name]
        known = time + timedelta(minutes=random.randint(*panel["minutes"]))
        for analyte, value in body.values(panel["parts"], draw.day, None if draw.decides else random).items():
            shown = printed(ward.site, analyte)
            result = Result(analyte, shown.text(value), shown.unit, time, known, shown.low, shown.high)
            if draw.decides:
                yield result
            elif random.random() >= table("panels")["days"]["part_missing"]:
                yield from _arrived(random, name, result)


def _arrived(random: Random, panel: str, result: Result) -> Iterator[Result]:
    if panel in ("vitals", "ice"):
        yield result
    else:
        yield from soiled(random, result)
