"""What may stand at one element: its kind, length, codes, null flavours, and the precision of a date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from stormwatch.safety.case import Field
from stormwatch.safety.e2b.elements import Element, codes
from stormwatch.safety.e2b.ucum import is_unit

_DATE = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?:(?P<minute>\d\d)"
    r"(?:(?P<second>\d\d)(?:\.\d{1,4})?)?)?)?)?)?(?P<zone>[+-]\d{4})?"
)
_FORMATS = {
    "number": (re.compile(r"[+-]?\d+(?:\.\d+)?"), "not a number (digits, with a point for decimals)"),
    "integer": (re.compile(r"\d+"), "not a whole number"),
    "result": (re.compile(r"(?:[<>]=?)?[+-]?\d+(?:\.\d+)?"), "not a number with, at most, <, <=, > or >= before it"),
    "meddra-version": (re.compile(r"\d{1,2}\.\d"), "not a MedDRA version such as 27.1"),
    "meddra-code": (re.compile(r"\d{8}"), "not a MedDRA code of eight digits"),
    "application": (re.compile(r"\d{6}"), "not an application number of six digits without a prefix"),
}
# Base 64 as XML schema writes it: letters, digits, + and /, padding at the end, white space anywhere.
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]*(?:=\s*){0,2}")
_PRECISIONS = ("year", "month", "day", "hour", "minute", "second")
_WIDEST_ZONE = timedelta(hours=14)
Complaint = tuple[str, str]
"""The kind of fault (the last part of a rule's id) and what is wrong, without the value."""


def complaints(element: Element, held: Field, now: datetime | None, *, base64: bool = True) -> Iterator[Complaint]:
    """What is wrong with a value in itself. Nothing may lie after ``now``; without it, that is not asked."""
    if held.null is not None:
        if held.value is not None:
            yield "null", "has both a value and a null flavour"
        if held.null not in element.nulls and element.kind != "part":
            allowed = ", ".join(sorted(element.nulls)) or "none"
            yield "null", f"this null flavour may not stand here (allowed: {allowed})"
    if held.value is not None:
        yield from _value(element, held.value, now, base64)


def _value(element: Element, value: str, now: datetime | None, base64: bool) -> Iterator[Complaint]:
    kind = element.kind
    if kind in ("code", "boolean"):
        if value not in codes(element.list):
            yield "value", f"not one of the values allowed (list {element.list})"
        return
    if kind == "date":
        yield from _date(element, value, now)
        return
    if element.max and len(value) > element.max:
        yield "length", f"longer than {element.max:,} characters"
    if kind in _FORMATS:
        pattern, text = _FORMATS[kind]
        if not pattern.fullmatch(value):
            yield "format", text
    elif kind == "ucum" and not is_unit(value):
        yield "value", "not a UCUM unit"
    elif kind == "data" and base64 and not _BASE64.fullmatch(value):
        yield "format", "not base 64"


def _date(element: Element, value: str, now: datetime | None) -> Iterator[Complaint]:
    span = _span(value)
    if span is None:
        yield (
            "format",
            "not a date as HL7 writes it (CCYYMMDDhhmmss+ZZzz, cut short at the end), or not in the calendar",
        )
        return
    precision, earliest, _ = span
    if _PRECISIONS.index(precision) < _PRECISIONS.index(element.precision or "year"):
        yield "precision", f"less precise than the {element.precision} that is needed here"
    if now is not None and earliest > now:
        yield "future", "lies in the future"


def latest(value: str | None) -> datetime | None:
    """The latest moment a date allows; None when it is none, or not to the second."""
    span = _span(value or "")
    return span[2] if span and span[0] == "second" else None


def _span(value: str) -> tuple[str, datetime, datetime] | None:
    """How precise a date is, and the earliest and latest moment its beginning may be, whatever the zone if unnamed."""
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    parts = {name: match[name] for name in _PRECISIONS}
    precision = [name for name in _PRECISIONS if parts[name]][-1]
    year, month, day, hour, minute, second = (
        int(parts[name] or least) for name, least in zip(_PRECISIONS, (1, 1, 1, 0, 0, 0), strict=True)
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        if zone := match["zone"]:
            offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
            return precision, moment - offset, moment - offset
        return precision, moment - _WIDEST_ZONE, moment + _WIDEST_ZONE
    except (ValueError, OverflowError):
        return None
