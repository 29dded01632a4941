"""How a pair grew: reports so far, and the information component on all reports so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stormwatch.reports.sheet import Measures
from stormwatch.signals.report.figures.style import INK, PALE, SOFT, drawing, rows_of

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

_QUARTER = "floor(datum.value) + 'Q' + (round((datum.value - floor(datum.value)) * 4) + 1)"


def growth(picture: Payload, measures: Measures) -> Payload:
    """The curve of reports, and below it the information component with its interval."""
    import altair as alt

    rows = [{**row, "time": _time(row["quarter"])} for row in picture["rows"]]
    width, height = (290, 130) if measures.is_narrow else (measures.width + 100, 160)
    first, last = rows[0]["time"], rows[-1]["time"]
    scale = alt.Scale(domain=[first - 0.25, last + 0.25], nice=False)
    x = alt.X("time:Q", scale=scale, axis=_axis(first, last, 4 if measures.is_narrow else 9), title=None)
    base = alt.Chart(rows_of(rows), width=width, height=height)
    whole = alt.Axis(tickMinStep=1, format=",.0f", tickCount=4, domainColor=SOFT)
    count = alt.Y(
        "n:Q", title="reports", axis=whole, scale=alt.Scale(domainMin=0, domainMax=1.06 * max(1, rows[-1]["n"]))
    )
    counted = base.properties(title="Reports of the pair so far")
    line = counted.mark_line(color=INK, interpolate="step-after").encode(x=x, y=count)
    dots = counted.mark_point(filled=True, color=INK, size=18, opacity=1).encode(x=x, y=count)
    return drawing([alt.LayerChart(layer=[line, dots]), _component(base, x, rows)], measures)


def _component(base: alt.Chart, x: alt.X, rows: list[Payload]) -> alt.LayerChart:
    import altair as alt

    # Before the first report the lower limit lies far below anything of interest.
    limits = [row[key] for row in rows for key in ("ic", "ic025", "ic975") if row["n"] and row[key] is not None]
    low, high = min([-1.0, *limits]), max([1.0, *limits])
    scale = alt.Scale(domain=[max(low, -6), high], nice=True)
    base = base.properties(title="Information component so far, with its 95 % interval")
    y = alt.Y("ic:Q", title="IC", scale=scale, axis=alt.Axis(tickCount=5, domainColor=SOFT))
    known = base.transform_filter("datum.ic != null")
    band = known.mark_rule(color="#999999", strokeWidth=3, clip=True)
    none = alt.Chart(rows_of([{"ic": 0}])).mark_rule(color=INK, strokeDash=[5, 4]).encode(y=y)
    return alt.LayerChart(
        layer=[
            band.encode(x=x, y=alt.Y("ic025:Q", scale=scale, title="IC"), y2=alt.Y2("ic975:Q")),
            none,
            known.mark_line(color=INK, clip=True).encode(x=x, y=y),
            known.mark_point(filled=True, color=INK, fill=PALE, stroke=INK, size=22, opacity=1, clip=True).encode(
                x=x, y=y
            ),
        ]
    )


def _time(quarter: str) -> float:
    """A quarter as a part of years: 2017Q2 is 2017.25."""
    year, _, place = quarter.partition("Q")
    return int(year) + (int(place) - 1) / 4


def _axis(first: float, last: float, most: int) -> alt.Axis:
    import altair as alt

    quarters = round((last - first) * 4)
    step = next(one for one in (1, 2, 4, 8, 20, 40, 80, 400) if quarters // one < most)
    # From a year on the marks stand at first quarters.
    start = first if step < 4 else int(first + 0.75)
    values = [start + place * step / 4 for place in range(quarters // step + 1) if start + place * step / 4 <= last]
    return alt.Axis(values=values or [first], labelExpr=_QUARTER, domainColor=SOFT, tickColor=SOFT)
