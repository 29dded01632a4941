"""What all figures share: letters, greys, and how charts become one drawing."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from stormwatch.reports.sheet import Measures

if TYPE_CHECKING:
    import altair as alt

INK, SOFT, PALE = "#111111", "#555555", "#dddddd"
LETTER = 0.6
"""Width of a letter as a share of its size, a little generous."""
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"


def drawing(charts: list[alt.Chart | alt.LayerChart], measures: Measures) -> dict[str, Any]:
    """Charts one above the other as one drawing. Screen readers are told by the title and the words beside it."""
    import altair as alt
    from altair.utils.schemapi import debug_mode

    size = measures.letter
    config = {
        "view": {"stroke": None},
        "axis": {"labelFontSize": size, "titleFontSize": size, "labelColor": INK, "gridColor": "#eeeeee", "aria": False,
                 "titleFontWeight": "normal"},
        "title": {"fontSize": size + 1, "fontWeight": "bold", "subtitleFontSize": size, "subtitleColor": SOFT,
                  "color": INK, "anchor": "start", "frame": "group", "aria": False},
        "mark": {"aria": False}, "font": _FONT, "background": "white", "padding": 6,
    }  # fmt: skip
    with debug_mode(False):
        parts = [chart.to_dict(validate=False) for chart in charts]
    data: dict[str, Any] = {}
    for part in parts:
        data |= part.pop("datasets", {})
        part.pop("config", None)
        part.pop("$schema", None)
    resolve = {"scale": {"color": "independent", "x": "independent", "y": "independent"}}
    body = {"vconcat": parts, "spacing": 14, "resolve": resolve, "config": config, "datasets": data}
    return {"$schema": alt.SCHEMA_URL, **body}


def rows_of(values: list[dict[str, Any]]) -> alt.InlineData:
    """Rows for a chart to read."""
    import altair as alt

    return alt.InlineData(values=values)


def lines(text: str, pixels: float, size: int) -> list[str]:
    """A text in lines that fit a width."""
    return wrap(text, max(8, int(pixels / (LETTER * size))))
