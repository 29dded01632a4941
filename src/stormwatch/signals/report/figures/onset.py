"""Times to onset: reports by band, and the share with an onset so far beside the fitted Weibull distribution."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from stormwatch.reports.sheet import Measures
from stormwatch.signals.report.figures.style import INK, SOFT, drawing, rows_of

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

_POINTS = 120


def onset(picture: Payload, measures: Measures) -> Payload:
    """Bars, and below them the two distribution functions."""
    width = 260 if measures.is_narrow else measures.width + 60
    return drawing([_bars(picture, width, measures), _shares(picture, width, measures)], measures)


def _bars(picture: Payload, width: int, measures: Measures) -> alt.LayerChart:
    import altair as alt

    rows = picture["bands"]
    names = [row["band"] for row in rows]
    chart = alt.Chart(rows_of(rows), width=width, height=17 * len(rows), title="Reports by days to onset")
    y = alt.Y("band:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, minExtent=76))
    most = max(row["reports"] for row in rows)
    x = alt.X("reports:Q", axis=None, scale=alt.Scale(domain=[0, most * 1.15]))
    bar = chart.mark_bar(color="#bbbbbb", stroke=INK, strokeWidth=0.8, height=11).encode(x=x, y=y)
    number = chart.mark_text(align="left", dx=4, fontSize=measures.letter, color=INK)
    return alt.LayerChart(layer=[bar, number.encode(x=x, y=y, text=alt.Text("reports:Q", format=","))])


def _shares(picture: Payload, width: int, measures: Measures) -> alt.LayerChart:
    import altair as alt

    days = [day or picture["same_day"] for day in picture["days"]]
    last = max(days) * 1.3
    domain = [picture["same_day"] * 0.8, max(last, 2)]
    ticks = [day for day in (0.5, 1, 3, 7, 14, 28, 90, 365, 1095, 3650) if day <= domain[1]]
    if measures.is_narrow:
        ticks = [day for day in ticks if day not in (1, 14, 90)]
    axis = alt.Axis(
        values=ticks, labelExpr="datum.value < 1 ? '0' : format(datum.value, ',')", domainColor=SOFT, labelOverlap=False
    )
    x = alt.X("day:Q", scale=alt.Scale(type="log", domain=domain, nice=False), axis=axis, title="days to onset")
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5, domainColor=SOFT),
              title="share of reports")  # fmt: skip
    title = "Share with an onset by then" + (", and Weibull (dashed)" if picture["weibull"] else "")
    seen = alt.Chart(rows_of(_observed(days, domain)), width=width, height=150, title=title)
    layers = [seen.mark_line(color=INK, interpolate="step-after").encode(x=x, y=y)]
    if picture["weibull"]:
        fitted = alt.Chart(rows_of(_fitted(picture["weibull"], domain)))
        layers.append(fitted.mark_line(color=INK, strokeDash=[5, 4], strokeWidth=1.4).encode(x=x, y=y))
    return alt.LayerChart(layer=layers)


def _observed(days: list[float], domain: list[float]) -> list[Payload]:
    rows, so_far = [{"day": domain[0], "share": 0.0}], 0
    for day, count in sorted(Counter(days).items()):
        so_far += count
        rows.append({"day": day, "share": so_far / len(days)})
    return [*rows, {"day": domain[1], "share": 1.0}]


def _fitted(weibull: Payload, domain: list[float]) -> list[Payload]:
    grow = math.log(domain[1] / domain[0]) / _POINTS
    days = [domain[0] * math.exp(grow * place) for place in range(_POINTS + 1)]
    return [{"day": day, "share": 1 - math.exp(-((day / weibull["scale"]) ** weibull["shape"]))} for day in days]
