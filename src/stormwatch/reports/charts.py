"""The picture as Altair charts, one panel above the other on one time axis, told apart without colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stormwatch.errors import UsageError
from stormwatch.reports import marks, values
from stormwatch.reports.messages import Messages, messages
from stormwatch.reports.sheet import WIDE, Measures, Sheet

Payload = dict[str, Any]

_RESOLVE = {"scale": {"x": "shared", "color": "independent", "stroke": "independent", "opacity": "independent"}}
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
"""Widths are the same wherever the picture is drawn: the drawing library brings the first, the others measure alike."""


def specification(picture: Payload, *, measures: Measures = WIDE, said: Messages | None = None) -> Payload:
    """The whole picture in the grammar of Vega-Lite, with its rows. A panel with nothing to show is left out.

    Args:
        picture: from ``stormwatch.reports.picture``.
        measures: of the sheet, in pixels.
        said: the messages of a language; English without.

    Raises:
        UsageError: the extra ``report`` is not installed.

    >>> import stormwatch as sw
    >>> from stormwatch.reports.picture import picture, whole
    >>> course = sw.follow(sw.answers({"temperature": "39.1 Cel"}))
    >>> specification(picture(course, whole(course)))["config"]["background"]
    'white'
    """
    try:
        import altair as alt
        from altair.utils.schemapi import debug_mode
    except ImportError:
        raise UsageError('figures need one more package: pip install "stormwatch[report]"') from None
    sheet = Sheet(picture["from"], picture["to"], said or messages("en"), measures)
    with debug_mode(False):  # typed parts: checking each against the schema as well takes seconds
        panels = list(_panels(picture, sheet))
    drawn = {"vconcat": panels, "spacing": 7, "resolve": _RESOLVE, "config": _config(measures)}
    return {"$schema": alt.SCHEMA_URL, **drawn, "datasets": sheet.datasets}


def _config(measures: Measures) -> Payload:
    small, colour = measures.letter, "#222222"
    return {
        "view": {"stroke": "#bbbbbb"},
        "axis": {
            "labelFontSize": small,
            "titleFontSize": small,
            "labelColor": colour,
            "gridColor": "#eeeeee",
            "aria": False,
        },
        "title": {"fontSize": small + 1, "fontWeight": "bold", "offset": 3, "color": "#111111", "aria": False},
        "mark": {"aria": False},  # the picture is named as a whole, and the tables say the rest
        "font": _FONT,
        "background": "white",
        "padding": 4,
    }


def _panels(picture: Payload, sheet: Sheet) -> Iterator[Payload]:
    if picture["infusions"] or picture["holds"]:
        yield marks.bars(sheet, picture["infusions"], picture["holds"])
    if picture["concentration"]:
        yield values.band(sheet, picture["concentration"])
    if picture["given"]:
        yield marks.doses(sheet, picture["given"])
    yield from (values.lines(sheet, panel) for panel in picture["panels"])
    if picture["strips"]:
        rows = [{**stretch, "row": strip["label"]} for strip in picture["strips"] for stretch in strip["stretches"]]
        names = [strip["label"] for strip in picture["strips"]]
        yield marks.states(sheet, sheet.said["picture.states"], rows, names, height=13)
    yield from _map(picture, sheet)
    yield marks.time_axis(sheet, picture["axis"])


def _map(picture: Payload, sheet: Sheet) -> Iterator[Payload]:
    for name in dict.fromkeys(row["instrument"] for row in picture["map"]):
        items = [row for row in picture["map"] if row["instrument"] == name]
        rows = [{**stretch, "row": item["label"], "text": ""} for item in items for stretch in item["stretches"]]
        title = sheet.said["picture.items"].format(instrument=items[0]["of"])
        yield marks.states(sheet, title, rows, [item["label"] for item in items], height=10)
