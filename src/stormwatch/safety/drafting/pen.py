"""Writes fields into a case together with what each rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from stormwatch.course.follow import Course
from stormwatch.facts import Fact, Finding, When, usable_from
from stormwatch.safety.basis import Basis, Source, sources
from stormwatch.safety.case import Group
from stormwatch.safety.dates import of_moment, of_when
from stormwatch.sources.answers import UNDATED

_ISO = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:[T ].*)?)?)?$")
_DAY = timedelta(days=1)


class Place:
    """One group of the case being drafted, its path, and the common table of what each field rests on."""

    def __init__(self, group: Group, path: str, bases: dict[str, Basis]) -> None:
        self.group = group
        self.path = path
        self._bases = bases

    def put(
        self,
        number: str,
        value: str | None,
        why: str,
        facts: Iterable[Fact] = (),
        *,
        null: str | None = None,
        by: str = "record",
        also: Iterable[Source] = (),
    ) -> None:
        """A value, or the null flavour that says why there is none, with its basis. Neither leaves the field out."""
        if value is None and null is None:
            return
        self.group.set(number, value, null=null)
        self._bases[f"{self.path}{number}"] = Basis(why, (*sources(facts), *also), by)

    def add(self, number: str, name: str = "") -> Place:
        """A new group of this number inside this one; with a name, that is its id."""
        inner = self.group.add(number, id=name)
        key = name or str(len(self.group.each(number)))
        return Place(inner, f"{self.path}{number}[{key}]/", self._bases)


class Drafting:
    """One course being drafted: the record, how exact its times are, and the case so far."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.timeline = course.timeline
        self.bases: dict[str, Basis] = {}
        self.case = Place(Group("case"), "", self.bases)
        self.notes: list[str] = []
        times = [fact.time for fact in course.timeline.facts]
        self.dated = any(map(is_calendar, times))
        self.exact = self.dated and all(one.is_exact for one in times)

    def date(self, when: When | None) -> str | None:
        """A recorded time with its precision; None for one that is on no calendar, such as a day of a case report."""
        return of_when(when) if when is not None and is_calendar(when) else None

    def moment(self, at: datetime) -> str | None:
        """A computed moment in the record's own zone: to the day where some times of the record are no finer."""
        if not self.dated:
            return None
        text = of_moment(at, self.timeline.zone)
        return text if self.exact else text[:8]

    def when(self, at: datetime) -> When | None:
        """A computed moment as a time; None where the times of the record are too vague for one."""
        return When.at(at.astimezone(self.timeline.zone)) if self.exact else None

    def findings(self, name: str) -> Iterator[Finding]:
        """What was stated of a finding, as known at the course's moment, in time order."""
        at = self.course.at
        return (one for one in self.timeline.findings.get(name, ()) if at is None or usable_from(one) <= at)

    def file(self) -> str:
        """The file most facts came from, for what has no file of its own."""
        files = [fact.origin.file for fact in self.timeline.facts]
        return max(sorted(set(files)), key=files.count) if files else ""


def is_calendar(when: When) -> bool:
    """Whether a time is one of the calendar: reports and typed answers may stand on a clock of their own.

    >>> is_calendar(When.parse("2024-03-02")), is_calendar(When.at(UNDATED))
    (True, False)
    """
    return bool(_ISO.match(when.text)) and when.latest != UNDATED


def span(start: When | None, stop: When | None) -> tuple[str, str] | None:
    """The time between, as number and unit (h, d) of E2B(R3): to one decimal where both are exact, in whole days where
    both are known to the day, None otherwise or when it would be negative.

    >>> span(When.parse("2024-03-01"), When.parse("2024-03-10T06:00:00+00:00"))
    ('9', 'd')
    >>> span(When.parse("2024-03"), When.parse("2024-03-10")) is None
    True
    """
    if start is None or stop is None or not (is_calendar(start) and is_calendar(stop)):
        return None
    length = stop.latest - start.latest
    if start.is_exact and stop.is_exact:
        unit, size = ("d", _DAY) if length >= 3 * _DAY else ("h", timedelta(hours=1))
        return (f"{length / size:.1f}".removesuffix(".0"), unit) if length >= timedelta() else None
    if max(one.latest - one.earliest for one in (start, stop)) > _DAY:
        return None
    days = (stop.latest.astimezone(stop.zone).date() - start.latest.astimezone(start.zone).date()).days
    return (str(days), "d") if days >= 0 else None


def put_span(place: Place, number: str, length: tuple[str, str] | None, why: str, facts: Iterable[Fact] = ()) -> None:
    """A length of time as the pair of elements that hold its number and its unit; nothing where it is not known."""
    if length is not None:
        held = tuple(facts)
        place.put(f"{number}a", length[0], why, held)
        place.put(f"{number}b", length[1], why, held)
