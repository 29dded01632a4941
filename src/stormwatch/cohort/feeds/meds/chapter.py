"""A stretch of events with what is worked out of them: patients, meanings, moments, and which rows are plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from stormwatch.cohort.feeds.meds.clock import Moments, certain, is_utc, moments
from stormwatch.cohort.feeds.meds.events import Events
from stormwatch.cohort.feeds.meds.meaning import Codes, codes_of
from stormwatch.cohort.feeds.meds.reading import Outcome, outcome
from stormwatch.cohort.feeds.meds.sieve import Sieved, sieved
from stormwatch.cohort.feeds.source import Source
from stormwatch.engines.columnar.facts import Bools, Ints
from stormwatch.engines.columnar.times import moment
from stormwatch.facts import Fact, Origin, When
from stormwatch.sources.mapped.code_map import CodeMap

_EPOCH = datetime(1970, 1, 1)
_HEADS = ("MEDS_BIRTH", "MEDS_DEATH", "GENDER")


class Chapter:
    """Rows are named by their place in ``events``; patients by their place among those of the stretch."""

    def __init__(self, events: Events, meanings: CodeMap, source: Source) -> None:
        self.events = events
        self.meanings = meanings
        self.source = source
        self.codes: Codes = codes_of(events.words, meanings)
        self.shows_moments = events.zoned or is_utc(source.clock)
        self._sieved = _sieve(source)(self)
        self.starts, self.kept = self._sieved.starts, self._sieved.kept
        self.late, self._rest = self._sieved.late, self._sieved.rest
        self._outcomes: dict[tuple[int, str, str], Outcome] = {}

    @cached_property
    def time(self) -> Moments:
        """When each row was."""
        return self.moments_of(None)

    def moments_of(self, rows: Ints | None) -> Moments:
        """When some rows were (None: each one). A row without a time is at any."""
        events = self.events
        clock = events.time if rows is None else events.time_of(rows)
        return certain(clock) if self.shows_moments else moments(clock, self.source.clock)

    @cached_property
    def timed(self) -> Bools:
        """Which rows have a moment."""
        timeless = self.events.timeless
        return ~timeless if self.shows_moments else ~(timeless | self.time.impossible)

    def timed_of(self, rows: Ints) -> Bools:
        """The same for a few rows."""
        if self.shows_moments and all(part.timeless is None for part in self.events.parts):
            return np.ones(len(rows), np.bool_)
        return self.timed[rows]

    def patient_of(self, rows: Ints) -> Ints:
        """Whose some rows are."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    @cached_property
    def patient(self) -> Ints:
        """Whose each row is."""
        return np.repeat(np.arange(len(self.starts)), np.diff(self.starts, append=len(self.events)))

    @cached_property
    def timely(self) -> Ints:
        """The plain rows that have a time."""
        plain = np.ones(len(self.events), np.bool_)
        plain[self._rest] = plain[self.late] = False
        return np.flatnonzero(plain)

    @cached_property
    def describing(self) -> Ints:
        """Rows that may describe the patient: no code of the map means them."""
        words, known = self.events.words, self.codes.known
        heads = np.array([word.partition("//")[0] in _HEADS for word in words], np.bool_) & ~known
        return self._rest[heads[self.events.code_of(self._rest)]]

    def others(self, nobodys: Ints) -> Ints:
        """Rows that are neither plain nor about the patient."""
        rest = np.setdiff1d(self._rest, self.describing, assume_unique=True)
        return np.union1d(rest, nobodys)

    def outcome(self, code: int, number: str, text: str) -> Outcome:
        """What the reader makes of a code and a value."""
        key = (code, number, text)
        found = self._outcomes.get(key)
        if found is None:
            found = self._outcomes[key] = outcome(self.events.words[code], number, text, self.meanings)
        return found

    def facts(self, row: int) -> Iterator[Fact]:
        """The facts of one row that has a moment, as the reader gives them."""
        events = self.events
        text = "" if events.text is None else (events.text[row].as_py() or "").strip()
        found = self.outcome(int(events.code[row]), number_text(float(events.number[row])), text)
        earliest, latest = (moment(int(column[row])) for column in (self.time.earliest, self.time.latest))
        at = When(earliest, latest, "", UTC)
        for fact in found.facts:
            yield replace(fact, time=at, known_at=at, origin=Origin(self.file(row), f"row {events.row[row]}"))

    def file(self, row: int) -> str:
        return self.events.files[int(self.events.file[row])]

    def record(self, row: int) -> str:
        return f"{self.file(row)} row {self.events.row[row]}"

    def clock(self, row: int) -> datetime | None:
        """The time of a row as it is written."""
        if self.events.timeless[row]:
            return None
        written = _EPOCH + timedelta(microseconds=int(self.events.time[row]))
        return written.replace(tzinfo=UTC) if self.events.zoned else written

    def clock_text(self, row: int) -> str:
        written = self.clock(row)
        return "" if written is None else written.isoformat()


def number_text(number: float) -> str:
    """A number as the reader has it.

    >>> number_text(400.0), number_text(7.35e-05), number_text(float("nan"))
    ('400', '0.0000735', '')
    """
    if number != number:
        return ""
    exact = Decimal(repr(number))
    return f"{exact.normalize():f}" if exact.is_finite() else f"{exact:f}"


def _sieve(source: Source) -> Callable[[Chapter], Sieved]:
    """The compiled one where the run is."""
    if not source.fast:
        return sieved
    from stormwatch.cohort.feeds.meds import quick

    return quick.sieved
