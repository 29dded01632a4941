"""The volcano plot: every event of the drug by its information component and its number of reports."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from stormwatch.reports.sheet import Measures
from stormwatch.signals.report.figures.style import INK, LETTER, SOFT, drawing, lines, rows_of

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

MOST_NAMED = 12


def volcano(picture: Payload, measures: Measures) -> Payload:
    """Points, the fewest reports for a signal, the curve where IC025 is 0, and names where they have room."""
    import altair as alt

    width, height = (300.0, 300.0) if measures.is_narrow else (measures.width + 120.0, 380.0)
    points, least = picture["points"], picture["threshold"]["least"]
    xs, ys = _domains(points, least)
    x = alt.X("ic:Q", scale=alt.Scale(domain=xs, nice=False), title="information component (IC), log2 of n to expected")
    y = alt.Y("n:Q", scale=alt.Scale(type="log", domain=ys, nice=False), title="reports (n)", axis=_counts(ys))
    base = alt.Chart(rows_of(points), width=width, height=height, title=_title(picture, measures, width))
    fill = alt.when("datum.above").then(alt.value("#777777")).otherwise(alt.value("#ffffff"))
    shape = alt.when("datum.asked").then(alt.value("square")).otherwise(alt.value("circle"))
    size = alt.when("datum.asked").then(alt.value(90)).otherwise(alt.value(26))
    dots = base.mark_point(filled=True, stroke=INK, strokeWidth=0.9, opacity=1)
    few = alt.Chart(rows_of([{"n": least}])).mark_rule(color=INK, strokeDash=[5, 4]).encode(y=y)
    curve = alt.Chart(rows_of(_limit(xs, ys))).mark_line(color=INK, strokeWidth=1.2, clip=True)
    words = alt.Chart(rows_of(_named(points, (width, height), (xs, ys), measures.letter)))
    layers = [
        few,
        curve.encode(x=x, y=y, order="n:Q"),
        dots.encode(x=x, y=y, fill=fill, shape=shape, size=size),
        *(
            words.transform_filter(f"datum.side == '{side}'")
            .mark_text(align=side, dx=8 if side == "left" else -8, fontSize=measures.letter, color=INK)
            .encode(x=x, y=y, text="name:N")
            for side in ("left", "right")
        ),
    ]
    return drawing([alt.LayerChart(layer=layers)], measures)


def _title(picture: Payload, measures: Measures, width: float) -> alt.TitleParams:
    import altair as alt

    held = picture["threshold"]
    said = [
        f"Solid line: IC025 = 0; right of it IC025 is above 0. {held['source']}.",
        f"Dashed line: {held['least']} reports, the fewest. {held['note']}",
    ]
    broken = [part for text in said for part in lines(text, width, measures.letter)]
    return alt.TitleParams("Reports and information component", subtitle=broken)


def _domains(points: list[Payload], least: int) -> tuple[list[float], list[float]]:
    """What the axes show: all points, the threshold, and some air."""
    values = [0.0, *(one["ic"] for one in points)]
    most = max([least, *(one["n"] for one in points)])
    air = 0.06 * (max(values) - min(values)) + 0.2
    return [min(values) - air, max(values) + air], [0.7, most * 1.6]


def _counts(ys: list[float]) -> alt.Axis:
    import altair as alt

    steps = [base * 10**power for power in range(7) for base in (1, 3)]
    return alt.Axis(values=[step for step in steps if step <= ys[1]], format=",", domainColor=SOFT)


def _limit(xs: list[float], ys: list[float]) -> list[Payload]:
    """Where IC025 is 0: the 2.5 % quantile of a gamma of shape n + 0.5 and rate expected + 0.5 is then 1."""
    from scipy.special import gammaincinv

    made = []
    n = 1.0
    while n <= ys[1]:
        rate = float(gammaincinv(n + 0.5, 0.025))
        # The rate is expected + 0.5, so a smaller one belongs to no expected count: IC025 is below 0 for any.
        if rate >= 0.5:
            made.append({"n": n, "ic": math.log2((n + 0.5) / rate)})
        n *= 1.05
    return [one for one in made if xs[0] <= one["ic"] <= xs[1]]


def _named(
    points: list[Payload], size: tuple[float, float], shown: tuple[list[float], list[float]], letter: int
) -> list[Payload]:
    """The points asked for and the strongest, each name where it lies on no other."""
    strongest = sorted(points, key=lambda one: (not one["asked"], -(one["ic025"] or -math.inf)))
    taken: list[tuple[float, float, float, float]] = []
    made = []
    for one in [one for one in strongest if one["above"] or one["asked"]][:MOST_NAMED]:
        name = one["event"]
        x, y = _place(one, size, shown)
        length = LETTER * letter * len(name) + 10
        side = "left" if x + length < size[0] else "right"
        left = x + 8 if side == "left" else x - length
        box = (left, left + length, y - letter, y + letter)
        if left >= 0 and not any(_on(box, other) for other in taken):
            taken.append(box)
            made.append({"name": name, "ic": one["ic"], "n": one["n"], "side": side})
    return made


def _place(one: Payload, size: tuple[float, float], shown: tuple[list[float], list[float]]) -> tuple[float, float]:
    (left, right), (low, high) = shown
    x = (one["ic"] - left) / (right - left) * size[0]
    return x, size[1] * (1 - math.log(one["n"] / low) / math.log(high / low))


def _on(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3]
