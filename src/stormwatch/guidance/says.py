"""What documents say for one patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stormwatch.guidance.document import document as find
from stormwatch.guidance.document import documents as files
from stormwatch.guidance.interruptions import interruption, premedication
from stormwatch.guidance.observed import laboratory, listing
from stormwatch.guidance.said import Said
from stormwatch.guidance.schedules import delay, dosing, hospital, monitoring, step_up
from stormwatch.guidance.schema import Document
from stormwatch.guidance.situation import Situation, situation
from stormwatch.guidance.toxicities import toxicity
from stormwatch.guidance.treatments import dose, prompt, regimen, repeat

if TYPE_CHECKING:
    from stormwatch.course.follow import Course

_ROWS: dict[str, Callable[[Document, Any, Situation], list[Said]]] = {
    "dosing": dosing,
    "premedication": premedication,
    "hospital": hospital,
    "interruption": interruption,
    "toxicity": toxicity,
    "laboratory": laboratory,
    "monitoring": monitoring,
    "dose": dose,
    "repeat": repeat,
    "regimen": regimen,
    "step_up": step_up,
    "delay": delay,
    "listing": listing,
    "prompt": prompt,
}


def says(
    course: Course,
    documents: Iterable[str | Document] | None = None,
    at: datetime | str | None = None,
    *,
    unconfirmed: bool = False,
) -> tuple[Said, ...]:
    """What labels and guidelines say for a patient, row by row, with what each rests on.

    Args:
        course: the course of one patient, from ``stormwatch.follow``.
        documents: ids or documents to hold against it. Default: those about a drug the patient was given, or about a
            toxicity the course has.
        at: as known at this moment; the course is followed anew up to it. Default: the end of the course.
        unconfirmed: also list rows that no source confirmed. They are marked, and never count as applying.

    Returns:
        One entry for each row and each occasion in the course (a reaction, an interruption). ``applies`` is unknown
        when the record does not tell, with what is missing. Nothing is chosen by default: with no indication recorded,
        the rows of every indication come back as unknown. An empty record gives no entry. It reports documents, and
        never says what to do.

    Raises:
        UnknownName: there is no such document.
        UsageError: ``at`` is no time.

    >>> import stormwatch as sw
    >>> from stormwatch.guidance import says
    >>> course = sw.follow(sw.answers({"drug:blinatumomab": True, "weight": "68 kg"}))
    >>> next(one.applies.value for one in says(course) if one.row.id == "rr-45")
    'unknown'
    """
    if at is not None:
        from stormwatch.course.follow import follow

        course = follow(course.timeline, at=at)
    patient = situation(course)
    if patient is None:
        return ()
    chosen = _relevant(patient) if documents is None else [find(d) if isinstance(d, str) else d for d in documents]
    return tuple(one for document in chosen for one in said_of(document, patient, unconfirmed=unconfirmed))


def said_of(document: Document, patient: Situation, *, unconfirmed: bool = False) -> list[Said]:
    """What one document says in a situation."""
    rows = (row for row in document.rows if unconfirmed or row.evidence != "unconfirmed")
    return [one for row in rows for one in _ROWS[row.kind](document, row, patient)]


def _relevant(patient: Situation) -> list[Document]:
    drugs = {drug.drug for drug in patient.drugs} | {one.drug for one in patient.treatments}
    toxicities = {one.toxicity for one in patient.reactions}
    every = (find(name) for name in files())
    return [one for one in every if one.drug in drugs or toxicities.intersection(one.toxicities)]
