"""Measured values and the expected concentration as lines, with published cut-offs beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stormwatch.reports.ruler import Ruler, apart, ruler
from stormwatch.reports.sheet import Sheet, layer

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

PLAIN_NUMBER = "'' + datum.value"
_HEIGHT = 46
_INK = ("#1b3a6b", "#b3541e", "#3d7a4f")
_DASHES = ([1, 0], [5, 2], [2, 2])
_SHAPES = ("circle", "triangle", "square")
_SIGNS = ("●—", "▲- -", "■···")
_ARROWS = {
    "at least": "M0,-0.9L0.5,-0.3L0.15,-0.3L0.15,0.9L-0.15,0.9L-0.15,-0.3L-0.5,-0.3Z",
    "at most": "M0,0.9L0.5,0.3L0.15,0.3L0.15,-0.9L-0.15,-0.9L-0.15,0.3L-0.5,0.3Z",
}
"""Outlines that point to where the value lies, drawn and not written: letters differ from machine to machine."""
_SMALL = 8
"""Height of the letters of a cut-off, in pixels."""


def band(sheet: Sheet, levels: list[Payload]) -> Payload:
    """The concentration a population model expects: its spread as a band, a typical patient as a line. In pg/mL."""
    import altair as alt

    scale = ruler([0, *(level["high"] for level in levels)], log=False)
    low, typical = (_y(sheet, scale, [sheet.said["picture.concentration"]], field) for field in ("low", "typical"))
    data = sheet.data(levels)
    area = alt.MarkDef("area", color=_INK[0], opacity=0.25)
    line = alt.MarkDef("line", color=_INK[0], strokeWidth=1)
    layers = [layer(data, area, x=sheet.x, y=low, y2=alt.Y2("high:Q")), layer(data, line, x=sheet.x, y=typical)]
    return sheet.panel(layers, _HEIGHT)


def lines(sheet: Sheet, panel: Payload) -> Payload:
    """Values over time; an arrow marks a bound ("> 40000"), not a value. Nothing joins values a week apart.

    A value of zero cannot stand on a logarithmic axis: it is drawn at the foot, as a bound.
    """
    scale = _scale(panel)
    drawn = [[_drawn(point, scale) for point in line["points"]] for line in panel["lines"]]
    y = _y(sheet, scale, _names(panel))
    layers = list(_cutoffs(sheet, panel, scale, y))
    layers += (mark for place, points in enumerate(drawn) for mark in _points(sheet, points, y, place))
    return sheet.panel(layers, _HEIGHT)


def _scale(panel: Payload) -> Ruler:
    """The axis holds every value that can stand on it, and every cut-off."""
    values = [point["value"] for line in panel["lines"] for point in line["points"]]
    values += [cutoff["value"] for cutoff in panel["cutoffs"]]
    return ruler([value for value in values if value > 0 or not panel["log"]], log=panel["log"])


def _drawn(point: Payload, scale: Ruler) -> Payload:
    if scale.log and point["value"] <= 0:
        return {**point, "from": point["day"], "value": scale.ticks[0], "bound": "at most"}
    return {**point, "from": point["day"]}


def _names(panel: Payload) -> list[str]:
    """What the panel shows; with several lines, how each is drawn."""
    if len(panel["lines"]) == 1:
        return [panel["title"]]
    return [panel["title"], *(f"{_SIGNS[place]} {line['label']}" for place, line in enumerate(panel["lines"]))]


def _y(sheet: Sheet, scale: Ruler, names: list[str], field: str = "value") -> alt.Y:
    """The value axis, with its names at the left edge of the sheet."""
    import altair as alt

    one = sheet.measures
    axis = alt.Axis(
        title=[line for name in names for line in sheet.beside(name)],
        titleAngle=0, titleAlign="left", titleBaseline="top", titleX=-one.names, titleY=0,
        titleLineHeight=one.letter + 1, minExtent=one.names, values=scale.labels, labelExpr=PLAIN_NUMBER,
        labelOverlap=False,
    )  # fmt: skip
    ends = [scale.ticks[0], scale.ticks[-1]]
    shown = alt.Scale(type="log" if scale.log else "linear", domain=ends, nice=False, zero=False)
    return alt.Y(f"{field}:Q", axis=axis, scale=shown)


def _points(sheet: Sheet, points: list[Payload], y: alt.Y, place: int) -> Iterator[alt.UnitSpec]:
    import altair as alt

    data = sheet.data(points)
    stroke = alt.MarkDef("line", color=_INK[place], strokeDash=_DASHES[place], strokeWidth=1.2)
    yield layer(data, stroke, x=sheet.x, y=y, detail=alt.Detail("stretch:N"))
    for bound, shape in {"": _SHAPES[place], **_ARROWS}.items():
        point = alt.MarkDef("point", color=_INK[place], shape=shape, filled=True, size=130 if bound else 16)
        yield layer(data, point, where=f"datum.bound == '{bound}'", x=sheet.x, y=y)


def _cutoffs(sheet: Sheet, panel: Payload, scale: Ruler, y: alt.Y) -> Iterator[alt.UnitSpec]:
    """Rules, named in the margin to the right, where no value lies under the words."""
    import altair as alt

    cutoffs = panel["cutoffs"]
    places = apart([scale.share(cutoff["value"]) for cutoff in cutoffs], (_SMALL + 1) / _HEIGHT)
    rows = [
        {"value": cutoff["value"], "beside": scale.value(place), "text": _cutoff(sheet, cutoff, panel)}
        for cutoff, place in zip(cutoffs, places, strict=True)
    ]
    data = sheet.data(rows)
    yield layer(data, alt.MarkDef("rule", color="#777777", strokeDash=[4, 3], strokeWidth=0.8), y=y)
    words = alt.MarkDef("text", align="left", baseline="middle", dx=4, fontSize=_SMALL, color="#333333", clip=False)
    at = alt.Y("beside:Q", axis=y["axis"], scale=y["scale"])
    yield layer(data, words, x={"value": sheet.measures.width}, y=at, text=alt.Text("text:N"))


def _cutoff(sheet: Sheet, cutoff: Payload, panel: Payload) -> str:
    value = f"{cutoff['value']:g}"
    if sheet.measures.is_narrow:
        return value
    label = next((line["label"] for line in panel["lines"] if line["analyte"] == cutoff["analyte"]), "")
    several = len(panel["lines"]) > 1 and label
    return f"{label} {value}, {cutoff['of']}" if several else f"{cutoff['of']} {value}"
