"""A stretch of events with what is worked out of them: patients, meanings, moments, and which rows are plain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property

import numpy as np

from stormwatch.cohort.feeds.meds.clock import Moments, certain, moments
from stormwatch.cohort.feeds.meds.events import Events
from stormwatch.cohort.feeds.meds.meaning import Codes, codes_of
from stormwatch.cohort.feeds.meds.reading import Outcome, outcome
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
        subject = events.subject
        self.starts = np.flatnonzero(np.append(True, subject[1:] != subject[:-1])[: len(subject)])
        self.patient = np.repeat(np.arange(len(self.starts)), np.diff(np.append(self.starts, len(subject))))
        self.codes: Codes = codes_of(events.words, meanings)
        self.time = _moments(events, source)
        self.timed: Bools = ~(events.timeless | self.time.impossible)
        self._outcomes: dict[tuple[int, str, str], Outcome] = {}

    @cached_property
    def plain(self) -> Ints:
        """Rows that are a bare number of a known analyte in a known unit, and plausible."""
        events, code = self.events, self.events.code
        with np.errstate(invalid="ignore"):
            is_plain = (events.number >= self.codes.lowest[code]) & (events.number < self.codes.above[code])
        if events.text is not None:
            is_plain &= events.text.is_null().to_numpy()
        return np.flatnonzero(is_plain)

    @cached_property
    def describing(self) -> Ints:
        """Rows that may describe the patient: no code of the map means them."""
        words, known = self.events.words, self.codes.known
        heads = np.array([word.partition("//")[0] in _HEADS for word in words], np.bool_)
        return np.flatnonzero((heads & ~known)[self.events.code])

    def others(self, nobodys: Ints) -> Ints:
        """Rows that are neither plain nor about the patient."""
        rest = np.ones(len(self.events), np.bool_)
        rest[self.plain] = False
        rest[self.describing] = False
        rest[nobodys] = True
        return np.flatnonzero(rest)

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


def _moments(events: Events, source: Source) -> Moments:
    return certain(events.time) if events.zoned else moments(events.time, source.clock)
