"""The blinatumomab concentration to be expected over time: a population band, not the patient's own level.

One compartment, constant infusion, first-order elimination. Each change of rate adds its own rise or fall, so the level
at any moment is a sum of exponentials, exact and without steps in time.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from math import exp, log

from stormwatch.course.infusions import DrugCourse
from stormwatch.errors import UsageError

_HOUR = timedelta(hours=1)
_AFTER_A_CHANGE = (1, 2, 3, 4, 6, 8, 10, 12, 16, 24)
_WASHED_OUT = 10
"""Half-lives after which less than a thousandth of an infusion is left."""


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Typical clearance (L/h) and volume (L), and the factors of the population's spread around them."""

    clearance: float
    volume: float
    clearance_factor: float
    half_life_factor: float
    statements: tuple[str, ...]

    @property
    def half_life(self) -> float:
        """Typical half-life in hours."""
        return log(2) * self.volume / self.clearance

    @property
    def half_lives(self) -> tuple[float, float, float]:
        """Low, typical and high, in hours."""
        return self.half_life / self.half_life_factor, self.half_life, self.half_life * self.half_life_factor


@dataclass(frozen=True, slots=True)
class Level:
    """The concentration at a moment in pg/mL: typical, and between which ends most of the population lies."""

    at: datetime
    low: float
    typical: float
    high: float


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of infusion in hours from the first dose; ``rate`` in mcg/h, None when not known."""

    start: float
    stop: float
    rate: float | None


def band(course: DrugCourse, moments: Sequence[datetime], until: datetime | None = None) -> tuple[Level, ...]:
    """The levels to be expected at some moments.

    Args:
        course: the course of blinatumomab.
        moments: when to compute; any order.
        until: where a running infusion is taken to end; default the last moment asked for.

    Returns:
        One level for each moment, in pg/mL. Moments at which the rate is not known, or at which much may still be left
        of an infusion whose rate or end is not known, are left out: an unknown dose gives no level.

    Raises:
        UsageError: the drug is another one; its kinetics are not known here.

    >>> from dataclasses import replace
    >>> from datetime import timedelta
    >>> from stormwatch.course.exposure import exposure
    >>> from stormwatch.testing.records import START, given, record
    >>> bag = replace(given("blinatumomab", 0, until=168), rate="28 ug / 1 d")
    >>> course = exposure(record([bag]), START + timedelta(days=9))[0]
    >>> round(band(course, [START + timedelta(days=7)])[0].typical)
    526
    """
    if course.drug != "blinatumomab":
        raise UsageError(
            f"no concentration is computed for {course.drug}: only blinatumomab has a published model here"
        )
    end = until or max(moments, default=course.last)
    spans = list(_spans(course, end))
    curve = _Levels(spans, kinetics())
    levels = (curve.at(moment, _hours(moment, course)) for moment in moments)
    return tuple(level for level in levels if level is not None)


def moments_to_show(course: DrugCourse, until: datetime) -> tuple[datetime, ...]:
    """The moments a curve needs: every start and stop, the hours after each, and every day between, up to ``until``."""
    turns = {moment for one in course.infusions for span in one.spans for moment in span if moment is not None}
    near = {turn + timedelta(hours=hours) for turn in turns for hours in _AFTER_A_CHANGE}
    days = int((until - course.first) / timedelta(days=1)) + 1
    daily = {course.first + timedelta(days=day) for day in range(max(days, 0))}
    return tuple(sorted(moment for moment in turns | near | daily if course.first <= moment <= until))


@cache
def kinetics() -> Kinetics:
    """What is published of the kinetics of blinatumomab, and the spread chosen here.

    >>> round(kinetics().half_life, 2)
    1.87
    """
    text = files("stormwatch.course").joinpath("data/blinatumomab-kinetics.toml").read_text("utf-8")
    table = tomllib.loads(text)
    z = table["spread"]["z"]
    return Kinetics(
        clearance=table["typical"]["clearance_L_per_h"],
        volume=table["typical"]["volume_L"],
        clearance_factor=exp(z * table["spread"]["omega_clearance"]),
        half_life_factor=exp(z * table["spread"]["omega_half_life"]),
        statements=tuple(table["statements"]["text"]),
    )


def _spans(course: DrugCourse, end: datetime) -> Iterator[_Span]:
    for place, one in enumerate(course.infusions):
        following = course.infusions[place + 1].start if place + 1 < len(course.infusions) else end
        rate = None if one.mcg_per_day is None or one.open_ended else float(one.mcg_per_day) / 24
        for start, stop in one.spans:
            yield _Span(_hours(start, course), _hours(stop or max(following, start), course), rate)


def _hours(moment: datetime, course: DrugCourse) -> float:
    return (moment - course.first) / _HOUR


class _Levels:
    """The levels of one course. What is left at every turn of the infusion is kept, so that each level is one step."""

    def __init__(self, spans: Sequence[_Span], known: Kinetics) -> None:
        self._known = known
        self._unknown = [span for span in spans if span.rate is None]
        self._curves = [_Curve(spans, log(2) / half) for half in known.half_lives]

    def at(self, moment: datetime, hours: float) -> Level | None:
        """The level at a moment; None when a dose that still counts is not known."""
        if self._is_unknown(hours):
            return None
        low, typical, high = (curve.at(hours) / self._known.clearance for curve in self._curves)
        factor = self._known.clearance_factor
        return Level(moment, min(low, typical, high) / factor, typical, max(low, typical, high) * factor)

    def _is_unknown(self, hours: float) -> bool:
        begun = bisect_left(self._unknown, hours, key=lambda span: span.start)
        return begun > 0 and hours < self._unknown[begun - 1].stop + _WASHED_OUT * self._known.half_lives[-1]


class _Curve:
    """Clearance times concentration over time, for one rate constant k (per hour)."""

    def __init__(self, spans: Sequence[_Span], k: float) -> None:
        self._k = k
        self._turns = [(0.0, 0.0, 0.0)]
        for span in spans:
            for hour, inflow in ((span.start, (span.rate or 0.0) * 1000), (span.stop, 0.0)):
                self._turns.append((hour, self.at(hour), inflow))

    def at(self, hours: float) -> float:
        """In pg/mL times L/h: what was left at the last turn decays, and the infusion since then adds its part."""
        place = bisect_right(self._turns, hours, key=lambda turn: turn[0])
        if place == 0:
            return 0.0
        hour, left, inflow = self._turns[place - 1]
        decay = exp(-self._k * (hours - hour))
        return left * decay + inflow * (1 - decay)
