"""The time axis of a picture: days since the first dose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Axis:
    """Days since ``origin``, shown from ``first`` to ``last``. ``origin_is`` says in words what day 0 is, ``until`` is
    where the record ends.

    >>> from datetime import UTC, datetime
    >>> first = datetime(2024, 1, 1, 12, tzinfo=UTC)
    >>> Axis(first, first, first + DAY, first + DAY, "first fact").day(datetime(2024, 1, 2, tzinfo=UTC))
    0.5
    """

    origin: datetime
    first: datetime
    last: datetime
    until: datetime
    origin_is: str

    def day(self, moment: datetime) -> float:
        """Days since the origin, not cut to what is shown."""
        return round((moment - self.origin) / DAY, 5)

    def shows(self, moment: datetime) -> bool:
        """Whether a moment lies within what is shown."""
        return self.first <= moment <= self.last

    def cut(self, start: datetime, stop: datetime | None) -> tuple[float, float] | None:
        """The part of a stretch that is shown, in days; None when none of it is. No stop means to the end."""
        if start == stop:
            return (self.day(start), self.day(start)) if self.shows(start) else None
        left, right = max(start, self.first), min(stop or self.last, self.last)
        return (self.day(left), self.day(right)) if left < right else None
