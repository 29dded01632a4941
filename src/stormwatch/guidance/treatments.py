"""Rows on drugs against a toxicity: a dose by weight, how often it may be repeated, a regimen by grade."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormwatch.guidance import words
from stormwatch.guidance.computed import compute
from stormwatch.guidance.known import Check, Given, Reaction
from stormwatch.guidance.said import Findings, Said, facts_of, said
from stormwatch.guidance.schedules import treatment
from stormwatch.guidance.schema import Document, Prompt, Regimen, Repeat, Toxicity, WeightDose
from stormwatch.guidance.situation import Situation
from stormwatch.guidance.toxicities import grading, occasion_of, of_grade
from stormwatch.logic.truth import Truth

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
# A dose counts with a reaction when given from its onset until this long after its end (ours).
_AFTER = timedelta(days=2)


def dose(document: Document, row: WeightDose, patient: Situation) -> list[Said]:
    """The dose for the weight at each reaction, and what the record shows as given."""
    return [_dose(document, row, patient, one) for one in _reactions(document, row.toxicity, patient)] or [
        _unseen(document, row, patient)
    ]


def _dose(document: Document, row: WeightDose, patient: Situation, one: Reaction) -> Said:
    given = _given(row.drug, patient, one)
    found = Findings()
    found.dose(
        "dose", compute(row.amount, patient, given[0].at if given else one.onset), f"{row.drug} for this patient"
    )
    shown = "; ".join(f"{each.recorded} at {patient.told(each.at)}" for each in given)
    found.sentences.append(f"The record shows {row.drug}: {shown or 'none'}.")
    found.facts += facts_of(given)
    found.values["recorded"] = [{"at": patient.told(each.at), "as_recorded": each.recorded} for each in given]
    return said(document, row, patient, occasion_of(one, patient, row.drug), found)


def repeat(document: Document, row: Repeat, patient: Situation) -> list[Said]:
    """For each reaction: how many doses the record has, and the earliest next one the row allows."""
    return [_repeat(document, row, patient, one) for one in _reactions(document, row.toxicity, patient)] or [
        _unseen(document, row, patient)
    ]


def _repeat(document: Document, row: Repeat, patient: Situation, one: Reaction) -> Said:
    given = _given(row.drug, patient, one)
    found = Findings(facts=list(facts_of(given)))
    found.values |= {"given": len(given), "most_total": row.most_total, "most_in_24_hours": row.most_in_24_hours}
    if not given:
        found.checks.append(Check(Truth.UNKNOWN, f"after a dose of {row.drug}", (), f"any dose of {row.drug}"))
        return said(document, row, patient, occasion_of(one, patient, row.drug), found)
    found.checks.append(Check(Truth.MET, f"after a dose of {row.drug}", facts_of(given)))
    used_up = row.most_total is not None and len(given) >= row.most_total
    earliest = None if used_up else patient.told(_earliest(row, given))
    found.values["earliest_next"] = earliest
    left = "the total it names is reached" if used_up else f"the earliest next one by this row: {earliest}"
    found.sentences.append(f"Doses in the record: {len(given)}, the last at {patient.told(given[-1].at)}; {left}.")
    return said(document, row, patient, occasion_of(one, patient, row.drug), found)


def _earliest(row: Repeat, given: tuple[Given, ...]) -> datetime:
    moments = [given[-1].at + (row.interval_hours or 0) * _HOUR]
    if row.most_in_24_hours is not None and len(given) >= row.most_in_24_hours:
        moments.append(given[-row.most_in_24_hours].at + _DAY)
    return max(moments)


def regimen(document: Document, row: Regimen, patient: Situation) -> list[Said]:
    """The steps of a regimen for this weight or body surface, for each reaction of the row's grades."""
    return [_regimen(document, row, patient, one) for one in _reactions(document, row.toxicity, patient)] or [
        _unseen(document, row, patient)
    ]


def _regimen(document: Document, row: Regimen, patient: Situation, one: Reaction) -> Said:
    found = Findings([of_grade(one, row.grades, row.toxicity)] if row.grades else [])
    steps = [compute(step, patient, one.onset) for step in row.steps]
    found.values |= {"drug": row.drug, "steps": [step.data for step in steps]}
    found.sentences += [f"{row.drug.replace('_', ' ')} for this patient: {step.text}" for step in steps]
    found.facts += [fact for step in steps for fact in step.facts]
    found.missing += [step.missing for step in steps if step.missing]
    return said(document, row, patient, occasion_of(one, patient, row.drug), found)


def prompt(document: Document, row: Prompt, patient: Situation) -> list[Said]:
    """Whether a reaction lasted longer than the document's limit; one that goes on counts so far."""
    return [_prompt(document, row, patient, one) for one in _reactions(document, row.toxicity, patient)] or [
        _unseen(document, row, patient)
    ]


def _prompt(document: Document, row: Prompt, patient: Situation, one: Reaction) -> Said:
    lasted = (one.end or patient.at) - one.onset
    longer = lasted > row.longer_than_days * _DAY
    answer = Truth.of(longer) if longer or one.end is not None else Truth.UNKNOWN
    why = f"for more than {row.longer_than_days} days; it lasted {words.days(lasted)}"
    found = Findings([Check(answer, why, one.facts, "how long it lasted")], observed={"days": round(lasted / _DAY, 1)})
    return said(document, row, patient, occasion_of(one, patient, document.drug), found)


def _reactions(document: Document, toxicity: Toxicity, patient: Situation) -> tuple[Reaction, ...]:
    return patient.reactions_of(toxicity, grading(document, toxicity))


def _given(drug: str, patient: Situation, one: Reaction) -> tuple[Given, ...]:
    until = (one.end or patient.at) + _AFTER
    return tuple(each for each in patient.given(drug) if one.onset <= each.at <= until)


def _unseen(document: Document, row: WeightDose | Repeat | Regimen | Prompt, patient: Situation) -> Said:
    what = words.TOXICITIES[row.toxicity]
    check = Check(Truth.UNKNOWN, f"for {what}; none is established in the record", (), f"whether there was {what}")
    return said(document, row, patient, treatment(document, patient), Findings([check]))
