"""The flow of reports as boxes one under the other, with what was taken out beside each arrow."""

from __future__ import annotations

from typing import Any

from stormwatch.reports.sheet import Measures
from stormwatch.signals.report.figures.style import INK, drawing, lines, rows_of

Payload = dict[str, Any]

_BOX = 20


def flow(picture: Payload, measures: Measures) -> Payload:
    """A box for each count that is left; steps that took nothing out are told, too, and draw no box."""
    import altair as alt

    whole = 340 if measures.is_narrow else measures.names + measures.width
    boxes, arrows, words, height = _laid(picture, whole, measures.letter)
    across = alt.Scale(domain=[0, whole], nice=False, zero=False)
    down = alt.Scale(domain=[height, 0], nice=False, zero=False)
    x, y = alt.X("left:Q", scale=across, axis=None), alt.Y("top:Q", scale=down, axis=None)
    frame = alt.Chart(rows_of(boxes), width=whole, height=height)
    rect = frame.mark_rect(fill="#ffffff", stroke=INK, strokeWidth=1.2)
    shaft = alt.Chart(rows_of(arrows)).mark_rule(color=INK)
    head = alt.Chart(rows_of(arrows)).mark_point(shape="triangle-down", filled=True, color=INK, size=40, opacity=1)
    told = alt.Chart(rows_of(words)).mark_text(align="left", baseline="middle", fontSize=measures.letter, color=INK)
    count = frame.mark_text(baseline="middle", fontSize=measures.letter + 1, fontWeight="bold", color=INK)
    middle = {"x": alt.X("middle:Q", scale=across, axis=None), "y": alt.Y("centre:Q", scale=down, axis=None)}
    layers = [
        rect.encode(x=x, x2=alt.X2("right:Q"), y=y, y2=alt.Y2("bottom:Q")),
        count.encode(**middle, text="count:N"),
        shaft.encode(x=x, y=y, y2=alt.Y2("bottom:Q")),
        head.encode(x=x, y=alt.Y("bottom:Q", scale=down, axis=None)),
        told.encode(x=x, y=y, text="text:N"),
    ]
    return drawing([alt.LayerChart(layer=layers)], measures)


def _laid(picture: Payload, whole: float, letter: int) -> tuple[list[Payload], list[Payload], list[Payload], float]:
    """Where everything stands, in pixels from the top left."""
    wide = 0.3 * whole
    boxes, arrows, words = [], [], []
    top, line = 1.0, letter + 3
    boxes.append(_box(top, wide, f"{picture['start']:,}"))
    words.append({"left": wide + 10, "top": top + _BOX / 2, "text": picture["unit"]})
    steps = _joined(picture["steps"])
    for place, step in enumerate(steps):
        said = [part for text in step["said"] for part in lines(text, whole - wide / 2 - 20, letter)]
        below = top + _BOX + len(said) * line + 12
        arrows.append({"left": wide / 2, "top": top + _BOX, "bottom": below - 4})
        for row, text in enumerate(said):
            words.append({"left": wide / 2 + 12, "top": top + _BOX + 5 + (row + 0.5) * line, "text": text})
        top = below
        boxes.append(_box(top, wide, f"{step['left']:,}"))
        if place == len(steps) - 1:
            words.append({"left": wide + 10, "top": top + _BOX / 2, "text": "cases"})
    return boxes, arrows, words, top + _BOX + 2


def _joined(steps: list[Payload]) -> list[Payload]:
    """Steps with those before them that took nothing out: one arrow, every rule named."""
    made: list[Payload] = []
    waiting: list[str] = []
    for place, step in enumerate(steps):
        waiting.append(f"− {step['out']:,}: {step['rule']}")
        waiting += [f"    {count:,} {reason}" for reason, count in step["reasons"].items()]
        if step["out"] or place == len(steps) - 1:
            made.append({"said": waiting, "left": step["left"]})
            waiting = []
    return made


def _box(top: float, wide: float, count: str) -> Payload:
    bottom = top + _BOX
    return {"left": 1, "right": wide, "top": top, "bottom": bottom, "middle": wide / 2, "centre": top + _BOX / 2,
            "count": count}  # fmt: skip
