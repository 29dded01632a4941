"""Condition -> a finding that is present from its onset, and absent from its abatement.

The time is the onset; without one, the day it was recorded. It is known from the day it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.facts import Fact, When
from stormwatch.sources import charted
from stormwatch.sources.draft import Draft, Outside, Place
from stormwatch.sources.fhir import codes
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.sources.times import known_at, stop_after, when

ENDED = "condition that has ended with no date of its end: read as present from its onset on"
_NO_LONGER_ACTIVE = {"inactive", "remission", "resolved"}
_DECIDED = {"confirmed", "refuted"}
_STATUSES = {*_DECIDED, "entered-in-error", "unconfirmed", "provisional", "differential"}


def read_condition(entry: Entry, draft: Draft) -> None:
    draft.take(entry.record, _facts, entry.body, draft.place(entry.record))


def _facts(condition: Node, place: Place) -> Iterator[Fact]:
    present = _is_present(condition)
    what = codes.concept(condition, "code")
    term = codes.finding(what)
    if term is None:
        raise Outside(f"Condition {what.label}")
    recorded = text(condition, "recordedDate")
    time = _time(condition, recorded, place)
    yield from charted.finding(term, present, what.name, time, known_at(recorded, place.zone, time), place)
    end = stop_after(time, text(condition, "abatementDateTime"), place.zone) if present else None
    if end is not None:
        yield from charted.finding(term, False, what.name, end, known_at(recorded, place.zone, end), place)
    elif present and _ended(condition):
        place.notes[ENDED] += 1


def _is_present(condition: Node) -> bool:
    """Whether the condition is stated to be there; only a confirmed one is, and one of which no more is said."""
    stated = _status(condition, "verificationStatus")
    known = stated & _STATUSES
    if "entered-in-error" in known:
        raise Outside("entered in error")
    if stated and (len(known) != 1 or not known <= _DECIDED):
        raise Outside("Condition not confirmed")
    return "refuted" not in known


def _time(condition: Node, recorded: str, place: Place) -> When:
    onset = text(condition, "onsetDateTime") or text(node(condition, "onsetPeriod"), "start")
    return when(onset or recorded, place.zone)


def _ended(condition: Node) -> bool:
    inactive = _status(condition, "clinicalStatus") & _NO_LONGER_ACTIVE
    return bool(inactive) or any(key.startswith("abatement") for key in condition)


def _status(condition: Node, key: str) -> set[str]:
    """The codes of a status, or its text."""
    coded = {text(coding, "code") for coding in nodes(node(condition, key), "coding")}
    said = coded - {""} or {text(node(condition, key), "text").casefold()}
    return said - {""}
