"""Where facts without dates stand: on a clock of their own that begins with an artificial day zero.

A report rarely has dates. Day zero is the day the patient presents, or, when nothing is said of that, the first day of
treatment. Days are whole: a fact of hospital day 4 is imprecise within that day. A fact without a time of its own
stands where the text has got to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stormwatch.facts import When
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
    """

    treatment: timedelta | None
    cycle: int | None = None
    now: timedelta = timedelta(0)

    def place(self, mention: Mention) -> When:
        """When a mention is about; it moves the moment on. Raises Unplaced."""
        if not mention.time:
            return self._when(self.now, "no time stated")
        self.now = self._offset(mention.time)
        return self._when(self.now, mention.time)

    def _offset(self, text: str) -> timedelta:
        if match := _OFFSET.fullmatch(text):
            return self._relative(match)
        if match := _CYCLE.fullmatch(text):
            return self._cycle_day(int(match["cycle"]), match["day"])
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
        if event == "admission":
            return step
        if self.treatment is None or event in ("discharge", "event", "transplantation", "surgery"):
            raise Unplaced(NOT_PLACED)
        return self.treatment + step

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
        start = (DAY_ZERO + offset).replace(hour=0, minute=0)
        return When(start, start + _DAY - _TICK, text)


def clock_of(sentences: Sequence[Sentence]) -> Clock:
    """The clock of a report.

    A sentence that says on which day of treatment the patient presented ties the two. Without one, and without any
    hospital day, day zero is the first day of treatment; otherwise days of treatment stay untied.
    """
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
