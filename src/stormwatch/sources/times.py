"""Times of a record, and the moment at which a result could be known."""

from __future__ import annotations

from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from stormwatch.errors import UsageError
from stormwatch.facts import When
from stormwatch.sources.draft import Rejected

_CALENDAR_ERRORS = ("out of range", "must be in")


def zone_of(zone: str | tzinfo | None) -> tzinfo | None:
    """The zone the record was kept in. Raises UsageError when no such zone is known."""
    if not isinstance(zone, str):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise UsageError("no such time zone; give an IANA name such as Europe/Berlin or UTC") from None


def when(text: str, zone: tzinfo | None) -> When:
    """Read a time, or reject the record: it has none, an impossible one, or a clock time without a zone."""
    if not text:
        raise Rejected("no time")
    try:
        return _parse(text, zone)
    except ValueError as problem:
        raise Rejected(_reason(str(problem))) from None


def known_at(text: str, zone: tzinfo | None, earliest: When) -> When:
    """When a result could be known: as stated, but never before ``earliest``; unstated, at ``earliest``."""
    if not text:
        return earliest
    stated = when(text, zone)
    return earliest if stated.latest < earliest.earliest else stated


def stop_after(time: When, text: str, zone: tzinfo | None) -> When | None:
    """The end of something that began at ``time``; a record that ends before it begins is rejected."""
    if not text:
        return None
    stop = when(text, zone)
    if stop.latest < time.earliest:
        raise Rejected("ends before it begins")
    return stop


@lru_cache(maxsize=4096)
def _parse(text: str, zone: tzinfo | None) -> When:
    return When.parse(text, zone)


def _reason(problem: str) -> str:
    """Messages of the calendar may repeat a part of the text; ours do not."""
    return "impossible time" if any(part in problem for part in _CALENDAR_ERRORS) else problem
