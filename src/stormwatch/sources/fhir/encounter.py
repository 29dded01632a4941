"""Encounter -> a stay."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.facts import Stay
from stormwatch.sources.draft import Draft, Outside, Place
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.tree import Node, node, text
from stormwatch.sources.times import stop_after, when

NO_STAY = {"entered-in-error": "entered in error", "cancelled": "cancelled", "planned": "Encounter planned"}

# HL7 v3 ActCode, value set ActEncounterCode: how acute an inpatient stay is makes no difference here.
KINDS = {
    "IMP": "inpatient",
    "ACUTE": "inpatient",
    "NONAC": "inpatient",
    "EMER": "emergency",
    "AMB": "ambulatory",
    "OBSENC": "observation",
}


def read_encounter(entry: Entry, draft: Draft) -> None:
    draft.take(entry.record, _stay, entry.body, draft.place(entry.record))


def _stay(encounter: Node, place: Place) -> Iterator[Stay]:
    status = text(encounter, "status")
    if status in NO_STAY:
        raise Outside(NO_STAY[status])
    period = node(encounter, "period")
    time = when(text(period, "start"), place.zone)
    stop = stop_after(time, text(period, "end"), place.zone)
    yield Stay(_kind(node(encounter, "class")), time, stop, place.origin.record)


def _kind(coding: Node) -> str:
    code = text(coding, "code")
    return KINDS.get(code) or text(coding, "display") or code
