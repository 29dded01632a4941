"""Calendar dates of a report: which day each means, and which day is day zero.

A date without its year is taken in the year that brings it closest to the date before it: our choice. A date that can
be read with the day or with the month first is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

EITHER = "a date that can be read with the day or the month first"
NO_YEAR = "a date without a year, across the end of February: how many days that is depends on the year"

_DATE = re.compile(r"(?P<year>\d{4}|-)-(?P<month>\d\d)-(?P<day>\d\d)")
_COMMON = 2001  # a year without a leap day


def is_date(text: str) -> bool:
    """Whether a plain time is one calendar date or may be one of two.

    >>> is_date("2021-03-04"), is_date("--03-04"), is_date("day 4")
    (True, True, False)
    """
    return bool(_DATE.match(text))


def has_year(text: str) -> bool:
    """Whether a plain time is a date with its year, and only one date.

    >>> has_year("2021-03-04"), has_year("--03-04"), has_year("2021-03-04 or 2021-04-03")
    (True, False, False)
    """
    return bool(_DATE.fullmatch(text)) and text[0] != "-"


def resolve(dates: Sequence[str]) -> dict[str, datetime]:
    """The day of every date that can be told, from the dates in the order of the text.

    When none has a year, all are given in one year that stands for none.

    >>> resolve(["2021-12-30", "--01-04"])["--01-04"].date().isoformat()
    '2022-01-04'
    """
    plain = [text for text in dates if _DATE.fullmatch(text)]
    found = {text: _day(text, None) for text in plain if has_year(text)}
    if not found:
        return {text: day for text in plain if (day := _valid(text, _COMMON))}
    last = next(iter(found.values()))
    for text in plain:
        near = min(_years(text, last.year), key=lambda day: abs(day - last), default=None)
        if near is not None:
            last = found.setdefault(text, near)
    return found


def crosses_leap_day(one: datetime, other: datetime) -> bool:
    """Whether the end of February lies between two days."""
    first, last = sorted((one, other))
    return first < datetime(first.year, 3, 1, tzinfo=UTC) <= last


def _years(text: str, year: int) -> Iterator[datetime]:
    if has_year(text):
        yield _day(text, None)
        return
    yield from (day for each in (year - 1, year, year + 1) if (day := _valid(text, each)))


def _valid(text: str, year: int) -> datetime | None:
    try:
        return _day(text, year)
    except ValueError:
        return None


def _day(text: str, year: int | None) -> datetime:
    match = _DATE.fullmatch(text)
    assert match is not None
    return datetime(year or int(match["year"]), int(match["month"]), int(match["day"]), tzinfo=UTC)
