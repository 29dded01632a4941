"""Rows on plans: dosing by day of the cycle, step-up schedules, late doses, hospital days, monitoring."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from stormwatch.facts import Interval
from stormwatch.guidance import words
from stormwatch.guidance.computed import compute
from stormwatch.guidance.known import Check, Given
from stormwatch.guidance.said import Findings, Occasion, Said, said
from stormwatch.guidance.schema import Delay, Document, Dosing, Hospital, Monitoring, StepUp, Stretch
from stormwatch.guidance.situation import Situation
from stormwatch.logic.truth import Truth

# A recorded dose is read as the step it lies this near to (ours): steps differ by more than twice that.
_NEAR = Fraction(20, 100)
_MG = {"mg": Fraction(1), "mcg": Fraction(1, 1000)}
_DAY = timedelta(days=1)


def dosing(document: Document, row: Dosing, patient: Situation) -> list[Said]:
    """The planned dose for this weight, with the dates of its days in the latest cycle of the record."""
    found = Findings()
    cycles = _cycles(document, patient)
    number, start = max(cycles.items(), default=(None, None))
    schedule = []
    for stretch in row.schedule:
        dose = compute(stretch.amount, patient, patient.at)
        entry: dict[str, object] = {
            "first_cycle": stretch.first_cycle,
            "last_cycle": stretch.last_cycle,
            "first_day": stretch.first_day,
            "last_day": stretch.last_day,
            "dose": dose.data,
        }
        if number is not None and start is not None and _in_cycle(stretch, number):
            entry |= {"cycle": number, "from": patient.told(start + (stretch.first_day - 1) * _DAY)}
            found.sentences.append(
                f"Cycle {number} of the record began {patient.told(start)}: day {stretch.first_day} is "
                f"{entry['from']}; for this patient {dose.text}"
            )
        schedule.append(entry)
        found.facts += dose.facts
        found.missing += [dose.missing] if dose.missing else []
    found.values["schedule"] = schedule
    return [said(document, row, patient, treatment(document, patient), found)]


def hospital(document: Document, row: Hospital, patient: Situation) -> list[Said]:
    """The recommended days in hospital, dated for the cycles that the record has."""
    found = Findings()
    cycles = _cycles(document, patient)
    if not cycles:
        found.missing.append("the start of the cycles")
    periods = []
    for period in row.periods:
        entry: dict[str, object] = {"cycle": period.cycle, "days": period.days}
        if period.cycle in cycles:
            begin = cycles[period.cycle]
            entry |= {"from": patient.told(begin), "until": patient.told(begin + period.days * _DAY)}
            found.sentences.append(f"Cycle {period.cycle} of the record: {entry['from']} to {entry['until']}.")
        periods.append(entry)
    found.values["periods"] = periods
    if cycles:
        found.sentences.append("Cycles are counted from the first one in the record.")
    return [said(document, row, patient, treatment(document, patient), found)]


def monitoring(document: Document, row: Monitoring, patient: Situation) -> list[Said]:
    """A statement that holds for every patient given the drug, or depends on what is not asked here."""
    found = Findings()
    if row.depends_on:
        found.checks.append(Check(Truth.UNKNOWN, f"depends on {row.depends_on}", (), row.depends_on))
    return [said(document, row, patient, treatment(document, patient), found)]


def step_up(document: Document, row: StepUp, patient: Situation) -> list[Said]:
    """The steps of the schedule, dated from the first dose in the record."""
    found = Findings()
    begun = patient.given(row.doses[0].drug or document.drug)
    if not begun:
        found.checks.append(Check(Truth.UNKNOWN, "from the first dose of the schedule", (), "its first dose"))
    doses = []
    for dose in row.doses:
        computed = compute(dose.amount, patient, begun[0].at if begun else patient.at)
        entry: dict[str, object] = {"day": dose.day, "drug": dose.drug or document.drug, "dose": computed.data}
        if begun:
            entry["date"] = patient.told(begun[0].at + (dose.day - 1) * _DAY)
            found.sentences.append(f"Day {dose.day} is {entry['date']}: {computed.text}")
        doses.append(entry)
        found.facts += computed.facts
        found.missing += [computed.missing] if computed.missing else []
    found.values["doses"] = doses
    found.facts += [one.fact for one in begun[:1]]
    return [said(document, row, patient, treatment(document, patient), found)]


def delay(document: Document, row: Delay, patient: Situation) -> list[Said]:
    """What a late dose means, for the time since the last dose in the record."""
    given = patient.given(document.drug)
    if not given:
        return [said(document, row, patient, treatment(document, patient), _never_given())]
    last = given[-1]
    since = patient.at - last.at
    found = Findings([_was(row, last, patient), _late(row, since, last)])
    found.observed |= {"last_dose": patient.told(last.at), "days_since": round(since / _DAY, 1), "then": row.then}
    found.sentences.append(f"The last dose in the record: {patient.told(last.at)}, {words.days(since)} before.")
    if row.longer_than_days is not None:
        found.values["after"] = patient.told(last.at + row.longer_than_days * _DAY)
    if row.at_most_days is not None:
        found.values["until"] = patient.told(last.at + row.at_most_days * _DAY)
    if row.dose is not None:
        found.dose("dose", compute(row.dose, patient, patient.at), "The dose it names")
    occasion = Occasion("delay", "time since the last dose", patient.at, document.drug, (last.fact,))
    return [said(document, row, patient, occasion, found)]


def treatment(document: Document, patient: Situation) -> Occasion:
    """The treatment as a whole, at the end of what is known."""
    given = patient.given(document.drug)
    return Occasion("treatment", "the treatment", patient.at, document.drug, (given[0].fact,) if given else ())


def _never_given() -> Findings:
    return Findings([Check(Truth.UNKNOWN, "after a dose", (), "any dose of the drug")])


def _was(row: Delay, last: Given, patient: Situation) -> Check:
    """Whether the last dose was the step that the row is about."""
    step = compute(row.after, patient, last.at)
    asked = f"after {row.after.value} {row.after.unit}" + (f"/{row.after.per}" if row.after.per else "")
    if last.mg is None:
        return Check(Truth.UNKNOWN, asked, (last.fact,), "the last dose in a unit that can be read")
    if step.number is None:
        return Check(Truth.UNKNOWN, asked, (last.fact,), step.missing)
    scaled = step.number.affine(_MG[row.after.unit])
    near = Interval(scaled.low * (1 - _NEAR), scaled.high * (1 + _NEAR))
    return Check(Truth.of(last.mg in near), f"{asked}; the last dose recorded is {last.recorded}", (last.fact,))


def _late(row: Delay, since: timedelta, last: Given) -> Check:
    late = row.longer_than_days is None or since > row.longer_than_days * _DAY
    late = late and (row.at_least_days is None or since >= row.at_least_days * _DAY)
    late = late and (row.at_most_days is None or since <= row.at_most_days * _DAY)
    return Check(Truth.of(late), f"for a delay of its length; {words.days(since)} since the last dose", (last.fact,))


def _in_cycle(stretch: Stretch, number: int) -> bool:
    return stretch.first_cycle <= number and (stretch.last_cycle is None or number <= stretch.last_cycle)


def _cycles(document: Document, patient: Situation) -> dict[int, datetime]:
    drug = patient.drug(document.drug)
    return {} if drug is None else drug.cycles
