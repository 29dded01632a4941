"""Readings of measurements: absolute, or over a reference limit or the value before treatment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from stormwatch.facts import Fact, Given, Interval, Measurement, Timeline, usable_from
from stormwatch.logic.inputs import Baseline, LabInput, Relative, Take
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.sweep import BEGINNING, NEVER, Candidate, expiry, latest, sweep

_NO_LIMIT = {
    Relative.ULN: "no upper reference limit recorded",
    Relative.LLN: "no lower reference limit recorded",
    Relative.BASELINE: "no baseline before treatment recorded",
}


def lab_steps(timeline: Timeline, which: LabInput) -> list[Step]:
    measured = timeline.measurements.get(which.analyte, ())
    amounts = _amounts(timeline, which, measured)
    order = _lab_order(which.take)
    candidates = [
        Candidate(order(value, facts[0]), start, expiry(facts[0], which.within), value, facts)
        for value, start, facts in amounts
    ]
    why = _why_open(which) if measured and not candidates else NEVER

    exact = all(c.value.is_point for c in candidates)

    def reading(active: list[Candidate]) -> Reading:
        if which.take is Take.LATEST:
            return latest(active)
        if exact:
            return Reading(active[-1].value, active[-1].facts)
        return _extreme(active, highest=which.take is Take.HIGHEST)

    return sweep(candidates, reading, Reading(which.domain, (), why), which.domain)


Amount = tuple[Interval, datetime, tuple[Fact, ...]]


def _why_open(which: LabInput) -> str:
    if which.at_baseline or which.relative_to is None:
        return _NO_LIMIT[Relative.BASELINE]
    return _NO_LIMIT[which.relative_to]


def _amounts(timeline: Timeline, which: LabInput, measured: tuple[Measurement, ...]) -> list[Amount]:
    if which.at_baseline:
        return _at_baseline(timeline, which, measured)
    if which.relative_to is None:
        return _absolute(measured)
    if which.relative_to is Relative.BASELINE:
        return _over_baseline(timeline, which, measured)
    return _over_limit(which, measured)


def _at_baseline(timeline: Timeline, which: LabInput, measured: tuple[Measurement, ...]) -> list[Amount]:
    """The value before treatment (over its limit, where that is asked); which one it is shows at the first dose."""
    assert which.baseline is not None
    before = baseline_fact(timeline, measured, which.baseline)
    first = first_dose(timeline, which.baseline)
    if before is None or first is None:
        return []
    amounts = _absolute((before,)) if which.relative_to is None else _over_limit(which, (before,))
    return [(value, max(start, first), facts) for value, start, facts in amounts]


def _absolute(measured: Iterable[Measurement]) -> list[Amount]:
    return [(fact.value, usable_from(fact), (fact,)) for fact in measured]


def _over_limit(which: LabInput, measured: tuple[Measurement, ...]) -> list[Amount]:
    """Each measurement over its own reference limit, or over the last limit known by then."""
    amounts: list[Amount] = []
    limit_fact: Measurement | None = None
    for fact in measured:
        if _limit(fact, which.relative_to) is not None:
            limit_fact = fact
        limit = None if limit_fact is None else _limit(limit_fact, which.relative_to)
        if limit is not None and limit_fact is not None and limit > 0:
            facts = (fact,) if limit_fact is fact else (fact, limit_fact)
            amounts.append((fact.value.affine(1 / limit), max(map(usable_from, facts)), facts))
    return amounts


def _limit(fact: Measurement, relative: Relative | None) -> Fraction | None:
    return fact.high if relative is Relative.ULN else fact.low


def _over_baseline(timeline: Timeline, which: LabInput, measured: tuple[Measurement, ...]) -> list[Amount]:
    assert which.baseline is not None
    before = baseline_fact(timeline, measured, which.baseline)
    if before is None or not before.value.is_point or before.value.low <= 0:
        return []
    later = (fact for fact in measured if fact.time.latest > before.time.latest)
    return [
        (fact.value.affine(1 / before.value.low), max(usable_from(fact), usable_from(before)), (fact, before))
        for fact in later
    ]


def first_dose(timeline: Timeline, rule: Baseline) -> datetime | None:
    """When the treatment that the baseline comes before was first given; None when the record has no dose."""
    doses = (e.time.earliest for e in timeline.exposures if e.drug in rule.drugs and e.given is Given.GIVEN)
    return min(doses, default=None)


def baseline_fact(timeline: Timeline, measured: Iterable[Measurement], rule: Baseline) -> Measurement | None:
    """The latest measurement before the first dose of the treatment, if it is recent enough; None without one."""
    first = first_dose(timeline, rule)
    if first is None:
        return None
    earliest = BEGINNING if rule.within is None else first - rule.within
    before = [fact for fact in measured if earliest <= fact.time.latest <= first]
    return before[-1] if before else None


def _lab_order(take: Take) -> Callable[[Interval, Fact], tuple[Any, ...]]:
    if take is Take.HIGHEST:
        return lambda value, fact: (value.high, value.low, fact.time.latest)
    if take is Take.LOWEST:
        return lambda value, fact: (-value.low, -value.high, fact.time.latest)
    return lambda value, fact: (fact.time.latest, fact.known_at.latest)


def _extreme(active: list[Candidate], *, highest: bool) -> Reading:
    """The highest (or lowest) of the active values, where censored ones may widen it."""
    value, facts = active[-1].value, list(active[-1].facts)
    for candidate in active[:-1]:
        wider = value.larger(candidate.value) if highest else value.smaller(candidate.value)
        if wider != value:
            value = wider
            facts.extend(candidate.facts)
    return Reading(value, tuple(facts))
