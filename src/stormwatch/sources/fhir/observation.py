"""Observation -> measurements and findings.

The time is ``effectiveDateTime``, ``effectiveInstant`` or the start of ``effectivePeriod``. A result is known from
``issued``; without that, from the release of a report that lists it, from the end of its period, or else from its time:
never before what it describes is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stormwatch.analytes import Analyte
from stormwatch.facts import Fact, Measurement, When
from stormwatch.sources import charted
from stormwatch.sources.draft import Draft, Outside, Place, Rejected
from stormwatch.sources.fhir import codes
from stormwatch.sources.fhir.diagnostic_report import Reports
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.quantity import quantity_value
from stormwatch.sources.fhir.ranges import reference_limits
from stormwatch.sources.fhir.tree import Node, node, nodes, text
from stormwatch.sources.quantity import measured_text
from stormwatch.sources.times import known_at, stop_after, when
from stormwatch.terms import Scale, Term

NOT_RESULTS = {"entered-in-error": "entered in error", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Moment:
    """When an observation was made, and when its result could be known."""

    time: When
    known_at: When


def read_observation(entry: Entry, draft: Draft, reports: Reports) -> None:
    """Read one Observation: a record for itself, and one for each component, which shares its time."""
    released = reports.released(entry)
    draft.take(entry.record, _facts, entry.body, entry.body, released, draft.place(entry.record))
    for number, component in enumerate(entry.components):
        record = f"{entry.record}.component[{number}]"
        draft.take(record, _facts, component, entry.body, released, draft.place(record))


def _facts(holder: Any, parent: Node, released: When | None, place: Place) -> Iterator[Fact]:
    _leave_out(holder, parent)
    what = codes.concept(holder, "code")
    target = codes.observed(what)
    if target is None:
        raise Outside(f"Observation {what.label}")
    key = _value_key(holder)
    moment = _moment(parent, released, place)
    if isinstance(target, Analyte):
        yield _measurement(target, holder, key, moment, place)
    else:
        yield from _findings(target, holder, key, moment, place)


def _leave_out(holder: Any, parent: Node) -> None:
    """Refuse what is no result of the patient's, whatever its code."""
    status = text(parent, "status")
    if status in NOT_RESULTS:
        raise Outside(NOT_RESULTS[status])
    if parent.get("focus"):
        raise Outside("about something other than the patient")
    if not isinstance(holder, dict):
        raise Rejected("not an object")
    if _value_keys(holder):
        return
    if holder.get("dataAbsentReason"):
        raise Outside(f"no value: {codes.concept(holder, 'dataAbsentReason').label}")
    if holder is parent and (holder.get("component") or holder.get("hasMember")):
        raise Outside("Observation panel")


def _value_key(holder: Node) -> str:
    """The one member that holds the value."""
    keys = _value_keys(holder)
    if len(keys) > 1 or (keys and holder.get("dataAbsentReason")):
        raise Rejected("more than one value, or a value and a reason for having none")
    if not keys:
        raise Rejected("no value")
    return keys[0]


def _value_keys(holder: Node) -> list[str]:
    return [key for key in holder if key.startswith("value")]


def _moment(observation: Node, released: When | None, place: Place) -> Moment:
    period = node(observation, "effectivePeriod")
    stated = (text(observation, "effectiveDateTime"), text(observation, "effectiveInstant"), text(period, "start"))
    time = when(next(filter(None, stated), ""), place.zone)
    over = stop_after(time, text(period, "end"), place.zone) or time
    if released is not None:
        return Moment(time, over if released.latest < over.earliest else released)
    return Moment(time, known_at(text(observation, "issued"), place.zone, over))


def _measurement(analyte: Analyte, holder: Node, key: str, moment: Moment, place: Place) -> Measurement:
    if key == "valueQuantity":
        value, recorded = quantity_value(analyte, node(holder, key))
    elif key in {"valueString", "valueInteger"}:
        recorded = text(holder, key)
        value = measured_text(analyte, recorded)
    else:
        raise Rejected("the value is not a quantity")
    low, high = reference_limits(analyte, nodes(holder, "referenceRange"), place)
    return Measurement(analyte.id, value, recorded, moment.time, moment.known_at, place.origin, low, high)


def _findings(target: Term | Scale, holder: Node, key: str, moment: Moment, place: Place) -> Iterator[Fact]:
    answer = _answer(holder, key)
    at = (moment.time, moment.known_at, place)
    if isinstance(target, Scale):
        return charted.scale_findings(target, answer.names, *at)
    stated = holder[key] if key == "valueBoolean" else codes.present(answer)
    if not isinstance(stated, bool):
        raise Rejected("the value says neither present nor absent")
    return charted.finding(target, stated, answer.name, *at)


def _answer(holder: Node, key: str) -> codes.Concept:
    """The value as a concept: coded, or a text alone."""
    if key == "valueCodeableConcept":
        return codes.concept(holder, key)
    said = str(holder[key]).lower() if key == "valueBoolean" else text(holder, key)
    return codes.Concept((), (said,) if said else (), said)
