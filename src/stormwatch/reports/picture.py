"""What the picture of a course shows, as plain data: one object for HTML, PDF, JSON and the README."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from stormwatch.course.follow import Course
from stormwatch.engines.readings import Readings
from stormwatch.facts import usable_from
from stormwatch.reports.axis import Axis
from stormwatch.reports.exposures import holds, infusions, levels, others, title
from stormwatch.reports.layout import layout
from stormwatch.reports.messages import Messages, messages, named
from stormwatch.reports.series import panels
from stormwatch.reports.strips import criteria_map, strips

Payload = dict[str, Any]

_BEFORE = timedelta(days=30)
"""What is shown before the first dose; histories can be decades long."""


def whole(course: Course, language: str = "en") -> Axis:
    """The whole record, in days since the first dose of the first suspect drug, or since its first fact without one.

    Raises:
        ValueError: the record is empty, so that there is no time at all.

    >>> import stormwatch as sw
    >>> whole(sw.follow(sw.answers({"temperature": "39.1 Cel"}))).origin_is.partition(" (")[0]
    'the first fact of the record'
    """
    if course.at is None:
        raise ValueError("an empty record has no time axis")
    moments = [moment for fact in course.timeline.facts for moment in (fact.time.latest, usable_from(fact))]
    first = min(moments, default=course.at)
    origin, words = _origin(course, first, messages(language))
    start = min(max(first, origin - _BEFORE), origin)
    last = max(start + timedelta(hours=1), course.at)
    room = (last - start) * 0.01
    return Axis(origin, start - room, last + room, course.at, words)


def around(full: Axis, start: datetime, stop: datetime) -> Axis:
    """A closer look at a stretch of the course, never wider than the whole.

    >>> from datetime import UTC
    >>> day = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 10)]
    >>> near = around(Axis(day[2], day[2], day[8], day[8], "the first dose"), day[0], day[4])
    >>> near.day(near.first), near.day(near.last)
    (0.0, 2.0)
    """
    return replace(full, first=max(start, full.first), last=min(stop, full.last))


def picture(
    course: Course, axis: Axis, look: str = "whole", language: str = "en", readings: Readings | None = None
) -> Payload:
    """Infusions, drugs given, values with cut-offs, grades and criteria over one time axis.

    Args:
        course: from ``stormwatch.follow``.
        axis: what is shown, from ``whole`` or ``around``.
        look: ``whole`` or ``closer``: which instruments are mapped item by item.
        language: of names and labels.
        readings: those of the timeline, where they have been taken already.

    Returns:
        Plain data. Times are days since the origin of the axis, each stretch ``from`` and ``to``; values are in the
        analyte's own unit, concentrations in pg/mL. What was not recorded is absent, a censored value carries its
        bound, and an answer that is not known is a stretch of the state ``unknown``.

    >>> import stormwatch as sw
    >>> course = sw.follow(sw.answers({"temperature": "39.1 Cel"}))
    >>> shown = picture(course, whole(course))
    >>> [line["label"] for panel in shown["panels"] for line in panel["lines"]], shown["infusions"]
    (['temperature'], [])
    """
    said = messages(language)
    tracks, record = course.tracks, readings or Readings(course.timeline)
    return {
        "from": axis.day(axis.first),
        "to": axis.day(axis.last),
        "axis": said["picture.axis"].format(origin=axis.origin_is),
        "infusions": list(infusions(course, axis, said)),
        "holds": list(holds(course, axis, said)),
        "concentration": list(levels(course, axis)),
        "given": others(course, axis, said),
        "panels": panels(course.timeline, axis, said),
        "strips": [_labelled(strip, named(said, strip["instrument"]), said) for strip in strips(tracks, axis)],
        "map": [
            _labelled(row, said.get(f"item.{row['instrument']}_{row['item']}", row["title"]), said)
            for row in criteria_map(layout()["map"][look], tracks, record, axis)
        ],
    }


def _origin(course: Course, first: datetime, said: Messages) -> tuple[datetime, str]:
    """Day 0, and what it is in words."""
    start = course.drugs[0].first if course.drugs else first
    clock = f"{start.astimezone(course.timeline.zone):%Y-%m-%d %H:%M}"
    if not course.drugs:
        return start, said["picture.no_dose_day"].format(time=clock)
    return start, said["picture.dose_day"].format(drug=title(course.drugs[0].drug), time=clock)


def _labelled(row: Payload, label: str, said: Messages) -> Payload:
    """With what it is called, and the name of the instrument it belongs to."""
    return {**row, "label": label, "of": named(said, row["instrument"])}
