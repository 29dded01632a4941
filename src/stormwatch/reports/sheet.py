"""The sheet a picture is drawn on: its measures, its axis of days, and the rows of every panel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from stormwatch.reports.messages import Messages

if TYPE_CHECKING:
    import altair as alt

Payload = dict[str, Any]

_LETTER = 0.62
"""Width of a letter as a share of its size, a little generous."""


@dataclass(frozen=True, slots=True)
class Measures:
    """In pixels: the drawing area, the names to its left, the cut-offs to its right, and the height of a letter."""

    width: int
    names: int
    margin: int
    letter: int

    @property
    def is_narrow(self) -> bool:
        """Whether there is room for little more than the marks themselves."""
        return self.width < 400


WIDE = Measures(width=540, names=168, margin=106, letter=10)
"""For a desk or a sheet of paper."""
NARROW = Measures(width=218, names=156, margin=36, letter=9)
"""For a telephone."""


def layer(data: alt.NamedData, mark: alt.MarkDef, *, where: str = "", **encoding: Any) -> alt.UnitSpec:
    """One mark for each row of the data (of those ``where`` something holds), placed by its channels."""
    import altair as alt

    only: Payload = {"transform": [alt.FilterTransform(where)]} if where else {}
    return alt.UnitSpec(data=data, mark=mark, encoding=alt.Encoding(**encoding), **only)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Days from ``start`` to ``stop`` drawn in some measures, with the words of a language.

    Rows are kept aside under a name. Panels are put together once, from Altair's typed parts of the grammar: its charts
    copy themselves whenever something is added to them, which takes most of the time a drawing needs.
    """

    start: float
    stop: float
    said: Messages
    measures: Measures = WIDE
    datasets: dict[str, list[Payload]] = field(default_factory=dict)

    def data(self, rows: Iterable[Payload]) -> alt.NamedData:
        """Rows that layers read by name."""
        import altair as alt

        name = f"rows-{len(self.datasets)}"
        self.datasets[name] = list(rows)
        return alt.NamedData(name=name)

    def panel(self, layers: Iterable[alt.UnitSpec], height: int, title: str = "") -> Payload:
        """Layers on each other as one panel of a height."""
        import altair as alt

        named: Payload = {"title": self.heading(title)} if title else {}
        panel = alt.LayerSpec(layer=list(layers), width=self.measures.width, height=height, **named)
        drawn: Payload = panel.to_dict(validate=False)
        return drawn

    def heading(self, text: str) -> alt.TitleParams:
        """A title over names and drawing that breaks where the sheet ends."""
        import altair as alt

        one = self.measures
        lines = wrap(text, int((one.names + one.width) / (_LETTER * (one.letter + 1))))
        return alt.TitleParams(lines, anchor="start", frame="group", dx=-one.names)

    def beside(self, text: str) -> list[str]:
        """A name in lines that fit to the left of the numbers of a value axis."""
        one = self.measures
        return wrap(text, int((one.names - 4.4 * one.letter) / (_LETTER * one.letter)))

    def labelled(self, rows: list[Payload], field: str, size: float) -> list[Payload]:
        """Stretches with their middle, and with words of a size in pixels only where these have room."""
        return [{**row, "middle": (row["from"] + row["to"]) / 2, field: self._fitted(row, field, size)} for row in rows]

    def _fitted(self, row: Payload, field: str, size: float) -> str:
        room = (row["to"] - row["from"]) / (self.stop - self.start) * self.measures.width
        text = str(row[field])
        return text if room >= _LETTER * size * len(text) + 2 else ""

    @property
    def shown(self) -> alt.Scale:
        """The days that are shown, the same for every panel."""
        import altair as alt

        return alt.Scale(domain=[self.start, self.stop], nice=False, zero=False)

    @property
    def x(self) -> alt.X:
        """The axis of days; only the lowest panel writes its numbers."""
        import altair as alt

        axis = alt.Axis(labels=False, ticks=False, title=None, grid=True)
        return alt.X("from:Q", scale=self.shown, axis=axis)

    def rows(self, field: str, names: list[str]) -> alt.Y:
        """One row for each name."""
        import altair as alt

        room = self.measures.names
        axis = alt.Axis(title=None, labelLimit=room - 4, minExtent=room, ticks=False, domain=False, grid=False)
        return alt.Y(f"{field}:N", sort=names, axis=axis, scale=alt.Scale(domain=names, paddingInner=0.15))
