"""Builders: small records written as a test would say them, with times in hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from stormwatch.facts import (
    Exposure,
    Fact,
    Finding,
    Given,
    Interval,
    Level,
    Limit,
    Measurement,
    Number,
    Origin,
    Patient,
    Timeline,
    When,
    in_order,
)

START = datetime(2024, 1, 1, tzinfo=UTC)


def hour(hours: float) -> When:
    """The moment this many hours after the start of the record."""
    return When.at(START + timedelta(hours=hours))


def measured(
    analyte: str,
    value: Number | Interval,
    at: float,
    *,
    known: float | None = None,
    low: Number | None = None,
    high: Number | None = None,
    record: str = "",
) -> Measurement:
    """A measurement in the analyte's canonical unit."""
    interval = value if isinstance(value, Interval) else Interval.point(Fraction(value))
    return Measurement(
        analyte=analyte,
        value=interval,
        recorded=str(interval),
        time=hour(at),
        known_at=hour(at if known is None else known),
        origin=Origin("test", record or f"{analyte}-{at}"),
        low=None if low is None else Fraction(low),
        high=None if high is None else Fraction(high),
    )


def told(
    analyte: str, value: Interval, at: float, *, relative_to: Limit = Limit.ULN, known: float | None = None
) -> Level:
    """A level in words, as a multiple of a limit."""
    origin = Origin("test", f"{analyte}-{at}")
    return Level(analyte, relative_to, value, str(value), hour(at), hour(at if known is None else known), origin)


def stated(finding: str, at: float, *, present: bool = True, known: float | None = None) -> Finding:
    """A finding stated to be present or absent."""
    origin = Origin("test", f"{finding}-{at}")
    return Finding(finding, present, str(present), hour(at), hour(at if known is None else known), origin)


def given(drug: str, at: float, *, until: float | None = None, running: bool = False) -> Exposure:
    """A drug given at a moment, over some hours, or still running."""
    stop = None if until is None else hour(until)
    origin = Origin("test", f"{drug}-{at}")
    return Exposure(drug, Given.GIVEN, drug, hour(at), hour(at), origin, stop=stop, running=running)


def record(facts: Iterable[Fact], *, complete: Iterable[str] = (), patient: Patient | None = None) -> Timeline:
    """The timeline of one patient."""
    return Timeline(patient or Patient("test"), in_order(facts), complete=frozenset(complete))
