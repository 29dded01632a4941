"""Rows on what follows a toxicity of a grade: the drug withheld, restarted at a dose, or stopped for good."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from stormwatch.facts import Interval
from stormwatch.guidance import words
from stormwatch.guidance.computed import compute
from stormwatch.guidance.known import Break, Check, Given, Reaction
from stormwatch.guidance.said import Findings, Occasion, Said, said
from stormwatch.guidance.schedules import treatment
from stormwatch.guidance.schema import Document, Toxicity, ToxicityRow
from stormwatch.guidance.situation import Situation
from stormwatch.logic.truth import Truth

_DEFAULT_GRADING = {"crs": "crs-astct", "neurotoxicity": "icans-astct", "other": "ctcae-v5"}
_DAY = timedelta(days=1)
# An interruption belongs to a reaction when it begins no more than this before its onset (ours).
_BEFORE = timedelta(days=1)


def grading(document: Document, toxicity: Toxicity) -> str:
    """The instrument a document's grades of a toxicity are read from here."""
    return document.grading.get(toxicity, _DEFAULT_GRADING.get(toxicity, ""))


def toxicity(document: Document, row: ToxicityRow, patient: Situation) -> list[Said]:
    """What the row says of every reaction of its kind in the record."""
    reactions = patient.reactions_of(row.toxicity, grading(document, row.toxicity))
    if row.more_than is not None and not row.grades:
        return [_counted(document, row, patient, reactions)]
    if not reactions:
        return [_unseen(document, row, patient)]
    return [_graded(document, row, patient, one, reactions) for one in reactions]


def occasion_of(one: Reaction, patient: Situation, drug: str) -> Occasion:
    """A reaction as an occasion, at its onset."""
    end = "" if one.end is None else f" to {patient.told(one.end)}"
    title = f"{one.name} from {patient.told(one.onset)}{end}"
    return Occasion(f"{one.toxicity}: {one.name} {one.number}", title, one.onset, drug, one.facts)


def of_grade(one: Reaction, wanted: tuple[int, ...], toxicity: str) -> Check:
    """Whether a reaction reached one of the grades and no higher one, by the instrument that grades it here."""
    asked = f"for {words.TOXICITIES[toxicity]} of {words.grades(wanted)}"
    if one.grade is None:
        return Check(Truth.UNKNOWN, f"{asked}; {one.name} is not graded", one.facts, one.missing)
    grades = {grade for grade in range(6) if grade in one.grade}
    answer = Truth.UNKNOWN
    if grades.isdisjoint(wanted):
        answer = Truth.NOT_MET
    elif grades <= set(wanted):
        answer = Truth.MET
    why = f"{asked}; {one.name} was at its worst of grade {one.grade} by {one.grading}"
    return Check(answer, why, one.facts, one.missing or "the grade")


def _unseen(document: Document, row: ToxicityRow, patient: Situation) -> Said:
    what = words.TOXICITIES[row.toxicity]
    missing = f"whether there was {what}, and its grade"
    found = Findings([Check(Truth.UNKNOWN, f"for {what}; none is established in the record", (), missing)])
    return said(document, row, patient, treatment(document, patient), found)


def _counted(document: Document, row: ToxicityRow, patient: Situation, reactions: tuple[Reaction, ...]) -> Said:
    """A row on the number of events: more of them than recorded may have happened."""
    assert row.more_than is not None
    enough = len(reactions) > row.more_than
    what = words.TOXICITIES[row.toxicity]
    why = f"for more than {row.more_than} {what}; {len(reactions)} recorded"
    facts = tuple(fact for one in reactions for fact in one.facts)
    check = Check(
        Truth.MET if enough else Truth.UNKNOWN, why, facts, f"whether there was more than {row.more_than} {what}"
    )
    found = Findings([check], {"events": len(reactions)})
    _stopped_for_good(row, found, check.answer)
    return said(document, row, patient, treatment(document, patient), found)


def _graded(
    document: Document, row: ToxicityRow, patient: Situation, one: Reaction, reactions: tuple[Reaction, ...]
) -> Said:
    found = Findings([of_grade(one, row.grades, row.toxicity)])
    if row.more_than is not None:
        found.checks.append(_again(row, one, reactions))
    grade = found.checks[0].answer
    if one.grade is not None:
        found.observed |= {"grade": [float(one.grade.low), float(one.grade.high)], "graded_by": one.grading}
    for place, amount in enumerate(row.treatment, start=1):
        name = "treatment" if place == 1 else f"treatment_{place}"
        found.dose(name, compute(amount, patient, one.onset), f"{row.treatment_drug} for this patient")
    _restart(document, row, patient, one, found)
    _too_long(row, patient, one, grade, found)
    _at_low_dose(document, row, patient, one, grade, found)
    if row.action == "discontinue":
        _stopped_for_good(row, found, grade if row.more_than is None else found.checks[1].answer)
    return said(document, row, patient, occasion_of(one, patient, document.drug), found)


