"""The moments that clock times stand for.

Arrow's own zones know no summer time after 2037, and records with shifted dates lie there; so the zone is asked through
Python, once for each day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np

from stormwatch.engines.columnar.facts import Bools, Ints
from stormwatch.engines.columnar.times import BEGINNING, FOREVER, micros
from stormwatch.facts import When

_EPOCH = datetime(1970, 1, 1)
_DAY = timedelta(days=1)
_DAY_TICKS = 86_400_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """First and last moment each clock time may have been (the clock is set back once a year), and which are none."""

    earliest: Ints
    latest: Ints
    impossible: Bools


def moments(clock: Ints, zone: tzinfo | None) -> Moments:
    """Clock times of a zone as moments. Without a zone no clock time is a moment."""
    if zone is None:
        return certain(clock, impossible=True)
    if is_utc(zone):
        return certain(clock)
    day = clock // _DAY_TICKS
    days, place = np.unique(day, return_inverse=True)
    offsets = [_offset(one, zone) for one in days.tolist()]
    shift = np.array([0 if one is None else one for one in offsets], np.int64)[place]
    turning = np.array([one is None for one in offsets], np.bool_)[place]
    found = Moments(clock - shift, clock - shift, np.zeros(len(clock), np.bool_))
    _ask(clock, np.flatnonzero(turning), zone, found)
    return found


def is_utc(zone: tzinfo | None) -> bool:
    """Whether clock times of a zone are moments already."""
    return zone is UTC or getattr(zone, "key", None) == "UTC"


def certain(moment: Ints, *, impossible: bool = False) -> Moments:
    """Moments known exactly, or none at all."""
    return Moments(moment, moment, np.full(len(moment), impossible))


def _offset(day: int, zone: tzinfo) -> int | None:
    """The offset from UTC throughout a day, in microseconds; None for a day on which the clock was set."""
    if not BEGINNING // _DAY_TICKS + 2 < day < FOREVER // _DAY_TICKS - 2:
        return None
    start = _EPOCH + timedelta(days=day)
    edges = (start + by * _DAY for by in (-1, 0, 1, 2))
    offsets = {edge.replace(tzinfo=zone, fold=fold).utcoffset() for edge in edges for fold in (0, 1)}
    only = offsets.pop()
    return None if offsets or only is None else only // timedelta(microseconds=1)


def _ask(clock: Ints, rows: Ints, zone: tzinfo, found: Moments) -> None:
    """Fill in the rows of days on which the clock was set, as the readers would read them."""
    times, place = np.unique(clock[rows], return_inverse=True)
    read = [_read(one, zone) for one in times.tolist()]
    for column, end in ((found.earliest, 0), (found.latest, 1), (found.impossible, 2)):
        column[rows] = np.array([one[end] for one in read], column.dtype)[place] if len(rows) else column[rows]


def _read(clock: int, zone: tzinfo) -> tuple[int, int, bool]:
    try:
        when = When.parse((_EPOCH + timedelta(microseconds=clock)).isoformat(), zone)
    except ValueError:
        return clock, clock, True
    return micros(when.earliest), micros(when.latest), False
