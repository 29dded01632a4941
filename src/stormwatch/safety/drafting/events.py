"""The reactions a course holds: episodes of one syndrome that belong together, and diagnoses the record states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from stormwatch.course.challenge import began
from stormwatch.course.episodes import Episode
from stormwatch.course.follow import Course
from stormwatch.facts import Finding, When, usable_from
from stormwatch.safety.drafting.knowledge import Kind, kinds


@dataclass(frozen=True, slots=True)
class Event:
    """One reaction: by the instruments whose episodes overlap, or stated as a diagnosis, or both.

    ``stated`` are the findings that say it is there, ``ended`` the one that says it is over. ``number`` counts events
    of one kind.
    """

    kind: Kind
    number: int
    episodes: tuple[Episode, ...] = ()
    stated: tuple[Finding, ...] = ()
    ended: Finding | None = None

    @property
    def id(self) -> str:
        return self.kind.id if self.number == 1 else f"{self.kind.id}-{self.number}"

    @property
    def start(self) -> datetime:
        """When it began: as stated, otherwise when the criteria of an instrument were first met."""
        if self.stated:
            return self.stated[0].time.latest
        return min(map(began, self.episodes))

    @property
    def first(self) -> datetime:
        """The earliest sign of it: by a stated diagnosis or by criteria."""
        return min([*(one.time.latest for one in self.stated), *map(began, self.episodes)])

    @property
    def start_recorded(self) -> When | None:
        """The start as the record has it: of the stated diagnosis, or of the fact that completed the criteria."""
        if self.stated:
            return self.stated[0].time
        facts = (fact for one in self.episodes for fact in one.facts)
        return next((fact.time for fact in facts if fact.time.latest == self.start), None)

    @property
    def stop(self) -> datetime | None:
        """When it was over: as stated, otherwise when the last instrument saw it resolve; None when not known."""
        if self.ended is not None:
            return self.ended.time.latest
        resolved = [one.resolved for one in self.episodes if one.resolved is not None]
        going_on = any(one.ongoing for one in self.episodes)
        return max(resolved) if resolved and not going_on and not self.stated else None

    def until(self, end: datetime) -> datetime:
        """The last moment that may belong to it."""
        return self.stop or max((one.stop for one in self.episodes), default=end)


def events(course: Course, reactions: Iterable[str] = ()) -> tuple[Event, ...]:
    """Every reaction in time order: those that began after the first dose of a drug under suspicion, or are asked for.

    ``reactions`` are further findings to report, by id.
    """
    first = min((drug.first for drug in course.drugs), default=None)
    known = kinds()
    asked = {name: _asked(name) for name in reactions if not any(name in kind.findings for kind in known.values())}
    found = [event for kind in (*known.values(), *asked.values()) for event in _of_kind(course, kind)]
    since = [event for event in found if first is None or event.until(event.start) >= first]
    return tuple(sorted(since, key=lambda event: (event.first, event.id)))


def _asked(name: str) -> Kind:
    from stormwatch import terms
    from stormwatch.errors import UnknownName

    if name not in terms.findings():
        raise UnknownName(f"no finding is called {name!r}; reactions are named by the ids of findings")
    return Kind(name, terms.findings()[name].title, (name,), (), (), "", "")


def _of_kind(course: Course, kind: Kind) -> Iterator[Event]:
    """Episodes that overlap are one event; a stated diagnosis joins the one it overlaps, or is one of its own."""
    clusters = _clusters([one for one in course.episodes if one.syndrome == kind.id])
    made = [Event(kind, 1, tuple(cluster)) for cluster in clusters]
    for said, ended in _stated(course, kind):
        place = next((i for i, event in enumerate(made) if _touches(event, said, ended)), None)
        if place is None:
            made.append(Event(kind, 1, (), (said,), ended))
        else:
            event = made[place]
            stated = tuple(sorted((*event.stated, said), key=lambda one: one.time.latest))
            made[place] = replace(event, stated=stated, ended=_later(event.ended, ended))
    made.sort(key=lambda event: event.first)
    yield from (replace(event, number=number) for number, event in enumerate(made, start=1))


def _clusters(episodes: Sequence[Episode]) -> list[list[Episode]]:
    clusters: list[list[Episode]] = []
    until: datetime | None = None
    for one in sorted(episodes, key=began):
        if until is not None and began(one) <= until:
            clusters[-1].append(one)
            until = max(until, one.resolved or one.stop)
        else:
            clusters.append([one])
            until = one.resolved or one.stop
    return clusters


def _stated(course: Course, kind: Kind) -> Iterator[tuple[Finding, Finding | None]]:
    """Each time the record begins to say that it is there, with the finding that says it is over."""
    for name in kind.findings:
        going: Finding | None = None
        for fact in course.timeline.findings.get(name, ()):
            if course.at is not None and usable_from(fact) > course.at:
                continue
            if fact.present:
                going = going or fact
            elif going is not None:
                yield going, fact
                going = None
        if going is not None:
            yield going, None


def _touches(event: Event, said: Finding, ended: Finding | None) -> bool:
    start, stop = said.time.latest, None if ended is None else ended.time.latest
    if not event.episodes:
        return False
    last = max(one.resolved or one.stop for one in event.episodes)
    return start <= last and (stop is None or stop >= event.first)


def _later(one: Finding | None, other: Finding | None) -> Finding | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda finding: finding.time.latest)
