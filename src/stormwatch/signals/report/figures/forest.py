"""The forest plot: a panel for each measure, a row for each analysis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stormwatch.reports.sheet import Measures
from stormwatch.signals.report.figures.style import INK, SOFT, drawing, lines, rows_of

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

_LOWEST, _HIGHEST = -5.0, 14.0
"""What is shown at most, as powers of two; a limit beyond runs to the edge."""


def forest(picture: Payload, measures: Measures) -> Payload:
    """All panels on one scale: the information component is a power of two, so it stands under the ratios."""
    names = 0.36 * (measures.names + measures.width) if not measures.is_narrow else 190
    width = measures.names + measures.width - names
    first, last = _reach(picture["panels"])
    return drawing([_panel(one, measures, width, names, (first, last)) for one in picture["panels"]], measures)


def _reach(panels: list[Payload]) -> tuple[int, int]:
    """The powers of two between which everything lies, as far as it is shown."""
    held = [0.0]
    for panel in panels:
        values = [row[key] for row in panel["rows"] for key in ("value", "low", "high") if row[key] is not None]
        held += [math.log2(value) for value in values if value > 0] if panel["log"] else values
    low, high = max(min(held), _LOWEST), min(max(held), _HIGHEST)
    return math.floor(low - 0.2), math.ceil(high + 0.2)


def _panel(panel: Payload, measures: Measures, width: float, names: float, reach: tuple[int, int]) -> alt.LayerChart:
    import altair as alt

    labels = [
        "|".join([*lines(row["title"], names - 12, measures.letter), *lines(row["text"], names - 12, measures.letter)])
        for row in panel["rows"]
    ]
    data = rows_of([_powers(row, label, panel) for row, label in zip(panel["rows"], labels, strict=True)])
    height = (max(label.count("|") for label in labels) + 1) * (measures.letter + 2) + 5
    chart = alt.Chart(data, title=panel["title"], width=width, height=height * len(labels))
    y = alt.Y("label:N", sort=labels, axis=_names(names))
    x = alt.X("value:Q", scale=alt.Scale(domain=list(reach), nice=False), axis=_axis(panel, measures, reach))
    filled = alt.when("datum.few").then(alt.value("#ffffff")).otherwise(alt.value(INK))
    none = alt.Chart(rows_of([{"value": 0}])).mark_rule(color=INK, strokeWidth=1).encode(x=x)
    interval = chart.transform_filter("datum.low != null").mark_rule(color=INK, strokeWidth=1.4, clip=True)
    point = chart.transform_filter("datum.value != null").mark_square(
        size=55, opacity=1, stroke=INK, strokeWidth=1.2, clip=True
    )
    return alt.LayerChart(
        layer=[
            chart.mark_point(opacity=0).encode(y=y),
            none,
            interval.encode(x=alt.X("low:Q", scale=x["scale"], axis=x["axis"]), x2=alt.X2("high:Q"), y=y),
            point.encode(x=x, y=y, fill=filled),
        ]
    )


def _powers(row: Payload, label: str, panel: Payload) -> Payload:
    """A row as powers of two; a ratio of 0 has none and is told in numbers only."""
    made: Payload = {"label": label, "few": row["few"]}
    for key in ("value", "low", "high"):
        value = row[key]
        if value is not None and panel["log"]:
            value = math.log2(value) if value > 0 else None
        made[key] = value
    return made | ({"low": None} if made["high"] is None else {})


def _names(room: float) -> alt.Axis:
    import altair as alt

    return alt.Axis(
        title=None, labelExpr="split(datum.label, '|')", labelLimit=room, minExtent=room, maxExtent=room, ticks=False,
        domain=False, labelAlign="left", labelPadding=room - 4, labelColor=INK, labelBaseline="middle",
    )  # fmt: skip


def _axis(panel: Payload, measures: Measures, reach: tuple[int, int]) -> alt.Axis:
    """Powers of two where the measure is a ratio, and the exponent itself where it is one."""
    import altair as alt

    step = max(1, math.ceil((reach[1] - reach[0]) / (4 if measures.is_narrow else 8)))
    values = [place for place in range(reach[0], reach[1] + 1) if place % step == 0]
    shown = "datum.value < 0 ? '1/' + pow(2, -datum.value) : format(pow(2, datum.value), ',')"
    labels = shown if panel["log"] else "format(datum.value, '')"
    return alt.Axis(values=values, labelExpr=labels, title=None, domainColor=SOFT, tickColor=SOFT)
