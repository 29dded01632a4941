"""Look-back: from the facts that can answer an input to its readings along the timeline.

A fact counts from the moment it has happened and is known until it is exactly as old as the window (half-open, so
that the moment of expiry is the moment the answer can change). Among facts of the same time, the one known last
counts; if they still tie and differ, the answer is the interval that holds them all.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any, Protocol

from stormwatch.facts import Fact, Interval
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.truth import Truth

BEGINNING = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)

NEVER = "never recorded"
_STALE = "the last value is too old"
_NOT_YET = "not yet known"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A fact while it can answer: ``key`` orders candidates so that the one that counts comes last."""

    key: tuple[Any, ...]
    start: datetime
    stop: datetime
    value: Interval
    facts: tuple[Fact, ...]


_KEY = attrgetter("key")


def expiry(fact: Fact, within: timedelta | None) -> datetime:
    return FOREVER if within is None else shifted(fact.time.latest, within)


def shifted(moment: datetime, by: timedelta) -> datetime:
    """A moment so much later or earlier, within the calendar: records do hold years like 9999."""
    try:
        return moment + by
    except OverflowError:
        return FOREVER if by > timedelta(0) else BEGINNING


class Active(Protocol):
    """The candidates that count at one moment, and what they say together."""

    def add(self, candidate: Candidate) -> None: ...

    def drop(self, candidate: Candidate) -> None: ...

    def reading(self) -> Reading | None:
        """What the candidates say together; None when none counts."""


class InOrder:
    """The candidates that count, by their keys, for a reading that looks at all of them."""

    def __init__(self, read: Callable[[list[Candidate]], Reading]) -> None:
        self._read = read
        self._active: list[Candidate] = []

    def add(self, candidate: Candidate) -> None:
        insort(self._active, candidate, key=_KEY)

    def drop(self, candidate: Candidate) -> None:
        place = bisect_left(self._active, candidate.key, key=_KEY)
        while self._active[place] is not candidate:
            place += 1
        del self._active[place]

    def reading(self) -> Reading | None:
        return self._read(self._active) if self._active else None


def sweep(
    candidates: list[Candidate],
    active: Active,
    silence: Reading,
    unknown: Interval | Truth,
    at: datetime | None = None,
) -> list[Step]:
    """Walk through the moments at which a candidate begins or ceases to count, or look at the one moment ``at``."""
    living = [c for c in candidates if c.start < c.stop]
    first = Reading(silence.value, (), _NOT_YET) if living and silence.why_open else silence
    lapsed = silence if not silence.why_open else Reading(unknown, (), _STALE)
    found = [Step(BEGINNING, first)]
    for moment, group in groupby(_events(living, at), key=lambda event: event[0]):
        for _, starts, candidate in group:
            if starts:
                active.add(candidate)
            else:
                active.drop(candidate)
        reading = active.reading() or lapsed
        if reading != found[-1].reading:
            found.append(Step(moment, reading))
    return found


def _events(living: list[Candidate], at: datetime | None) -> list[tuple[datetime, int, Candidate]]:
    """What begins (1) and what ceases (0), when; for one moment all that counts then, and one that has ceased."""
    if at is not None:
        begun = [c for c in living if c.start <= at]
        counting = sorted((c for c in begun if at < c.stop or c.stop is FOREVER), key=lambda c: c.start)
        ceased = [(at, started, begun[0]) for started in (1, 0)] if begun and not counting else []
        return [(at, 1, c) for c in counting] + ceased
    events = [(c.start, 1, c) for c in living]
    events += [(c.stop, 0, c) for c in living if c.stop is not FOREVER]
    events.sort(key=lambda event: (event[0], event[1]))
    return events


def latest(active: list[Candidate]) -> Reading:
    last = active[-1]
    tied = list(takewhile(lambda c: c.key == last.key, reversed(active)))
    value = last.value
    for candidate in tied[1:]:
        value = value.hull(candidate.value)
    return Reading(value, last.facts if len(tied) == 1 else tuple(fact for c in reversed(tied) for fact in c.facts))
