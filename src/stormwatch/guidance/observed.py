"""Rows on laboratory limits, and on whether a document lists a reaction."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from stormwatch.facts import Measurement, plain, usable_from
from stormwatch.guidance.known import Check, Reaction
from stormwatch.guidance.said import Findings, Occasion, Said, said
from stormwatch.guidance.schedules import treatment
from stormwatch.guidance.schema import Document, Laboratory, Limit, Listing
from stormwatch.guidance.situation import Situation
from stormwatch.guidance.toxicities import grading, occasion_of
from stormwatch.guidance.words import spoken_analyte
from stormwatch.logic.truth import Truth


def laboratory(document: Document, row: Laboratory, patient: Situation) -> list[Said]:
    """Whether a value went above its limit since the first dose; a value without its upper limit decides nothing."""
    found = Findings()
    checks = [_limit(limit, document, patient, found) for limit in row.limits]
    found.checks.append(_any(checks))
    return [said(document, row, patient, treatment(document, patient), found)]


def _any(checks: list[Check]) -> Check:
    met = [check for check in checks if check.answer is Truth.MET]
    opened = [check for check in checks if check.answer is Truth.UNKNOWN]
    answer = Truth.MET if met else Truth.UNKNOWN if opened else Truth.NOT_MET
    chosen = met or checks
    facts = tuple(fact for check in chosen for fact in check.facts)
    missing = "; ".join(check.missing for check in opened)
    return Check(answer, "; ".join(check.why for check in chosen), facts, missing)


def _limit(limit: Limit, document: Document, patient: Situation, found: Findings) -> Check:
    times = Fraction(limit.above_times_uln)
    asked = f"for {spoken_analyte(limit.analyte)} above {plain(times)} times the upper limit"
    given = patient.given(document.drug)
    values = list(_values(limit.analyte, patient, document)) if given else []
    above = [one for one in values if one.high is not None and one.value.low > times * one.high]
    if above:
        first = above[0]
        found.observed[limit.analyte] = {"first_above": patient.told(first.time.latest), "times_uln": _times(first)}
        found.sentences.append(_when(limit.analyte, first, document, patient))
        return Check(Truth.MET, f"{asked}; {_times(first)} times at {patient.told(first.time.latest)}", (first,))
    unsure = [one for one in values if one.high is None or one.value.high > times * one.high]
    if not values or unsure:
        missing = f"{spoken_analyte(limit.analyte)} with its upper limit of normal"
        return Check(Truth.UNKNOWN, f"{asked}; no value with an upper limit decides it", tuple(unsure[:1]), missing)
    return Check(Truth.NOT_MET, f"{asked}; no value since the first dose is above it", tuple(values[-1:]))


def _values(analyte: str, patient: Situation, document: Document) -> Iterator[Measurement]:
    first = patient.given(document.drug)[0].at
    for one in patient.timeline.measurements.get(analyte, ()):
        if one.time.latest >= first and usable_from(one) <= patient.at:
            yield one


def _when(analyte: str, one: Measurement, document: Document, patient: Situation) -> str:
    at = one.time.latest
    running = any(d.at <= at and (d.stop is None or at <= d.stop) for d in patient.given(document.drug))
    ran = "was running" if running else "was not running"
    when = f"{spoken_analyte(analyte)} first above the limit at {patient.told(at)} ({_times(one)} times)"
    return f"{when}; {document.drug} {ran} then."


def _times(one: Measurement) -> float:
    assert one.high is not None
    return round(float(Fraction(one.value.low) / one.high), 1)


def listing(document: Document, row: Listing, patient: Situation) -> list[Said]:
    """Whether the document lists a reaction that the record has: whether it is expected by this document.

    A reaction listed only within CRS is expected only where it goes with CRS; what the record has of CRS at that time
    is said with it.
    """
    reactions = patient.reactions_of(row.reaction, grading(document, row.reaction))
    found = Findings(observed={"reaction": row.reaction, "listed": row.listed})
    if not reactions:
        found.checks.append(Check(Truth.UNKNOWN, "for HLH or MAS in the record", (), "whether there was HLH or MAS"))
        return [said(document, row, patient, _listed(document, patient), found)]
    one = reactions[0]
    found.checks.append(Check(Truth.MET, f"for HLH or MAS, stated at {patient.told(one.onset)}", one.facts))
    if row.listed == "within_crs":
        _beside_crs(one, document, patient, found)
    return [said(document, row, patient, _listed(document, patient, one), found)]


def _listed(document: Document, patient: Situation, one: Reaction | None = None) -> Occasion:
    return treatment(document, patient) if one is None else occasion_of(one, patient, document.drug)


def _beside_crs(one: Reaction, document: Document, patient: Situation, found: Findings) -> None:
    episodes = patient.reactions_of("crs", grading(document, "crs"))
    beside = [crs for crs in episodes if crs.onset <= (one.end or patient.at) and one.onset <= (crs.end or patient.at)]
    found.values["crs_at_that_time"] = bool(beside)
    for crs in beside:
        found.facts += crs.facts
        found.sentences.append(f"CRS of grade {crs.grade} by {crs.grading} overlapped with it in the record.")
    if not beside:
        found.sentences.append("No CRS is established in the record at that time.")
