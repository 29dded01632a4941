"""Verdicts, grades and criteria as strips over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from stormwatch.engines.readings import Readings
from stormwatch.engines.reference import item_changes
from stormwatch.engines.result import Moment, Track
from stormwatch.explain import words
from stormwatch.facts import Interval
from stormwatch.instruments.instrument import Instrument, Item
from stormwatch.logic.truth import Truth
from stormwatch.reports.axis import Axis
from stormwatch.reports.layout import layout

Payload = dict[str, Any]


def strips(tracks: Mapping[str, Track], axis: Axis) -> list[Payload]:
    """One strip for each instrument of the layout: stretches with their state and score, covering the whole axis.

    A stretch whose verdict is open is ``unknown``; so is one in which an instrument without a verdict certainly
    reaches no grade and does not exclude one.

    >>> import stormwatch as sw
    >>> from stormwatch.reports.picture import whole
    >>> course = sw.follow(sw.answers({"temperature": "39.1 Cel"}))
    >>> [(s["instrument"], s["stretches"][-1]["state"]) for s in strips(course.tracks, whole(course))][:2]
    [('crs-astct', 'met'), ('icans-astct', 'unknown')]
    """
    return [_strip(tracks[name], axis) for name in layout()["strips"]["instruments"] if name in tracks]


def _strip(track: Track, axis: Axis) -> Payload:
    definition = track.instrument.definition
    stops = [moment.moment for moment in track.moments[1:]] + [track.until]
    stretches = (
        _stretch(moment, stop, definition.result.unit, axis) for moment, stop in zip(track.moments, stops, strict=True)
    )
    return {
        "instrument": track.instrument.id,
        "title": definition.title,
        "stretches": [stretch for stretch in stretches if stretch is not None],
    }


def _stretch(moment: Moment, stop: datetime, unit: str, axis: Axis) -> Payload | None:
    shown = axis.cut(moment.moment, stop)
    if shown is None:
        return None
    text = "" if moment.score is None else words.score_range(moment.score).replace(" to ", "–")
    return {"from": shown[0], "to": shown[1], "state": _state(moment, unit), "text": text}


def _state(moment: Moment, unit: str) -> str:
    """The verdict; for a grade without one, whether any grade is certainly reached."""
    if moment.verdict is not None:
        return moment.verdict.value
    if moment.score is None or unit != "grade":
        return Truth.UNKNOWN.value
    return truth_of(moment.score, Interval(0)).value


def truth_of(value: Truth | Interval, floor: Interval) -> Truth:
    """Whether an item is met: a truth as it is; points and grades when they are certainly above their lowest.

    >>> truth_of(Interval(0, 35), Interval(0)).value
    'unknown'
    """
    if isinstance(value, Truth):
        return value
    if value.low > floor.low:
        return Truth.MET
    return Truth.NOT_MET if value.high <= floor.low else Truth.UNKNOWN


def criteria_map(names: Sequence[str], tracks: Mapping[str, Track], record: Readings, axis: Axis) -> list[Payload]:
    """Every item of some instruments over time: met, not met or unknown.

    >>> import stormwatch as sw
    >>> from stormwatch.reports.picture import whole
    >>> course = sw.follow(sw.answers({"temperature": "39.1 Cel"}))
    >>> rows = criteria_map(["hlh-2004"], course.tracks, Readings(course.timeline), whole(course))
    >>> [row["item"] for row in rows if row["stretches"][-1]["state"] == "met"]
    ['fever']
    """
    rows: list[Payload] = []
    for name in names:
        if name in tracks:
            chosen = tracks[name]
            rows += (_row(chosen.instrument, item, record, chosen.until, axis) for item in chosen.instrument.items)
    return rows


def _row(chosen: Instrument, item: Item, record: Readings, until: datetime, axis: Axis) -> Payload:
    changes = list(item_changes(item, record, until))
    stops = [moment for moment, _ in changes[1:]] + [until]
    return {
        "instrument": chosen.id,
        "item": item.id,
        "title": item.title,
        "stretches": _merged(_spans(changes, stops, axis)),
    }


def _spans(changes: list[tuple[datetime, Truth | Interval]], stops: list[datetime], axis: Axis) -> Iterator[Payload]:
    for (start, value), stop in zip(changes, stops, strict=True):
        shown = axis.cut(start, stop)
        if shown is not None:
            yield {"from": shown[0], "to": shown[1], "state": truth_of(value, Interval(0)).value}


def _merged(spans: Iterator[Payload]) -> list[Payload]:
    """Neighbouring stretches of one state are one."""
    found: list[Payload] = []
    for span in spans:
        if found and found[-1]["state"] == span["state"]:
            found[-1] = {**found[-1], "to": span["to"]}
        else:
            found.append(span)
    return found
