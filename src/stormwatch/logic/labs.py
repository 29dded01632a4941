"""Readings of measurements: the latest, the highest or the lowest amount in the window."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime
from typing import Any

from stormwatch.facts import Fact, Interval, Timeline
from stormwatch.logic.amounts import amounts
from stormwatch.logic.inputs import LabInput, Relative, Take
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.sweep import NEVER, Candidate, InOrder, expiry, latest, sweep

_NO_LIMIT = {
    Relative.ULN: "no upper reference limit recorded",
    Relative.LLN: "no lower reference limit recorded",
    Relative.BASELINE: "no baseline before treatment recorded",
}
_ONLY_WORDS = "stated only in words, as a multiple of a limit"


def lab_steps(timeline: Timeline, which: LabInput, at: datetime | None = None) -> list[Step]:
    candidates = _candidates(timeline, which)
    why = NEVER if candidates else _why_open(timeline, which)
    exact = which.take is not Take.LATEST and all(c.value.is_point for c in candidates)

    def reading(active: list[Candidate]) -> Reading:
        if which.take is Take.LATEST:
            return latest(active)
        if exact:
            return Reading(active[-1].value, active[-1].facts)
        return _extreme(active, highest=which.take is Take.HIGHEST)

    return sweep(candidates, InOrder(reading), Reading(which.domain, (), why), which.domain, at)


def _candidates(timeline: Timeline, which: LabInput) -> list[Candidate]:
    order = _order(which.take)
    within = None if which.at_baseline else which.within  # how old a baseline may be is part of its own rule
    return [
        Candidate(order(a.value, a.facts[0]), a.start, min(a.stop, expiry(a.facts[0], within)), a.value, a.facts)
        for a in amounts(timeline, which)
    ]


def _why_open(timeline: Timeline, which: LabInput) -> str:
    if which.analyte not in timeline.measurements and which.analyte not in timeline.levels:
        return NEVER
    if which.at_baseline:
        return _NO_LIMIT[Relative.BASELINE]
    return _ONLY_WORDS if which.relative_to is None else _NO_LIMIT[which.relative_to]


def _order(take: Take) -> Callable[[Interval, Fact], tuple[Any, ...]]:
    if take is Take.HIGHEST:
        return lambda value, fact: (value.high, value.low, fact.time.latest)
    if take is Take.LOWEST:
        return lambda value, fact: (-value.low, -value.high, fact.time.latest)
    return lambda value, fact: (fact.time.latest, fact.known_at.latest)


def _extreme(active: list[Candidate], *, highest: bool) -> Reading:
    """The highest (or lowest) of the active values, where censored ones may widen it.

    In the order of their keys, those that lie wholly on the near side of the last one come first, and change nothing.
    """
    value, facts = active[-1].value, list(active[-1].facts)
    reach = value.low if highest else -value.high
    first = bisect_left(active, (reach,), key=lambda candidate: candidate.key)
    for candidate in active[first:-1]:
        wider = value.larger(candidate.value) if highest else value.smaller(candidate.value)
        if wider != value:
            value = wider
            facts.extend(candidate.facts)
    return Reading(value, tuple(facts))
