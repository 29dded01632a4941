"""Readings of findings: what was stated to be present or absent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stormwatch.facts import Finding, Interval, Timeline, usable_from
from stormwatch.logic.inputs import FindingInput, Take
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.sweep import NEVER, Candidate, InOrder, expiry, latest, sweep
from stormwatch.logic.truth import Truth


def finding_steps(timeline: Timeline, which: FindingInput, at: datetime | None = None) -> list[Step]:
    stated = timeline.findings.get(which.finding, ())
    candidates = [
        Candidate(
            _finding_order(fact, which.take), usable_from(fact), expiry(fact, which.within), _as_number(fact), (fact,)
        )
        for fact in stated
    ]
    if "findings" in timeline.complete:
        silence = Reading(Truth.NOT_MET)
    else:
        silence = Reading(Truth.UNKNOWN, (), NEVER)

    def reading(active: list[Candidate]) -> Reading:
        chosen = latest(active)
        assert isinstance(chosen.value, Interval)
        if not chosen.value.is_point:
            return Reading(Truth.UNKNOWN, chosen.facts, "the record contradicts itself")
        return Reading(Truth.of(chosen.value.low == 1), chosen.facts)

    return sweep(candidates, InOrder(reading), silence, silence.value, at)


def _finding_order(fact: Finding, take: Take) -> tuple[Any, ...]:
    if take is Take.ANY:
        return (fact.present, fact.time.latest)
    return (fact.time.latest, fact.known_at.latest)


def _as_number(fact: Finding) -> Interval:
    return Interval.point(int(fact.present))
