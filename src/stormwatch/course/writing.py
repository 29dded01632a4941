"""Facts, moments and lengths of time as plain data: what every part of a course's payload needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from stormwatch.course.follow import Course
from stormwatch.explain.payload import fact_payload, number
from stormwatch.facts import Exposure, Fact, Interval, Measurement, Number

Payload = dict[str, Any]


class Writer:
    """Writes parts of one course: holds the record, its zone and its first dose, which most parts need."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._timeline = course.timeline
        self._first = min((drug.first for drug in course.drugs), default=None)

    def _facts(self, facts: Sequence[Fact]) -> list[Payload]:
        return [self._fact(fact) for fact in facts]

    def _fact(self, fact: Fact) -> Payload:
        if isinstance(fact, Exposure):
            return self._exposure(fact)
        return {**fact_payload(fact, self._timeline), "day": self._day(fact.time.latest)}

    def _one(self, fact: Measurement | None) -> Payload | None:
        return None if fact is None else self._point(fact)

    def _exposure(self, one: Exposure) -> Payload:
        said = {"dose": one.dose, "rate": one.rate, "route": one.route, "status": one.status}
        return {
            "drug": one.drug,
            **fact_payload(one, self._timeline),
            "day": self._day(one.time.latest),
            **{name: text or None for name, text in said.items()},
        }

    def _briefly(self, one: Exposure) -> Payload:
        """A drug given, where its whole entry stands under ``treatments``."""
        moment = self._days(one.time.latest)
        return {"drug": one.drug, "at": moment, "dose": one.dose or one.rate or None, "record": one.origin.record}

    def _point(self, fact: Measurement) -> Payload:
        return {**self._fact(fact), "value": interval(fact.value)}

    def _days(self, moment: datetime | None) -> Payload | None:
        return None if moment is None else {"time": self._time(moment), "day": self._day(moment)}

    def _day(self, moment: datetime) -> float | None:
        """Days since the first dose of the first drug under suspicion; None without one."""
        return None if self._first is None else round((moment - self._first) / timedelta(days=1), 4)

    def _time(self, moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(self._timeline.zone).isoformat()


def span(length: timedelta | None) -> Payload | None:
    """A length of time in hours, and in words."""
    if length is None:
        return None
    hours = length / timedelta(hours=1)
    return {"hours": round(hours, 4), "text": f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"}


def pause(length: timedelta | None) -> Payload | None:
    """How long a drug was held. Where the recorded times are too coarse to tell, the hours are null.

    >>> pause(timedelta(0)), pause(timedelta(hours=30))
    ({'hours': None, 'text': 'an unknown time'}, {'hours': 30.0, 'text': '30.0 h'})
    """
    return {"hours": None, "text": "an unknown time"} if length == timedelta(0) else span(length)


def interval(value: Interval | None) -> Payload | None:
    """A number or the range it lies in; an end that does not exist is null."""
    if value is None:
        return None
    return {"low": number(value.low), "high": number(value.high), "text": str(value)}


def as_number(value: Number | None) -> int | float | None:
    return None if value is None else number(value)
