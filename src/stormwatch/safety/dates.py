"""Dates as E2B(R3) writes them (CCYYMMDDhhmmss+ZZzz, cut short where the record is) and as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from stormwatch.facts import When

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_HL7 = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)(?:(?P<second>\d\d)"
    r"(?:\.\d+)?)?)?)?)?)?(?P<zone>[+-]\d{4})?"
)
_LENGTHS = {4: 4, 7: 6, 10: 8}


def of_when(when: When) -> str:
    """A recorded time with the precision it was recorded in, to the minute at most.

    >>> of_when(When.parse("2024-03-02T06:00:00+01:00")), of_when(When.parse("2024-03"))
    ('202403020600+0100', '202403')
    """
    length = _LENGTHS.get(len(when.text))
    if length is not None and not when.is_exact:
        return when.text.replace("-", "")[:length]
    return of_moment(when.latest, when.zone)


def of_moment(moment: datetime, zone: tzinfo = UTC) -> str:
    """An exact moment to the minute, on the clock of the zone.

    >>> of_moment(datetime(2024, 3, 2, 5, 0, tzinfo=UTC))
    '202403020500+0000'
    """
    return moment.astimezone(zone).strftime("%Y%m%d%H%M%z")


def of_second(moment: datetime) -> str:
    """An exact moment to the second, in UTC, as a message wants its own dates.

    >>> of_second(datetime(2024, 3, 2, 5, 0, tzinfo=UTC))
    '20240302050000+0000'
    """
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S%z")


def earliest(value: str) -> datetime | None:
    """The first moment a date allows, in UTC; None for what is no date.

    >>> earliest("202403").isoformat()
    '2024-03-01T00:00:00+00:00'
    """
    match = _HL7.fullmatch(value)
    if match is None:
        return None
    parts = [int(match[name] or least) for name, least in _LEAST.items()]
    try:
        return datetime(*parts, tzinfo=_zone(match["zone"])).astimezone(UTC)  # type: ignore[arg-type, misc]
    except (ValueError, OverflowError):
        return None


_LEAST = {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}


def people(value: str | None, *, unknown: str = "---") -> str:
    """A date as dd-MMM-yyyy, with dashes for what is not known, and the clock time when there is one.

    >>> people("20240302"), people("202403"), people("2024"), people(None), people("202403020600+0100")
    ('02-MAR-2024', '---MAR-2024', '-------2024', '---', '02-MAR-2024 06:00')
    """
    if value is None:
        return unknown
    match = _HL7.fullmatch(value)
    if match is None:
        return value
    month = _MONTHS[int(match["month"]) - 1] if match["month"] and 1 <= int(match["month"]) <= 12 else "---"
    date = f"{match['day'] or '--'}-{month}-{match['year']}"
    return f"{date} {match['hour']}:{match['minute']}" if match["minute"] else date


def iso(value: str) -> str:
    """A date as ISO 8601 with the same precision, for FHIR; a clock time without its zone keeps the day only.

    >>> iso("202403020600+0100"), iso("202403")
    ('2024-03-02T06:00:00+01:00', '2024-03')
    """
    match = _HL7.fullmatch(value)
    if match is None:
        return value
    date = "-".join(part for part in (match["year"], match["month"], match["day"]) if part)
    if not (match["minute"] and match["zone"]):
        return date
    zone = f"{match['zone'][:3]}:{match['zone'][3:]}"
    return f"{date}T{match['hour']}:{match['minute']}:{match['second'] or '00'}{zone}"


def _zone(text: str | None) -> timezone:
    if text is None:
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:])))
