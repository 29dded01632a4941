"""Times, with the precision they were recorded in.

A record may say ``2024-03-02T06:00:00+01:00`` or only ``2024-03``. A ``When`` keeps the earliest and the latest
moment the text allows. Computation uses the latest one: a fact dated to a day may not be used before that day is over,
so nothing is ever known too early.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_TICK = timedelta(microseconds=1)
_TEXT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<fraction>\.\d{1,9})?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?)?)?"
)


@dataclass(frozen=True, slots=True)
class When:
    """The time of a fact: any moment from ``earliest`` to ``latest`` (both UTC), and the text as recorded.

    >>> When.parse("2024-03-02T06:00:00+01:00").latest.isoformat()
    '2024-03-02T05:00:00+00:00'
    """

    earliest: datetime
    latest: datetime
    text: str
    zone: tzinfo = UTC

    @classmethod
    def parse(cls, text: str, zone: tzinfo | None = None) -> When:
        """Read an ISO 8601 date or time, whole or cut short after the year, month, day or minute.

        ``zone`` is where the record was kept; it is used for times that carry no offset of their own. A clock time
        without any offset or zone is refused, because guessing one can move a value across a window. A date alone
        needs none: without a zone it is taken in UTC. Local times that happened twice (clock set back) keep both
        moments; those that never happened are refused.

        Raises:
            ValueError: the text is no time, an impossible one, or has no zone and none is given.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise ValueError("not an ISO 8601 time")
        own = _offset(match["zone"])
        place = own or zone or (UTC if match["hour"] is None else None)
        if place is None:
            raise ValueError("the time has no zone; name the zone the record was kept in")
        start, stop = _span(match)
        try:
            first, second = _to_utc(start, place), _to_utc(stop, place)
        except OverflowError:
            raise ValueError("the time lies outside the calendar") from None
        return cls(min(first), max(second), text.strip(), place)

    @classmethod
    def at(cls, moment: datetime) -> When:
        """A time known exactly. Raises ValueError when ``moment`` has no zone."""
        if moment.tzinfo is None:
            raise ValueError("the time has no zone; name the zone the record was kept in")
        exact = moment.astimezone(UTC)
        return cls(exact, exact, moment.isoformat(), moment.tzinfo)

    @property
    def is_exact(self) -> bool:
        return self.earliest == self.latest


def _offset(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError("no such offset from UTC")
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def _span(match: re.Match[str]) -> tuple[datetime, datetime]:
    """First and last moment of the calendar period the text names, as clock time."""
    year, month, day = int(match["year"]), match["month"], match["day"]
    if month is None:
        return datetime(year, 1, 1), datetime(year, 12, 31, 23, 59, 59, 999999)
    if day is None:
        start = datetime(year, int(month), 1)
        return start, (start.replace(day=28) + timedelta(days=4)).replace(day=1) - _TICK
    if match["hour"] is None:
        start = datetime(year, int(month), int(day))
        return start, start.replace(hour=23, minute=59, second=59, microsecond=999999)
    fraction = int((match["fraction"] or ".")[1:7].ljust(6, "0"))  # digits, as a float would be a microsecond off
    clock = (int(match["hour"]), int(match["minute"]), int(match["second"] or 0), fraction)
    moment = datetime(year, int(month), int(day), *clock)
    return moment, moment


def _to_utc(clock: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The moments at which a clock in the zone showed this time: one, two (clock set back), or a refusal."""
    moments = tuple({clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)})
    real = tuple(m for m in moments if m.astimezone(zone).replace(tzinfo=None) == clock)
    if not real:
        raise ValueError("the clock was set forward over this time: it never happened in this zone")
    return real
