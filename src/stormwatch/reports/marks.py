"""Bars and strips over time, told apart by shape and shade, so that they print in black and white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stormwatch.reports.sheet import Sheet
from stormwatch.reports.values import PLAIN_NUMBER

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

FILL = {"met": "#8c1d2c", "unknown": "#ececec", "not met": "#ffffff"}
EDGE = {"met": "#8c1d2c", "unknown": "#ececec", "not met": "#444444"}
"""Dark, pale without an edge, and white with an edge: told apart without colour."""


def bars(sheet: Sheet, infusions: list[Payload], holds: list[Payload]) -> alt.LayerChart:
    """Infusions as bars, darker with the dose; holds as dashed frames with their length; single doses as ticks."""
    import altair as alt

    names = list(dict.fromkeys(row["drug"] for row in [*infusions, *holds]))
    height, y = 26 * len(names), sheet.rows("drug", names)
    base = sheet.chart(sheet.labelled(infusions, "label", 10), height, sheet.said["picture.infusions"])
    frame = sheet.chart(sheet.labelled(holds, "label", 9), height)
    shade = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.25, 0.75]), legend=None)
    lasting, single = (base.transform_filter(f"datum.to {sign} datum.from") for sign in (">", "=="))
    bar = lasting.mark_bar(color="#1b3a6b", stroke="#000000", strokeWidth=0.6)
    tick = single.mark_tick(thickness=2, color="#000000", height=20)
    gap = frame.mark_bar(fillOpacity=0, stroke="#000000", strokeDash=[3, 3], strokeWidth=0.8, height=14)
    return alt.LayerChart(
        layer=[
            bar.encode(x=sheet.x, x2=alt.X2("to:Q"), y=y, opacity=shade),
            tick.encode(x=sheet.x, y=y),
            gap.encode(x=sheet.x, x2=alt.X2("to:Q"), y=y),
            _label(base, y, size=10).encode(color=_ink("datum.share > 0.6")),
            _label(frame, y, size=9),
        ]
    )


def doses(sheet: Sheet, given: list[Payload]) -> alt.LayerChart:
    """Every other drug given: a tick for a dose, a bar for an infusion."""
    import altair as alt

    names = list(dict.fromkeys(row["row"] for row in given))
    names.sort(key=lambda name: not any(row["drug"] == name for row in given))  # the shared row comes last
    y = sheet.rows("row", names)
    base = sheet.chart(given, 14 * len(names), sheet.said["picture.given"])
    tick = base.transform_filter("datum.to == null").mark_tick(thickness=1.5, color="#000000", height=10)
    bar = base.transform_filter("datum.to != null").mark_bar(color="#555555", stroke="#000000", strokeWidth=1, height=8)
    return alt.LayerChart(layer=[bar.encode(x=sheet.x, x2=alt.X2("to:Q"), y=y), tick.encode(x=sheet.x, y=y)])


def states(sheet: Sheet, title: str, rows: list[Payload], names: list[str], *, height: int) -> alt.LayerChart:
    """Stretches of time that are met, unknown or not met."""
    import altair as alt

    base = sheet.chart(sheet.labelled(rows, "text", 8), height * len(names), title)
    y = sheet.rows("row", names)
    fill = alt.Color("state:N", scale=alt.Scale(domain=list(FILL), range=list(FILL.values())), legend=None)
    edge = alt.Stroke("state:N", scale=alt.Scale(domain=list(EDGE), range=list(EDGE.values())), legend=None)
    box = base.mark_bar(strokeWidth=0.6).encode(x=sheet.x, x2=alt.X2("to:Q"), y=y, color=fill, stroke=edge)
    words = base.transform_filter("datum.text != ''").mark_text(fontSize=8, baseline="middle")
    ink = _ink("datum.state == 'met'")
    return alt.LayerChart(layer=[box, words.encode(x=alt.X("middle:Q"), y=y, text=alt.Text("text:N"), color=ink)])


def time_axis(sheet: Sheet, title: str) -> alt.Chart:
    """The numbers of the axis, once for all panels."""
    import altair as alt

    axis = alt.Axis(
        title=sheet.beside(title) if sheet.measures.is_narrow else title,
        titleAnchor="end", grid=False, orient="bottom", labelExpr=PLAIN_NUMBER, labelOverlap=True,
        tickCount=5 if sheet.measures.is_narrow else 10,
    )  # fmt: skip
    chart: alt.Chart = sheet.chart([{"from": sheet.start}], 1).mark_point(opacity=0)
    return chart.encode(x=alt.X("from:Q", scale=sheet.shown, axis=axis))


def _label(base: alt.Chart, y: alt.Y, *, size: int) -> alt.Chart:
    import altair as alt

    words = base.transform_filter("datum.label != ''").mark_text(fontSize=size, baseline="middle")
    placed: alt.Chart = words.encode(x=alt.X("middle:Q"), y=y, text=alt.Text("label:N"))
    return placed


def _ink(dark: str) -> Any:
    """White on a dark ground, else black."""
    import altair as alt

    return alt.when(dark).then(alt.value("#ffffff")).otherwise(alt.value("#111111"))
