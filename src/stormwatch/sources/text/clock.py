"""Where facts without dates stand: on a clock of their own that begins with an artificial day zero.

A report rarely has dates. Day zero is the day the patient presents, or, when nothing is said of that, the first day of
treatment. Days are whole: a fact of hospital day 4 is imprecise within that day. A fact without a time of its own
stands where the text has got to.

Where the text has a date with its year, day zero is a real date: that of the presentation when it is dated, else the
first date of the text, and then days of the hospital stay or of treatment cannot be placed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from stormwatch.facts import When
from stormwatch.sources.text.dates import EITHER, NO_YEAR, crosses_leap_day, has_year, is_date, resolve
from stormwatch.sources.text.mention import Mention
from stormwatch.sources.text.passes.times import times
from stormwatch.sources.text.qualifiers import is_about_literature
from stormwatch.sources.text.sentences import Sentence

DAY_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
OTHER_CYCLE = "another cycle: how long before or after is not said"
NOT_PLACED = "its time cannot be placed relative to the others"

_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<count>\d+) (?P<unit>h|d|mo)(?: (?:after|before) (?P<event>.+))?")
_CYCLE = re.compile(r"cycle (?P<cycle>\d+)(?: day (?P<day>\d+))?")
_NUMBERED = re.compile(r"(?P<hospital>hospital )?day (?P<day>\d+)")
_PRESENTED = re.compile(
    r"\b(?:presented|presents|admitted|hospitali[sz]ed|on admission|at presentation)\b", re.IGNORECASE
)
_ADMITTED = frozenset({"admission", "diagnosis"})


class Unplaced(Exception):
    """The time of a mention cannot be placed; the reason is for the account."""


@dataclass(slots=True)
class Clock:
    """The moment the text has got to, and what ties days of treatment to day zero.

    ``treatment`` is the offset of the first day of treatment from day zero (None: not tied), of the cycle ``cycle``.
    ``zero`` is day zero; ``dates`` are the days that dates of the text mean, ``first`` is the one on day zero when they
    have no year. ``presented`` says that day zero is the presentation, or stands for it.
    """

    treatment: timedelta | None
    cycle: int | None = None
    now: timedelta = timedelta(0)
    zero: datetime = DAY_ZERO
    dates: dict[str, datetime] = field(default_factory=dict)
    first: datetime | None = None
    presented: bool = True

    def place(self, mention: Mention) -> When:
        """When a mention is about; it moves the moment on. Raises Unplaced."""
        if not mention.time:
            return self._when(self.now, "no time stated")
        self.now = self._offset(mention.time)
        return self._when(self.now, mention.time)

    def _offset(self, text: str) -> timedelta:
        if match := _OFFSET.fullmatch(text):
            return self._relative(match)
        if is_date(text):
            return self._dated(text)
        if match := _CYCLE.fullmatch(text):
            return self._cycle_day(int(match["cycle"]), match["day"])
        if not self.presented and (text in _ADMITTED or (_NUMBERED.fullmatch(text) and self.treatment is None)):
            raise Unplaced(NOT_PLACED)
        if match := _NUMBERED.fullmatch(text):
            base = timedelta(0) if match["hospital"] or self.treatment is None else self.treatment
            return base + (int(match["day"]) - 1) * _DAY
        if text in _ADMITTED:
            return timedelta(0)
        if text == "discharge":
            return max(self.now, timedelta(0)) + _DAY
        if text == "baseline":
            return (self.treatment or timedelta(0)) - _DAY
        raise Unplaced(NOT_PLACED)

    def _relative(self, match: re.Match[str]) -> timedelta:
        count = int(match["count"]) * (1 if match["sign"] == "+" else -1)
        step = {"h": timedelta(hours=count), "d": timedelta(days=count), "mo": timedelta(days=30 * count)}[
            match["unit"]
        ]
        event = match["event"]
        if event is None:
            return self.now + step
        if event == "admission" and self.presented:
            return step
        if self.treatment is None or event in ("admission", "discharge", "event", "transplantation", "surgery"):
            raise Unplaced(NOT_PLACED)
        return self.treatment + step

    def _dated(self, text: str) -> timedelta:
        """How far a date lies from day zero; only dates with one reading can be placed."""
        day = self.dates.get(text)
        if day is None or " or " in text:
            raise Unplaced(EITHER)
        start = self.first or self.zero
        if self.first is not None and crosses_leap_day(day, self.first):
            raise Unplaced(NO_YEAR)
        return day - start

    def _cycle_day(self, cycle: int, day: str | None) -> timedelta:
        if self.cycle is not None and cycle != self.cycle:
            raise Unplaced(OTHER_CYCLE)
        if day is None:
            return self.now
        if self.treatment is None:
            raise Unplaced(NOT_PLACED)
        return self.treatment + (int(day) - 1) * _DAY

    def _when(self, offset: timedelta, text: str) -> When:
        """The whole day in which the moment lies."""
        start = (self.zero + offset).replace(hour=0, minute=0)
        return When(start, start + _DAY - _TICK, text)


def clock_of(sentences: Sequence[Sentence]) -> Clock:
    """The clock of a report.

    A sentence that says on which day of treatment the patient presented ties the two. Without one, and without any
    hospital day, day zero is the first day of treatment; otherwise days of treatment stay untied.
    """
    return _with_dates(_undated(sentences), sentences)


def _with_dates(clock: Clock, sentences: Sequence[Sentence]) -> Clock:
    """The clock with the dates of the text: day zero is the dated presentation, else the first date."""
    found = [(s, t.plain) for s in sentences for t in times(s.text) if is_date(t.plain) and not is_about_literature(s)]
    clock.dates = resolve([text for _, text in found])
    known = [(s, clock.dates[text]) for s, text in found if text in clock.dates]
    if not known:
        return clock
    came = next((day for s, day in known if _PRESENTED.search(s.text)), None)
    zero = came or known[0][1]
    clock.presented = came is not None
    if not clock.presented and clock.treatment == timedelta(0):
        clock.treatment = None
    if any(has_year(text) for text in clock.dates):
        clock.zero = zero
    else:
        clock.first = zero
    return clock


def _undated(sentences: Sequence[Sentence]) -> Clock:
    found = [(s, t.plain) for s in sentences if not is_about_literature(s) for t in times(s.text)]
    cycles = [int(m["cycle"]) for _, text in found if (m := _CYCLE.fullmatch(text)) and m["day"]]
    for sentence, text in found:
        if _PRESENTED.search(sentence.text) and (tie := _tie(text)):
            return tie
    hospital = any(text == "admission" or text.startswith("hospital") for _, text in found)
    return Clock(None if hospital else timedelta(0), cycles[-1] if cycles else None)


def _tie(text: str) -> Clock | None:
    if match := _CYCLE.fullmatch(text):
        return Clock(-(int(match["day"]) - 1) * _DAY if match["day"] else None, int(match["cycle"]))
    if (match := _NUMBERED.fullmatch(text)) and not match["hospital"]:
        return Clock(-(int(match["day"]) - 1) * _DAY)
    match = _OFFSET.fullmatch(text)
    if (
        match
        and match["event"]
        and match["event"] not in ("admission", "event")
        and match["sign"] == "+"
        and match["unit"] != "mo"
    ):
        days = int(match["count"]) * (_DAY if match["unit"] == "d" else timedelta(hours=1))
        return Clock(-days)
    return None
