"""Bars and strips over time, told apart by shape and shade, so that they print in black and white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stormwatch.reports.sheet import Sheet, layer
from stormwatch.reports.values import PLAIN_NUMBER

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

FILL = {"met": "#8c1d2c", "unknown": "#ececec", "not met": "#ffffff"}
EDGE = {"met": "#8c1d2c", "unknown": "#ececec", "not met": "#444444"}
"""Dark, pale without an edge, and white with an edge: told apart without colour."""


def bars(sheet: Sheet, infusions: list[Payload], holds: list[Payload]) -> Payload:
    """Infusions as bars, darker with the dose; holds as dashed frames with their length; single doses as ticks."""
    import altair as alt

    names = list(dict.fromkeys(row["drug"] for row in [*infusions, *holds]))
    y, x2 = sheet.rows("drug", names), alt.X2("to:Q")
    ran, held = (sheet.data(sheet.labelled(rows, "label", size)) for rows, size in ((infusions, 10), (holds, 9)))
    shade = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.25, 0.75]), legend=None)
    bar = alt.MarkDef("bar", color="#1b3a6b", stroke="#000000", strokeWidth=0.6)
    tick = alt.MarkDef("tick", thickness=2, color="#000000", height=20)
    gap = alt.MarkDef("bar", fillOpacity=0, stroke="#000000", strokeDash=[3, 3], strokeWidth=0.8, height=14)
    layers = [
        layer(ran, bar, where="datum.to > datum.from", x=sheet.x, x2=x2, y=y, opacity=shade),
        layer(ran, tick, where="datum.to == datum.from", x=sheet.x, y=y),
        layer(held, gap, x=sheet.x, x2=x2, y=y),
        _words(ran, "label", y, size=10, color=_ink("datum.share > 0.6")),
        _words(held, "label", y, size=9),
    ]
    return sheet.panel(layers, 26 * len(names), sheet.said["picture.infusions"])


def doses(sheet: Sheet, given: list[Payload]) -> Payload:
    """Every other drug given: a tick for a dose, a bar for an infusion."""
    import altair as alt

    names = list(dict.fromkeys(row["row"] for row in given))
    names.sort(key=lambda name: not any(row["drug"] == name for row in given))  # the shared row comes last
    y, data = sheet.rows("row", names), sheet.data(given)
    bar = alt.MarkDef("bar", color="#555555", stroke="#000000", strokeWidth=1, height=8)
    tick = alt.MarkDef("tick", thickness=1.5, color="#000000", height=10)
    layers = [
        layer(data, bar, where="datum.to != null", x=sheet.x, x2=alt.X2("to:Q"), y=y),
        layer(data, tick, where="datum.to == null", x=sheet.x, y=y),
    ]
    return sheet.panel(layers, 14 * len(names), sheet.said["picture.given"])


def states(sheet: Sheet, title: str, rows: list[Payload], names: list[str], *, height: int) -> Payload:
    """Stretches of time that are met, unknown or not met."""
    import altair as alt

    data, y = sheet.data(sheet.labelled(rows, "text", 8)), sheet.rows("row", names)
    fill = alt.Color("state:N", scale=alt.Scale(domain=list(FILL), range=list(FILL.values())), legend=None)
    edge = alt.Stroke("state:N", scale=alt.Scale(domain=list(EDGE), range=list(EDGE.values())), legend=None)
    box = alt.MarkDef("bar", strokeWidth=0.6)
    layers = [
        layer(data, box, x=sheet.x, x2=alt.X2("to:Q"), y=y, color=fill, stroke=edge),
        _words(data, "text", y, size=8, color=_ink("datum.state == 'met'")),
    ]
    return sheet.panel(layers, height * len(names), title)


def time_axis(sheet: Sheet, title: str) -> Payload:
    """The numbers of the axis, once for all panels."""
    import altair as alt

    axis = alt.Axis(
        title=sheet.beside(title) if sheet.measures.is_narrow else title,
        titleAnchor="end", grid=False, orient="bottom", labelExpr=PLAIN_NUMBER, labelOverlap=True,
        tickCount=5 if sheet.measures.is_narrow else 10,
    )  # fmt: skip
    x = alt.X("from:Q", scale=sheet.shown, axis=axis)
    drawn = layer(sheet.data([{"from": sheet.start}]), alt.MarkDef("point", opacity=0), x=x).to_dict(validate=False)
    return {**drawn, "width": sheet.measures.width, "height": 1}


def _words(data: alt.NamedData, field: str, y: alt.Y, *, size: int, **more: Any) -> alt.UnitSpec:
    """The words of a field, in the middle of each stretch."""
    import altair as alt

    mark = alt.MarkDef("text", fontSize=size, baseline="middle")
    words, middle = alt.Text(f"{field}:N"), alt.X("middle:Q")
    return layer(data, mark, where=f"datum.{field} != ''", x=middle, y=y, text=words, **more)


def _ink(dark: str) -> alt.ColorValue:
    """White on a dark ground, else black."""
    import altair as alt

    return alt.ColorValue("#111111", condition=[{"test": dark, "value": "#ffffff"}])
