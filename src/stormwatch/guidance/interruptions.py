"""Rows on interruptions: same or new cycle, restart under supervision, premedication before a restart."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormwatch.guidance import words
from stormwatch.guidance.computed import compute
from stormwatch.guidance.known import Break, Check, DrugGiven
from stormwatch.guidance.said import Findings, Occasion, Said, said
from stormwatch.guidance.schedules import treatment
from stormwatch.guidance.schema import Document, Interruption, Premedication
from stormwatch.guidance.situation import Situation
from stormwatch.logic.truth import Truth

_HOUR = timedelta(hours=1)


def interruption(document: Document, row: Interruption, patient: Situation) -> list[Said]:
    """What each interruption in the record means by this row; an interruption still going on counts so far."""
    drug = patient.drug(document.drug)
    if drug is None or not drug.breaks:
        found = Findings([Check(Truth.UNKNOWN, "for an interruption", (), "an interruption in the record")])
        return [said(document, row, patient, treatment(document, patient), found)]
    return [_of(document, row, patient, one) for one in drug.breaks]


def _of(document: Document, row: Interruption, patient: Situation, one: Break) -> Said:
    lasted = one.lasted(patient.at)
    found = Findings([Check(_long(row, one, lasted), _why(one, lasted), (), "when the drug was restarted")])
    found.observed |= {"hours": round(lasted / _HOUR, 1), "ongoing": one.stop is None, "means": row.means}
    limit = row.longer_than_hours or row.at_most_hours
    if limit is not None:
        reached = patient.told(one.start + limit * _HOUR)
        found.observed["limit_reached"] = reached
        found.sentences.append(f"{limit // 24} days of interruption were over at {reached}.")
    length = f"The interruption lasted {words.days(lasted)}" + (" so far." if one.stop is None else ".")
    found.sentences.append(f"{length} Whether an adverse reaction was its cause is not judged here.")
    return said(document, row, patient, interrupted(document, patient, one), found)


def _long(row: Interruption, one: Break, lasted: timedelta) -> Truth:
    above = [hours for hours in (row.longer_than_hours,) if hours is not None]
    if any(lasted <= hours * _HOUR for hours in above):
        return Truth.UNKNOWN if one.stop is None else Truth.NOT_MET
    if row.at_least_hours is not None and lasted < row.at_least_hours * _HOUR:
        return Truth.UNKNOWN if one.stop is None else Truth.NOT_MET
    if row.at_most_hours is not None:
        if lasted > row.at_most_hours * _HOUR:
            return Truth.NOT_MET
        return Truth.UNKNOWN if one.stop is None else Truth.MET
    return Truth.MET


def _why(one: Break, lasted: timedelta) -> str:
    return f"for an interruption of its length; {words.days(lasted)}" + (" so far" if one.stop is None else "")


def interrupted(document: Document, patient: Situation, one: Break) -> Occasion:
    """An interruption as an occasion, at the restart or at the end of what is known."""
    title = f"interruption from {patient.told(one.start)} to {patient.told(one.stop) if one.stop else 'no restart yet'}"
    facts = () if one.restart is None else (one.restart.fact,)
    drug = patient.drug(document.drug)
    before = () if drug is None else tuple(dose.fact for dose in drug.doses if dose.stop == one.start)
    return Occasion(f"interruption {one.number}", title, one.stop or patient.at, document.drug, before + facts)


def premedication(document: Document, row: Premedication, patient: Situation) -> list[Said]:
    """Whether the row asks for premedication before each restart; without any restart, before the latest start."""
    drug = patient.drug(document.drug)
    if drug is None:
        return [said(document, row, patient, treatment(document, patient), _doses(row, patient, patient.at))]
    if not drug.breaks or not {"cycle", "first_cycle", "restart"} & set(row.before):
        return [_at_start(document, row, patient, drug)]
    return [_at_restart(document, row, patient, drug, one) for one in drug.breaks]


def _at_start(document: Document, row: Premedication, patient: Situation, drug: DrugGiven) -> Said:
    number, start = max(drug.cycles.items(), default=(1, drug.first.at))
    found = _doses(row, patient, start)
    found.checks.append(_asked(row, restart=None, cycle=number, starts_cycle=True))
    occasion = Occasion(f"cycle {number}", f"start {patient.told(start)}", start, drug.drug, (drug.first.fact,))
    return said(document, row, patient, occasion, found)


def _at_restart(document: Document, row: Premedication, patient: Situation, drug: DrugGiven, one: Break) -> Said:
    at = one.stop or patient.at
    found = _doses(row, patient, at)
    new = next((number for number, start in drug.cycles.items() if start == one.stop), None)
    found.checks.append(_asked(row, one.lasted(patient.at), new or one.cycle, starts_cycle=new is not None))
    given = [dose for dose in patient.given(row.drug) if timedelta() <= at - dose.at <= 24 * _HOUR]
    if one.stop is not None:
        shown = "; ".join(f"{dose.recorded} at {patient.told(dose.at)}" for dose in given)
        found.sentences.append(f"The record shows {row.drug} in the 24 hours before the restart: {shown or 'none'}.")
    found.facts += [dose.fact for dose in given]
    return said(document, row, patient, interrupted(document, patient, one), found)


def _asked(row: Premedication, restart: timedelta | None, cycle: int | None, *, starts_cycle: bool) -> Check:
    """Whether the row names premedication at this start: a new cycle, cycle 1, or a restart after long enough."""
    if "start" in row.before or ("cycle" in row.before and starts_cycle):
        return Check(Truth.MET, "before the first dose of a cycle, which this is")
    if "first_cycle" in row.before and cycle != 1:
        answer = Truth.UNKNOWN if cycle is None else Truth.NOT_MET
        return Check(answer, "in cycle 1 only", (), "the number of the cycle")
    if "first_cycle" in row.before and starts_cycle:
        return Check(Truth.MET, "before the first dose of cycle 1")
    if restart is None or row.restart_after_hours is None or "restart" not in row.before:
        return Check(Truth.NOT_MET, "before another start than this one")
    answer = Truth.of(restart >= row.restart_after_hours * _HOUR)
    hours = f"{restart / _HOUR:.1f} hours"
    return Check(answer, f"before a restart after {row.restart_after_hours} hours or more; it was {hours}")


def _doses(row: Premedication, patient: Situation, at: datetime) -> Findings:
    found = Findings()
    for number, option in enumerate(row.options, start=1):
        name = "dose" if number == 1 else f"dose_{number}"
        found.dose(name, compute(option, patient, at), f"For this patient, {row.drug}")
    return found
