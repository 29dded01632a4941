"""Procedure -> a finding that is present while it is performed (mechanical ventilation, dialysis)."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.facts import Fact
from stormwatch.sources import charted
from stormwatch.sources.draft import Draft, Outside, Place
from stormwatch.sources.fhir import codes
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.tree import Node, node, text
from stormwatch.sources.times import stop_after, when

NOT_PERFORMED = {
    "entered-in-error": "entered in error",
    "not-done": "Procedure not done",
    "preparation": "Procedure not begun",
    "unknown": "Procedure of unknown status",
}


def read_procedure(entry: Entry, draft: Draft) -> None:
    draft.take(entry.record, _facts, entry.body, draft.place(entry.record))


def _facts(procedure: Node, place: Place) -> Iterator[Fact]:
    status = text(procedure, "status")
    if status in NOT_PERFORMED:
        raise Outside(NOT_PERFORMED[status])
    what = codes.concept(procedure, "code")
    term = codes.finding(what)
    if term is None:
        raise Outside(f"Procedure {what.label}")
    period = node(procedure, "performedPeriod")
    time = when(text(procedure, "performedDateTime") or text(period, "start"), place.zone)
    yield from charted.finding(term, True, what.name, time, time, place)
    end = stop_after(time, text(period, "end"), place.zone)
    if end is not None:
        yield from charted.finding(term, False, what.name, end, end, place)