def _again(row: ToxicityRow, one: Reaction, reactions: tuple[Reaction, ...]) -> Check:
    same = [other for other in reactions if other.onset <= one.onset]
    answers = [of_grade(other, row.grades, row.toxicity).answer for other in same]
    sure, possible = answers.count(Truth.MET), len(answers) - answers.count(Truth.NOT_MET)
    limit = row.more_than or 0
    answer = Truth.MET if sure > limit else Truth.UNKNOWN if possible > limit else Truth.NOT_MET
    return Check(answer, f"for more than {limit} event of that grade", (), "the grade of the earlier events")


def _restart(document: Document, row: ToxicityRow, patient: Situation, one: Reaction, found: Findings) -> None:
    """The dose of the restart, and the earliest moment of the step after it, from the restart the record has."""
    if row.restart is None:
        return
    stop = _break(document, patient, one)
    restarted = stop.restart if stop else None
    at = restarted.at if restarted else patient.at
    found.dose(
        "restart", compute(row.restart, patient, at), f"The restart dose it names, {row.resume}, for this patient"
    )
    if row.escalate is None or row.escalate_after_days is None:
        return
    found.dose("escalate", compute(row.escalate, patient, at), "The dose after the step, for this patient")
    if restarted is None:
        found.values["earliest_step"] = None
        found.sentences.append("The record has no restart, so the earliest step cannot be dated.")
        return
    _step(row, patient, one, restarted, found)


def _step(row: ToxicityRow, patient: Situation, one: Reaction, restarted: Given, found: Findings) -> None:
    assert row.escalate_after_days is not None
    earliest = patient.told(restarted.at + row.escalate_after_days * _DAY)
    found.values |= {"restarted": patient.told(restarted.at), "earliest_step": earliest}
    found.facts.append(restarted.fact)
    again = [other for other in _same_kind(patient, one) if other.onset > restarted.at]
    found.values["recurred"] = bool(again)
    found.sentences.append(f"The record has a restart at {patient.told(restarted.at)} ({restarted.recorded}).")
    if again:
        found.sentences.append(f"It recurred from {patient.told(again[0].onset)}; the row asks for no recurrence.")
    else:
        days = f"{row.escalate_after_days} days after it"
        found.sentences.append(f"{days}, if there is no recurrence: {earliest}. None is recorded so far.")


def _too_long(row: ToxicityRow, patient: Situation, one: Reaction, grade: Truth, found: Findings) -> None:
    """Whether the reaction took longer than the days after which the row names permanent discontinuation."""
    if row.discontinue_after_days is None:
        return
    limit = row.discontinue_after_days * _DAY
    lasted = (one.end or patient.at) - one.onset
    longer = Truth.of(lasted > limit) if one.end is not None or lasted > limit else Truth.UNKNOWN
    applies = Truth.NOT_MET if grade is Truth.NOT_MET else longer if grade is Truth.MET else Truth.UNKNOWN
    found.values["discontinue_when_longer"] = {"days": row.discontinue_after_days, "applies": applies.value}
    ended = "so far" if one.end is None else "until it was no longer found"
    found.sentences.append(
        f"{one.name} lasted {words.days(lasted)} {ended}; the row names permanent discontinuation "
        f"after more than {row.discontinue_after_days} days."
    )


def _at_low_dose(
    document: Document, row: ToxicityRow, patient: Situation, one: Reaction, grade: Truth, found: Findings
) -> None:
    """Whether the reaction began at the dose at which the row names permanent discontinuation."""
    if row.discontinue_at_mcg_per_day is None:
        return
    running = [d for d in patient.given(document.drug) if d.at <= one.onset and (d.stop is None or one.onset <= d.stop)]
    dose = running[-1].mcg_per_day if running else None
    same = Truth.UNKNOWN if dose is None else Truth.of(dose == Fraction(row.discontinue_at_mcg_per_day))
    applies = Truth.NOT_MET if grade is Truth.NOT_MET else same if grade is Truth.MET else Truth.UNKNOWN
    found.values["discontinue_at_dose"] = {
        "mcg_per_day": float(row.discontinue_at_mcg_per_day),
        "applies": applies.value,
    }
    found.facts += [one.fact for one in running[-1:]]
    found.sentences.append(
        f"It began at {words.amount(Interval.point(dose), 'mcg/day')}."
        if dose is not None
        else "The dose at its onset is not recorded."
    )


def _stopped_for_good(row: ToxicityRow, found: Findings, answer: Truth) -> None:
    found.values["permanent_discontinuation_named"] = answer.value


def _break(document: Document, patient: Situation, one: Reaction) -> Break | None:
    """The interruption that goes with a reaction: the first one that ends after its onset."""
    drug = patient.drug(document.drug)
    breaks = () if drug is None else drug.breaks
    until = one.end or patient.at
    after = (b for b in breaks if (b.stop is None or b.stop > one.onset) and one.onset - _BEFORE <= b.start <= until)
    return next(after, None)


def _same_kind(patient: Situation, one: Reaction) -> list[Reaction]:
    return [o for o in patient.reactions if (o.toxicity, o.name, o.grading) == (one.toxicity, one.name, one.grading)]
