"""A patient's record for a reviewer: what was recorded, and nothing that any instrument says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from stormwatch import analytes, terms
from stormwatch.facts import Exposure, Fact, Finding, Given, Measurement, Timeline, usable_from
from stormwatch.sources.derived.rule import DERIVED

_VALUES = 24


def shown(timeline: Timeline) -> str:
    """The record in text: the patient, the drugs, the findings, and each measurement along the time.

    Times are from the first fact on, in days. Nothing derived is shown, and nothing that an instrument
    says; a score that somebody charted is part of the record.
    """
    recorded = [fact for fact in timeline.facts if fact.origin.file != DERIVED]
    if not recorded:
        return "The record holds no fact that can be used."
    start = min(usable_from(fact) for fact in recorded)
    return "\n".join((_patient(timeline, start), *_lines(recorded, start)))


def _patient(timeline: Timeline, start: datetime) -> str:
    age = timeline.patient.age_years(start)
    years = (
        "age not recorded" if age is None else f"{age[0]} years" if age[0] == age[1] else f"{age[0]} to {age[1]} years"
    )
    died = timeline.patient.death
    death = "" if died is None else f", died on day {_day(died.latest, start)}"
    return f"{timeline.patient.sex or 'sex not recorded'}, {years} at the first fact{death}"


def _lines(recorded: Sequence[Fact], start: datetime) -> Iterator[str]:
    drugs = [fact for fact in recorded if isinstance(fact, Exposure)]
    findings = [fact for fact in recorded if isinstance(fact, Finding)]
    measured: dict[str, list[Measurement]] = {}
    for fact in recorded:
        if isinstance(fact, Measurement):
            measured.setdefault(fact.analyte, []).append(fact)
    yield from _section("Drugs", _drugs(drugs, start))
    yield from _section("Findings", _findings(findings, start))
    yield from _section("Measurements", (_measured(name, facts, start) for name, facts in sorted(measured.items())))


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    held = list(lines)
    if held:
        yield ""
        yield f"{title} (day: value)"
        yield from (f"  {line}" for line in held)


def _drugs(drugs: list[Exposure], start: datetime) -> Iterator[str]:
    words = {Given.GIVEN: "", Given.ORDERED: " ordered", Given.NOT_GIVEN: " not given"}
    by_name: dict[str, list[str]] = {}
    for one in drugs:
        said = f"{_day(one.time.latest, start)}: {one.dose or one.rate or 'given'}{words[one.given]}"
        by_name.setdefault(terms.drugs()[one.drug].title, []).append(said)
    yield from (f"{name}  {_some(said)}" for name, said in sorted(by_name.items()))


def _findings(findings: list[Finding], start: datetime) -> Iterator[str]:
    by_name: dict[str, list[str]] = {}
    for one in findings:
        said = f"{_day(one.time.latest, start)}: {'present' if one.present else 'absent'}"
        by_name.setdefault(terms.findings()[one.name].title, []).append(said)
    yield from (f"{name}  {_some(said)}" for name, said in sorted(by_name.items()))


def _measured(name: str, facts: list[Measurement], start: datetime) -> str:
    said = [f"{_day(one.time.latest, start)}: {one.value}" for one in facts]
    analyte = analytes.analyte(name)
    return f"{analyte.title} ({analyte.unit})  {_some(said)}"


def _some(said: list[str]) -> str:
    """Long series thinned evenly; how many are left out is said."""
    if len(said) <= _VALUES:
        return ", ".join(said)
    kept = [said[round(k * (len(said) - 1) / (_VALUES - 1))] for k in range(_VALUES)]
    return f"{', '.join(kept)} ({len(said) - _VALUES} more not shown)"


def _day(moment: datetime, start: datetime) -> str:
    return f"{(moment - start).total_seconds() / 86_400:.1f}"
