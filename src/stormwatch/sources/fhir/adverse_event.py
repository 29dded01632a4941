"""AdverseEvent -> a finding that is present when the event happened.

The time is the date of the event; without one, the day it was detected or recorded. It is known from the day it was
recorded, or else detected.
"""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.facts import Fact
from stormwatch.sources import charted
from stormwatch.sources.draft import Draft, Outside, Place
from stormwatch.sources.fhir import codes
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.tree import Node, text
from stormwatch.sources.times import known_at, when


def read_adverse_event(entry: Entry, draft: Draft) -> None:
    draft.take(entry.record, _facts, entry.body, draft.place(entry.record))


def _facts(event: Node, place: Place) -> Iterator[Fact]:
    if text(event, "actuality") != "actual":
        raise Outside("AdverseEvent not stated to be actual")
    what = codes.concept(event, "event")
    term = codes.finding(what)
    if term is None:
        raise Outside(f"AdverseEvent {what.label}")
    detected, recorded = text(event, "detected"), text(event, "recordedDate")
    time = when(text(event, "date") or detected or recorded, place.zone)
    known = known_at(recorded or detected, place.zone, time)
    yield from charted.finding(term, True, what.name, time, known, place)
