"""The numbers that measurements stand for: as they are, over a reference limit, or over the value before treatment.

What a measurement is divided by can itself become known late, so each amount says from when to when it holds: at any
moment it uses only what was known then. A level in words is such a ratio already; it answers questions about multiples
of the limit it names, and is never a value in a unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from stormwatch.facts import Given, Interval, Level, Limit, Measurement, Timeline, usable_from
from stormwatch.logic.inputs import Baseline, LabInput, Relative
from stormwatch.logic.sweep import BEGINNING, FOREVER, shifted

Measured = Measurement | Level


@dataclass(frozen=True, slots=True)
class Amount:
    """A number, the facts it comes from (the measured one first), and the stretch of time in which it holds."""

    value: Interval
    facts: tuple[Measured, ...]
    start: datetime
    stop: datetime = FOREVER


@dataclass(frozen=True, slots=True)
class _Span:
    """A fact while it is the one that counts."""

    fact: Measured
    start: datetime
    stop: datetime


def amounts(timeline: Timeline, which: LabInput) -> Iterator[Amount]:
    """Every amount that can answer an input."""
    measured = timeline.measurements.get(which.analyte, ())
    if which.at_baseline:
        yield from _at_baseline(timeline, which, measured)
    elif which.relative_to is None:
        yield from (Amount(fact.value, (fact,), usable_from(fact)) for fact in measured)
    elif which.relative_to is Relative.BASELINE:
        yield from _over_baseline(timeline, which, measured)
    else:
        yield from _over_limits(measured, which.relative_to)
        yield from (Amount(level.value, (level,), usable_from(level)) for level in _levels(timeline, which))


def _levels(timeline: Timeline, which: LabInput) -> tuple[Level, ...]:
    """The levels in words that are multiples of what the input is relative to."""
    if which.relative_to is None:
        return ()
    named = Limit(which.relative_to.value)
    return tuple(level for level in timeline.levels.get(which.analyte, ()) if level.relative_to is named)


# --- over a reference limit --------------------------------------------------------------------------------------


def _over_limits(measured: tuple[Measurement, ...], relative: Relative) -> Iterator[Amount]:
    """Each measurement over its own limit, or over that of the latest earlier one known to have one."""
    before: list[Measurement] = []
    for fact in measured:
        if _limit(fact, relative) is not None:
            before.append(fact)
        yield from _over_limit(fact, before, relative)


def _over_limit(fact: Measured, before: list[Measurement], relative: Relative) -> Iterator[Amount]:
    if isinstance(fact, Level):
        yield Amount(fact.value, (fact,), usable_from(fact))
        return
    own = _limit(fact, relative)
    if own is not None:
        yield Amount(fact.value.affine(1 / own), (fact,), usable_from(fact))
        return
    for span in _latest_known(_relevant(fact, before)):
        assert isinstance(span.fact, Measurement)
        limit = _limit(span.fact, relative)
        assert limit is not None
        start = max(usable_from(fact), span.start)
        if start < span.stop:
            yield Amount(fact.value.affine(1 / limit), (fact, span.fact), start, span.stop)


def _limit(fact: Measurement, relative: Relative) -> Fraction | None:
    """The limit printed with a measurement; a limit of zero is none, since nothing can be divided by it."""
    limit = fact.high if relative is Relative.ULN else fact.low
    return limit if limit is not None and limit > 0 else None


def _relevant(fact: Measurement, before: list[Measurement]) -> list[Measurement]:
    """Those that can count while the fact is known: the latest known by then, and later ones that become known."""
    found = []
    for earlier in reversed(before):
        found.append(earlier)
        if usable_from(earlier) <= usable_from(fact):
            break
    return found


def _latest_known(facts: Iterable[Measured]) -> Iterator[_Span]:
    """Which fact is the latest (by the time it is about) among those known, from when to when."""
    best: Measured | None = None
    since = BEGINNING
    for fact in sorted(facts, key=usable_from):
        if best is None or _order(fact) >= _order(best):
            if best is not None and since < usable_from(fact):
                yield _Span(best, since, usable_from(fact))
            best, since = fact, usable_from(fact)
    if best is not None:
        yield _Span(best, since, FOREVER)


def _order(fact: Measured) -> tuple[datetime, datetime]:
    return fact.time.latest, fact.known_at.latest


# --- over the value before treatment -----------------------------------------------------------------------------


def _over_baseline(timeline: Timeline, which: LabInput, measured: tuple[Measurement, ...]) -> Iterator[Amount]:
    for span in _baselines(timeline, which, measured):
        before = span.fact.value
        if not before.is_point or before.low <= 0:
            continue
        for fact in measured:
            start = max(usable_from(fact), span.start)
            if fact.time.latest > span.fact.time.latest and start < span.stop:
                yield Amount(fact.value.affine(1 / before.low), (fact, span.fact), start, span.stop)
    yield from _told_over_baseline(timeline, which)


def _told_over_baseline(timeline: Timeline, which: LabInput) -> Iterator[Amount]:
    """Levels in multiples of the value before treatment: they count after the first dose, whatever that value was."""
    assert which.baseline is not None
    for first, since, until in _first_doses(timeline, which.baseline):
        for level in _levels(timeline, which):
            start = max(usable_from(level), since)
            if level.time.latest > first and start < until:
                yield Amount(level.value, (level,), start, until)


def _at_baseline(timeline: Timeline, which: LabInput, measured: tuple[Measurement, ...]) -> Iterator[Amount]:
    """The value before treatment itself, over its limit where that is asked."""
    for span in _baselines(timeline, which, (*_levels(timeline, which), *measured)):
        if which.relative_to is None:
            yield Amount(span.fact.value, (span.fact,), span.start, span.stop)
            continue
        before = [f for f in measured if _limit(f, which.relative_to) is not None and _order(f) < _order(span.fact)]
        for amount in _over_limit(span.fact, before, which.relative_to):
            start, stop = max(amount.start, span.start), min(amount.stop, span.stop)
            if start < stop:
                yield Amount(amount.value, amount.facts, start, stop)


def _baselines(timeline: Timeline, which: LabInput, measured: tuple[Measured, ...]) -> Iterator[_Span]:
    """The latest measurement before the first dose, while both are what is known to be so."""
    rule = which.baseline
    assert rule is not None
    for first, since, until in _first_doses(timeline, rule):
        earliest = BEGINNING if rule.within is None else shifted(first, -rule.within)
        before = (fact for fact in measured if earliest <= fact.time.latest <= first)
        for span in _latest_known(before):
            start, stop = max(span.start, since), min(span.stop, until)
            if start < stop:
                yield _Span(span.fact, start, stop)


def _first_doses(timeline: Timeline, rule: Baseline) -> Iterator[tuple[datetime, datetime, datetime]]:
    """The time of the first dose known of, with the moments from which and until which it is the first known of."""
    doses = [e for e in timeline.exposures if e.drug in rule.drugs and e.given is Given.GIVEN]
    first, since = FOREVER, BEGINNING
    for dose in sorted(doses, key=usable_from):
        if dose.time.earliest < first:
            if since < usable_from(dose) and first is not FOREVER:
                yield first, since, usable_from(dose)
            first, since = dose.time.earliest, usable_from(dose)
    if first is not FOREVER:
        yield first, since, FOREVER
