"""Measured values over time for the picture: points with their bounds, and the published cut-offs beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from math import isinf
from typing import Any

from stormwatch import analytes
from stormwatch.explain.payload import number
from stormwatch.facts import Measurement, Timeline, usable_from
from stormwatch.instruments.catalogue import instrument
from stormwatch.logic.inputs import LabInput
from stormwatch.reports.axis import Axis
from stormwatch.reports.layout import layout
from stormwatch.reports.messages import Messages, named

Payload = dict[str, Any]
_LONGEST_GAP = timedelta(days=7)
_MOST_POINTS = 400
"""More points than this on one line cannot be told apart; the highest and lowest of each stretch are kept."""


def panels(timeline: Timeline, axis: Axis, said: Messages) -> list[Payload]:
    """The panels that have at least one value to show, with their lines and the cut-offs published for them.

    Values are in the analyte's own unit. What was never measured has no line, what was not yet known at the end of the
    axis has no point, and nothing is filled in between.

    >>> from stormwatch.reports.messages import messages
    >>> from stormwatch.reports.picture import whole
    >>> import stormwatch as sw
    >>> course = sw.follow(sw.answers({"ferritin": "12000 ng/mL"}))
    >>> [(p["id"], p["lines"][0]["points"][0]["value"]) for p in panels(course.timeline, whole(course), messages("en"))]
    [('ferritin', 12000)]
    """
    found = (_panel(panel, timeline, axis, said) for panel in layout()["panels"])
    return [panel for panel in found if panel["lines"]]


def _panel(panel: Payload, timeline: Timeline, axis: Axis, said: Messages) -> Payload:
    drawn = (_line(name, timeline, axis, said) for name in panel["lines"])
    lines = [line for line in drawn if line["points"]]
    return {
        "id": panel["id"],
        "title": said[f"panel.{panel['id']}"],
        "log": panel.get("log", False),
        "lines": lines,
        "cutoffs": _cutoffs(panel["cutoffs"], {line["analyte"] for line in lines}, said),
    }


def _line(name: str, timeline: Timeline, axis: Axis, said: Messages) -> Payload:
    known = (fact for fact in timeline.measurements.get(name, ()) if usable_from(fact) <= axis.until)
    shown = [fact for fact in known if axis.shows(fact.time.latest) and _says_anything(fact)]
    kept = thinned(shown)
    stretch = stretches([fact.time.latest for fact in kept])
    return {
        "analyte": name,
        "label": said[f"line.{name}"],
        "unit": analytes.analyte(name).unit,
        "points": [{**_point(fact, axis), "stretch": part} for fact, part in zip(kept, stretch, strict=True)],
        "values": len(shown),
    }


def _says_anything(fact: Measurement) -> bool:
    return not (isinf(fact.value.low) and isinf(fact.value.high))


def _point(fact: Measurement, axis: Axis) -> Payload:
    low, high = fact.value.low, fact.value.high
    return {
        "day": axis.day(fact.time.latest),
        "low": None if isinf(low) else number(low),
        "high": None if isinf(high) else number(high),
        "value": number(high if isinf(low) else low) if isinf(high) or isinf(low) else number((low + high) / 2),
        "bound": "at least" if isinf(high) else "at most" if isinf(low) else "",
    }


def stretches(moments: Sequence[datetime]) -> list[int]:
    """Which moments a line may join: a new stretch begins after a week without a value, where nothing is known.

    >>> stretches([datetime(2024, 1, 1), datetime(2024, 1, 8), datetime(2024, 1, 16)])
    [0, 0, 1]
    """
    found: list[int] = []
    for place, moment in enumerate(moments):
        apart = place > 0 and moment - moments[place - 1] > _LONGEST_GAP
        found.append(found[-1] + apart if found else 0)
    return found


def thinned(facts: Sequence[Measurement], most: int = _MOST_POINTS) -> list[Measurement]:
    """At most so many values, in order: of each stretch the lowest and the highest, so that no peak is lost.

    >>> from stormwatch.testing.records import measured
    >>> values = [measured("ferritin", value, hour) for hour, value in enumerate([5, 900, 7, 6, 8, 4])]
    >>> [fact.recorded for fact in thinned(values, 4)]
    ['5', '900', '8', '4']
    """
    if len(facts) <= most:
        return list(facts)
    size = -(-2 * len(facts) // most)
    parts = (facts[start : start + size] for start in range(0, len(facts), size))
    return [fact for part in parts for fact in _extremes(part)]


def _extremes(part: Sequence[Measurement]) -> list[Measurement]:
    lowest = min(range(len(part)), key=lambda i: part[i].value.low)
    highest = max(range(len(part)), key=lambda i: part[i].value.high)
    return [part[i] for i in sorted({lowest, highest})]


def _cutoffs(items: Iterable[str], shown: Collection[str], said: Messages) -> list[Payload]:
    """The cut-offs of published items through what the panel shows. The same cut-off of two instruments is one rule."""
    found: dict[tuple[str, float], list[str]] = {}
    for analyte, cut, name in _published(items, shown):
        found.setdefault((analyte, cut), []).append(named(said, name))
    return [
        {"analyte": analyte, "value": cut, "of": said["picture.and"].join(dict.fromkeys(names))}
        for (analyte, cut), names in found.items()
    ]


def _published(items: Iterable[str], shown: Collection[str]) -> Iterator[tuple[str, Any, str]]:
    """Analyte, cut-off and instrument, read out of the instruments."""
    for reference in items:
        name, _, item_id = reference.partition("/")
        item = next(item for item in instrument(name).items if item.id == item_id)
        for which, cuts in item.cuts.items():
            if isinstance(which, LabInput) and which.analyte in shown and which.relative_to is None:
                yield from ((which.analyte, number(cut), name) for cut, _ in cuts)
