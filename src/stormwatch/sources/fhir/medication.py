"""MedicationAdministration and MedicationRequest -> exposures: what was given, and what was only ordered.

An administration is known from its start. Its recorded end may lie after the moment a timeline is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormwatch.facts import Exposure, Given, When
from stormwatch.sources.draft import Draft, Outside, Place, Rejected
from stormwatch.sources.fhir import codes
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.quantity import quantity_text
from stormwatch.sources.fhir.references import Referred
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.sources.routes import refuse_local
from stormwatch.sources.times import stop_after, when

GIVEN = {
    "in-progress": Given.GIVEN,
    "on-hold": Given.GIVEN,
    "completed": Given.GIVEN,
    "stopped": Given.GIVEN,
    "not-done": Given.NOT_GIVEN,
}
NOT_AN_ORDER = {"entered-in-error": "entered in error", "cancelled": "cancelled", "draft": "MedicationRequest draft"}
NOT_YET_ORDERED = {"proposal", "plan", "option"}


class Medications:
    """The Medication resources of a bundle, by what refers to them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._listed = Referred(entries, "Medication")

    def of(self, resource: Node) -> codes.Concept:
        """What was given or ordered: named in the resource, contained in it, or elsewhere in the bundle."""
        if node(resource, "medicationCodeableConcept"):
            return codes.concept(resource, "medicationCodeableConcept")
        reference = node(resource, "medicationReference")
        medication = self._find(text(reference, "reference"), resource)
        if medication is not None:
            return codes.concept(medication, "code")
        name = text(reference, "display")
        if not name:
            raise Rejected("the medication it refers to is not in the bundle")
        return codes.Concept((), (name,), name)

    def _find(self, reference: str, resource: Node) -> Node | None:
        if reference.startswith("#"):
            inside = nodes(resource, "contained")
            return next((found for found in inside if text(found, "id") == reference[1:]), None)
        entry = self._listed.find(reference)
        return entry.body if entry is not None else None


def read_administration(entry: Entry, draft: Draft, medications: Medications) -> None:
    draft.take(entry.record, _administration, entry.body, medications, draft.place(entry.record))


def read_request(entry: Entry, draft: Draft, medications: Medications) -> None:
    draft.take(entry.record, _request, entry.body, medications, draft.place(entry.record))


def _administration(resource: Node, medications: Medications, place: Place) -> Iterator[Exposure]:
    status = text(resource, "status")
    if status == "entered-in-error":
        raise Outside("entered in error")
    if status not in GIVEN:
        raise Outside("MedicationAdministration of unknown status")
    dosage = node(resource, "dosage")
    route = codes.concept(dosage, "route").name if node(dosage, "route") else ""
    drug, name = drug_of(resource, medications, route)
    time, stop = effective(resource, place)
    yield Exposure(
        drug,
        GIVEN[status],
        name,
        time,
        time,
        place.origin,
        stop=stop,
        running=status == "in-progress" and stop is None,
        dose=quantity_text(node(dosage, "dose")),
        rate=_rate(dosage),
        route=route,
        status=status,
    )


def effective(resource: Node, place: Place) -> tuple[When, When | None]:
    """When a drug was given or taken: its moment or start, and its end if there is one."""
    period = node(resource, "effectivePeriod")
    time = when(text(resource, "effectiveDateTime") or text(period, "start"), place.zone)
    return time, stop_after(time, text(period, "end"), place.zone)


def _request(resource: Node, medications: Medications, place: Place) -> Iterator[Exposure]:
    status = text(resource, "status")
    if status in NOT_AN_ORDER:
        raise Outside(NOT_AN_ORDER[status])
    if resource.get("doNotPerform") is True:
        raise Outside("MedicationRequest not to give")
    if text(resource, "intent") in NOT_YET_ORDERED:
        raise Outside("MedicationRequest only planned")
    instructions = nodes(resource, "dosageInstruction")
    routes = [codes.concept(each, "route").name for each in instructions if node(each, "route")]
    drug, name = drug_of(resource, medications, routes[0] if len(set(routes)) == 1 else "")
    time = when(text(resource, "authoredOn"), place.zone)
    yield Exposure(drug, Given.ORDERED, name, time, time, place.origin, route=", ".join(routes))


def drug_of(resource: Node, medications: Medications, route: str) -> tuple[str, str]:
    """The drug, and how the record words it.

    Raises:
        Outside: a drug that is not needed, or one applied locally.
    """
    what = medications.of(resource)
    term = codes.drug(what)
    if term is None:
        raise Outside(f"drug {what.label}")
    refuse_local(term, *what.names, route)
    return term.id, what.name


def _rate(dosage: Node) -> str:
    ratio = node(dosage, "rateRatio")
    if not ratio:
        return quantity_text(node(dosage, "rateQuantity"))
    return f"{quantity_text(node(ratio, 'numerator'))} / {quantity_text(node(ratio, 'denominator'))}"
