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
from typing import Any

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


def sweep(
    candidates: list[Candidate],
    read: Callable[[list[Candidate]], Reading],
    silence: Reading,
    unknown: Interval | Truth,
) -> list[Step]:
    """Walk through the moments at which a candidate begins or ceases to count."""
    events = [(c.start, 1, c) for c in candidates if c.start < c.stop]
    events += [(c.stop, 0, c) for _, _, c in list(events) if c.stop is not FOREVER]
    events.sort(key=lambda event: (event[0], event[1]))
    first = Reading(silence.value, (), _NOT_YET) if events and silence.why_open else silence
    found = [Step(BEGINNING, first)]
    active: list[Candidate] = []
    for moment, group in groupby(events, key=lambda event: event[0]):
        for _, starts, candidate in group:
            if starts:
                insort(active, candidate, key=_KEY)
            else:
                _drop(active, candidate)
        reading = read(active) if active else _lapsed(silence, unknown)
        if reading != found[-1].reading:
            found.append(Step(moment, reading))
    return found


def _lapsed(silence: Reading, unknown: Interval | Truth) -> Reading:
    return silence if not silence.why_open else Reading(unknown, (), _STALE)


def _drop(active: list[Candidate], candidate: Candidate) -> None:
    place = bisect_left(active, candidate.key, key=_KEY)
    while active[place] is not candidate:
        place += 1
    del active[place]


def latest(active: list[Candidate]) -> Reading:
    last = active[-1]
    tied = list(takewhile(lambda c: c.key == last.key, reversed(active)))
    value = last.value
    for candidate in tied[1:]:
        value = value.hull(candidate.value)
    return Reading(value, last.facts if len(tied) == 1 else tuple(fact for c in reversed(tied) for fact in c.facts))
