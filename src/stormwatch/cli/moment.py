"""The one place where the clock is read: when a person does something and does not say when."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(given: datetime | None) -> datetime:
    """The moment given (in UTC where it has no zone), otherwise now, to the second.

    >>> moment(datetime(2024, 3, 2, 10)).isoformat()
    '2024-03-02T10:00:00+00:00'
    """
    if given is not None:
        return given if given.tzinfo is not None else given.replace(tzinfo=UTC)
    return datetime.now(UTC).replace(microsecond=0)
