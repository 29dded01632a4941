"""MedicationStatement -> an exposure: what somebody says was taken, over the period they say.

It is known from the day it was asserted. A medicine that is still taken has a period without an end.
"""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.facts import Exposure, Given
from stormwatch.sources.draft import Draft, Outside, Place
from stormwatch.sources.fhir import codes
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.medication import Medications, drug_of, effective
from stormwatch.sources.fhir.quantity import quantity_text
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.sources.times import known_at

TAKEN = {
    "active": Given.GIVEN,
    "completed": Given.GIVEN,
    "stopped": Given.GIVEN,
    "on-hold": Given.GIVEN,
    "not-taken": Given.NOT_GIVEN,
}
NOT_TAKEN_YET = {"entered-in-error": "entered in error", "intended": "MedicationStatement only intended"}


def read_statement(entry: Entry, draft: Draft, medications: Medications) -> None:
    draft.take(entry.record, _statement, entry.body, medications, draft.place(entry.record))


def _statement(resource: Node, medications: Medications, place: Place) -> Iterator[Exposure]:
    status = text(resource, "status")
    if status not in TAKEN:
        raise Outside(NOT_TAKEN_YET.get(status, "MedicationStatement of unknown status"))
    dosages = nodes(resource, "dosage")
    route = _the_only([codes.concept(each, "route").name for each in dosages if node(each, "route")])
    amounts = [each for dosage in dosages for each in nodes(dosage, "doseAndRate")]
    doses = [quantity_text(node(each, "doseQuantity")) for each in amounts]
    drug, name = drug_of(resource, medications, route)
    time, stop = effective(resource, place)
    yield Exposure(
        drug,
        TAKEN[status],
        f"{name} (as stated)",
        time,
        known_at(text(resource, "dateAsserted"), place.zone, time),
        place.origin,
        stop=stop,
        running=status == "active" and bool(node(resource, "effectivePeriod")) and stop is None,
        dose=_the_only(doses),
        route=route,
    )


def _the_only(texts: list[str]) -> str:
    """What all of them say; empty where they differ."""
    return texts[0] if len(set(texts)) == 1 else ""
