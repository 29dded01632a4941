"""Answers to the questions of Naranjo and the conditions of WHO-UMC, proposed from a course, each with its reason.

What a record cannot answer is left open. The decisions where a question can be read in two ways are these, and ours:

* A confounded dechallenge answers neither yes nor no to Naranjo's question 3: it got better when the drug was stopped,
  and treatment given with the stop can explain it. The question stays open, and the range of the total holds both. A
  drug against cytokines is no specific antagonist of the suspect drug.
* For WHO-UMC a confounded dechallenge is a response to withdrawal that is unclear.
* A restart without recurrence answers question 4 with no, also when the dose was lower or premedication was given;
  the reason says so, for a person to weigh.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stormwatch.course.challenge import Dechallenge, Rechallenge, names
from stormwatch.course.follow import Course
from stormwatch.course.infusions import DrugCourse
from stormwatch.facts import Fact, Measurement
from stormwatch.safety.drafting.events import Event
from stormwatch.safety.drafting.links import dechallenge, rechallenge
from stormwatch.safety.expectedness import Answer


@dataclass(frozen=True, slots=True)
class Proposal:
    """One question with the answer proposed (None: left open), the reason, and the facts behind it."""

    question: str
    answer: str | None
    why: str
    facts: tuple[Fact, ...] = ()


def naranjo_proposals(
    course: Course, drug: DrugCourse, event: Event, every: Iterable[Event], answers: Iterable[Answer]
) -> Iterator[Proposal]:
    """The ten questions for one drug and one reaction."""
    changed, again = dechallenge(course, drug.drug, event), rechallenge(course, drug.drug, event)
    yield _earlier_reports(answers)
    yield _after_the_drug(drug, event)
    yield _better_after_stopping(changed)
    yield _came_back(changed, again)
    yield Proposal("q5", None, _differential(course, event))
    yield Proposal("q6", None, "The record does not say whether a placebo was given.")
    yield Proposal("q7", None, "The record holds no concentration of the drug.")
    yield Proposal("q8", None, "Whether it was worse with more drug is for a person to judge.", _steps(drug))
    yield _before(drug, event, every)
    yield _objective(event)


def who_umc_proposals(course: Course, drug: DrugCourse, event: Event) -> Iterator[Proposal]:
    """The conditions of WHO-UMC for one drug and one reaction."""
    changed, again = dechallenge(course, drug.drug, event), rechallenge(course, drug.drug, event)
    if event.first < drug.first:
        yield Proposal(
            "time", "improbable", "The first sign was before the first recorded dose.", drug.infusions[0].facts
        )
    else:
        yield Proposal("time", "plausible", "The first sign came after the first dose.", drug.infusions[0].facts)
    yield Proposal("others", None, _differential(course, event))
    yield _withdrawal(changed)
    yield Proposal("definitive", None, "Whether it is a specific, recognised disorder is for a person to judge.")
    if again is None:
        yield Proposal("rechallenge", None, "No restart after the reaction is recorded.")
    elif again.outcome == "recurred":
        yield Proposal("rechallenge", "satisfactory", again.why, again.restart.facts)
    elif again.outcome == "did not recur":
        yield Proposal("rechallenge", "not satisfactory", again.why, again.restart.facts)
    else:
        yield Proposal("rechallenge", None, again.why, again.restart.facts)


def _earlier_reports(answers: Iterable[Answer]) -> Proposal:
    listed = [one for one in answers if one.listed == "own_term"]
    if listed:
        return Proposal("q1", "yes", f"Listed as a term of its own: {'; '.join(one.cited for one in listed)}.")
    return Proposal("q1", None, "No document held here lists it as a term of its own; other reports were not searched.")


def _after_the_drug(drug: DrugCourse, event: Event) -> Proposal:
    facts: tuple[Fact, ...] = (*drug.infusions[0].facts[:1], *event.stated)
    if event.first >= drug.first:
        return Proposal("q2", "yes", "Its first sign came after the first recorded dose.", facts)
    return Proposal("q2", "no", "Its first sign was there before the first recorded dose.", facts)


def _better_after_stopping(changed: Dechallenge | None) -> Proposal:
    if changed is None:
        return Proposal("q3", None, "The course tells no dechallenge.")
    if changed.outcome == "positive":
        return Proposal("q3", "yes", changed.why)
    if changed.outcome == "negative":
        return Proposal("q3", "no", changed.why)
    if changed.outcome == "confounded":
        why = f"{changed.why} It got no answer: the improvement may be due to either."
        return Proposal("q3", None, why, changed.treatments)
    return Proposal("q3", None, changed.why)


def _came_back(changed: Dechallenge | None, again: Rechallenge | None) -> Proposal:
    if again is None:
        if changed is not None and changed.not_given_again is not None:
            return Proposal("q4", "not known", "Not done: the drug was stopped and the record has no restart.")
        return Proposal("q4", None, "The record shows no restart after a stop in the reaction.")
    if again.outcome == "cannot tell":
        return Proposal("q4", None, again.why, again.restart.facts)
    given = f" Premedication: {names(again.premedication)}." if again.premedication else ""
    how = f" Given again as {again.restart.recorded or 'a dose not recorded'}.{given}"
    answer = "yes" if again.outcome == "recurred" else "no"
    return Proposal("q4", answer, again.why + how, (*again.restart.facts, *again.premedication))


def _differential(course: Course, event: Event) -> str:
    told = [
        f"{one.title} ({len(one.speaks_for)} for, {len(one.speaks_against)} against)"
        for one in course.differential
        if one.speaks_for and one.id != event.kind.id
    ]
    listed = f" The course lists: {'; '.join(told)}." if told else ""
    return f"Whether another cause explains it is for a person to judge.{listed}"


def _steps(drug: DrugCourse) -> tuple[Fact, ...]:
    return tuple(one.fact for one in drug.infusions)


def _before(drug: DrugCourse, event: Event, every: Iterable[Event]) -> Proposal:
    earlier = [one for one in every if one.kind.id == event.kind.id and drug.first <= one.first < event.first]
    if earlier:
        return Proposal(
            "q9", "yes", "The course holds an earlier reaction of this kind after the drug.", earlier[0].stated
        )
    return Proposal(
        "q9", None, "Earlier reactions to this or similar drugs are not recorded, which does not deny them."
    )


def _objective(event: Event) -> Proposal:
    measured = [fact for one in event.episodes for fact in one.facts if isinstance(fact, Measurement)]
    if measured:
        return Proposal("q10", "yes", "The criteria were met by measured values.", tuple(measured))
    return Proposal("q10", None, "No measured value is behind it.")


def _withdrawal(changed: Dechallenge | None) -> Proposal:
    if changed is None or changed.outcome != "positive":
        why = "The course tells no dechallenge." if changed is None else f"{changed.outcome}: {changed.why}"
        return Proposal("withdrawal", "lacking or unclear", why, () if changed is None else changed.treatments)
    return Proposal("withdrawal", "plausible", changed.why)
