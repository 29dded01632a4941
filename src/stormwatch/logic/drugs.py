"""Readings of drugs: how many of a group were running or given within a window."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from datetime import datetime, timedelta

from stormwatch.facts import Exposure, Finding, Given, Interval, Timeline, usable_from
from stormwatch.logic.inputs import DrugInput
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.sweep import FOREVER, NEVER, Candidate, expiry, shifted, sweep


def drug_steps(timeline: Timeline, which: DrugInput, at: datetime | None = None) -> list[Step]:
    """How many different drugs of the group count at each moment.

    Without a word that the drug record is complete, the recorded ones are only the least there were, and the most are
    those of the group that are not expressly denied. An order says neither.
    """
    said_of = (e for e in timeline.exposures if e.drug in which.drugs and e.given is not Given.ORDERED)
    candidates = [_course_of(e, which.within) for e in said_of]
    candidates += [_statement(f, which.within) for f in timeline.findings.get(which.stated, ())]
    complete = "exposures" in timeline.complete
    silence = Reading(Interval.point(0)) if complete else Reading(which.domain, (), NEVER)
    active = _ByDrug(candidates, which, silence, complete=complete)
    return sweep(candidates, active, silence, which.domain if not complete else silence.value, at)


class _ByDrug:
    """The candidates that count, drug by drug: a long stay has thousands at once, and a group only a few drugs.

    Candidates stand by their place in the order of keys; of each drug the last one counts.
    """

    def __init__(self, candidates: list[Candidate], which: DrugInput, silence: Reading, *, complete: bool) -> None:
        self._ordered = sorted(candidates, key=lambda candidate: candidate.key)
        self._places = {candidate: place for place, candidate in enumerate(self._ordered)}
        self._which, self._silence, self._complete = which, silence, complete
        self._given: dict[str, list[int]] = defaultdict(list)
        self._denied: dict[str, list[int]] = defaultdict(list)
        self._said: dict[str, list[int]] = defaultdict(list)

    def add(self, candidate: Candidate) -> None:
        kind, name = self._of(candidate)
        insort(kind[name], self._places[candidate])

    def drop(self, candidate: Candidate) -> None:
        kind, name = self._of(candidate)
        places = kind[name]
        del places[bisect_left(places, self._places[candidate])]
        if not places:
            del kind[name]

    def reading(self) -> Reading | None:
        given, denied, drugs = self._given, self._denied, len(self._which.drugs)
        if given or len(denied) == drugs:
            most = len(given) if self._complete else drugs - len(denied.keys() - given.keys())
            return Reading(Interval(len(given), most), self._facts(given or denied))
        if self._said:
            (places,) = self._said.values()
            last = self._ordered[places[-1]]
            return Reading(last.value, last.facts)
        if denied:
            return self._silence if self._complete else Reading(self._which.domain, (), NEVER)
        return None

    def _of(self, candidate: Candidate) -> tuple[dict[str, list[int]], str]:
        fact = candidate.facts[0]
        if isinstance(fact, Exposure):
            return (self._given if candidate.value.low == 1 else self._denied), fact.drug
        assert isinstance(fact, Finding)
        return self._said, fact.name

    def _facts(self, kind: dict[str, list[int]]) -> tuple[Exposure, ...]:
        """The last fact of each drug, in the order in which the drugs' first ones stand."""
        last = (self._ordered[places[-1]].facts[0] for places in sorted(kind.values()))
        return tuple(fact for fact in last if isinstance(fact, Exposure))


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
