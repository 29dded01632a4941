"""Whom a document is about: drugs whose toxicity it covers, and those it excludes."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch import terms
from stormwatch.guidance.known import Check, DrugGiven
from stormwatch.guidance.schema import Document
from stormwatch.guidance.situation import Situation
from stormwatch.logic.truth import Truth


def population(document: Document, patient: Situation) -> Iterator[Check]:
    """Whether the patient is one the document is about: a check for each thing it says of that."""
    if document.covers:
        yield covered(document, patient)
    if document.excludes:
        yield not_excluded(document, patient)


def covered(document: Document, patient: Situation) -> Check:
    """Whether the patient had a drug whose toxicity the document is about.

    When the record has another T-cell-engaging drug and none of these, the answer is no: the reactions followed that
    other drug. With no such drug recorded it is unknown.
    """
    had = _had(document.covers, patient)
    told = " or ".join(_spoken(name) for name in document.covers)
    if had:
        return Check(Truth.MET, f"about {told}, which was given", tuple(drug.first.fact for drug in had))
    if patient.drugs:
        others = " and ".join(_spoken(drug.drug) for drug in patient.drugs)
        why = f"about {told}; the record has {others}, which is outside it"
        return Check(Truth.NOT_MET, why, tuple(drug.first.fact for drug in patient.drugs))
    return Check(Truth.UNKNOWN, f"about {told}", (), f"whether {told} was given")


def not_excluded(document: Document, patient: Situation) -> Check:
    """Whether the patient had none of the drugs whose toxicity is outside the document."""
    had = _had(document.excludes, patient)
    told = " or ".join(_spoken(name) for name in document.excludes)
    if had:
        names = " and ".join(_spoken(drug.drug) for drug in had)
        return Check(Truth.NOT_MET, f"not about {told}; {names} was given", tuple(drug.first.fact for drug in had))
    return Check(Truth.UNKNOWN, f"not about {told}", (), f"whether {told} was given")


def _had(names: tuple[str, ...], patient: Situation) -> list[DrugGiven]:
    drugs = frozenset[str]().union(*(_drugs(name) for name in names))
    return [drug for drug in patient.drugs if drug.drug in drugs]


def _drugs(name: str) -> frozenset[str]:
    return terms.drugs_in_class(name) if name in terms.tables.classes() else frozenset({name})


def _spoken(name: str) -> str:
    return {"car_t": "CAR-T cells", "t_cell_therapy": "T-cell-engaging therapy"}.get(name, name.replace("_", " "))
