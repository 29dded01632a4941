"""Readings of drugs: how many of a group were running or given within a window."""

from __future__ import annotations

from datetime import timedelta

from stormwatch.facts import Exposure, Finding, Given, Interval, Timeline, usable_from
from stormwatch.logic.inputs import DrugInput
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.sweep import FOREVER, NEVER, Candidate, expiry, shifted, sweep


def drug_steps(timeline: Timeline, which: DrugInput) -> list[Step]:
    """How many different drugs of the group count at each moment.

    Without a word that the drug record is complete, the recorded ones are only the least there were, and the most are
    those of the group that are not expressly denied. An order says neither.
    """
    said_of = (e for e in timeline.exposures if e.drug in which.drugs and e.given is not Given.ORDERED)
    candidates = [_course_of(e, which.within) for e in said_of]
    candidates += [_statement(f, which.within) for f in timeline.findings.get(which.stated, ())]
    complete = "exposures" in timeline.complete

    def reading(active: list[Candidate]) -> Reading:
        given = {c.facts[0].drug: c for c in active if isinstance(c.facts[0], Exposure) and c.value.low == 1}
        denied = {c.facts[0].drug: c for c in active if isinstance(c.facts[0], Exposure) and c.value.low == 0}
        if given or len(denied) == len(which.drugs):
            facts = tuple(fact for c in (given or denied).values() for fact in c.facts)
            most = len(given) if complete else len(which.drugs) - len(denied.keys() - given.keys())
            return Reading(Interval(len(given), most), facts)
        said = [c for c in active if isinstance(c.facts[0], Finding)]
        if not said:
            return silence if complete else Reading(which.domain, (), NEVER)
        value = said[-1].value
        return Reading(value, said[-1].facts)

    silence = Reading(Interval.point(0)) if complete else Reading(which.domain, (), NEVER)
    return sweep(candidates, reading, silence, which.domain if not complete else silence.value)


def _course_of(exposure: Exposure, within: timedelta) -> Candidate:
    start = usable_from(exposure)
    end = exposure.stop or exposure.time
    stop = FOREVER if exposure.running and exposure.stop is None else shifted(end.latest, within)
    given = Interval.point(int(exposure.given is Given.GIVEN))
    return Candidate((exposure.time.latest, exposure.known_at.latest), start, stop, given, (exposure,))


def _statement(finding: Finding, within: timedelta) -> Candidate:
    """'No vasopressor running' is a count of zero; 'on vasopressors' is one or more."""
    value = Interval.above(1, closed=True) if finding.present else Interval.point(0)
    key = (finding.time.latest, finding.known_at.latest)
    return Candidate(key, usable_from(finding), expiry(finding, within), value, (finding,))
