"""Days from the first dose as moments, to the minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

_FIRST_YEAR = 2101  # far off, as in shifted research data: nobody takes such a record for a real one
_YEARS = 5
_DAYS_OF_A_YEAR = 365
_MINUTES_OF_A_DAY = 1440


def first_dose(random: Random) -> datetime:
    """A moment in the morning or at noon."""
    day = timedelta(days=random.randrange(_YEARS * _DAYS_OF_A_YEAR), minutes=random.randrange(8 * 60, 14 * 60))
    return datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC) + day


def moment(first: datetime, day: float) -> datetime:
    """The moment so many days after the first dose; never midnight, which stores take for an unknown time."""
    found = first + timedelta(minutes=round(day * _MINUTES_OF_A_DAY))
    return found if found.hour or found.minute else found + timedelta(minutes=1)


def morning(first: datetime, day: int, hour: float) -> float:
    """The hour of a calendar day, as days from the first dose; day 0 is the day of the first dose."""
    return day + (hour - first.hour) / 24 - first.minute / _MINUTES_OF_A_DAY
