"""Moments as whole microseconds since 1970 (UTC), the form the columns hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """
    >>> micros(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - _EPOCH) // _TICK


def span(length: timedelta) -> int:
    return length // _TICK


def moment(ticks: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(ticks))


def day(of: date) -> int:
    """Days since 1970."""
    return of.toordinal() - _EPOCH.toordinal()


BEGINNING = micros(datetime.min.replace(tzinfo=UTC))
FOREVER = micros(datetime.max.replace(tzinfo=UTC))
NEVER = 2**63 - 1
"""A time that has not come: no death recorded, an infusion still running."""
