"""The drawings of a summary, as Vega-Lite: shades and marks can be told apart without colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stormwatch.cohort.outputs.standing import STANDINGS
from stormwatch.errors import UsageError

Payload = dict[str, Any]
_SHADES = ("#08519c", "#6baed6", "#d9d9d9", "#f0f0f0")
_MOST = 20


def charts(payload: Payload) -> Iterator[tuple[str, str, Any]]:
    """Title, what it shows in words, and the chart. Raises UsageError when the extra report is not installed."""
    try:
        import altair  # noqa: F401
    except ImportError:
        raise UsageError('figures need one more package: pip install "stormwatch[report]"') from None
    if payload["standings"]:
        yield (
            "Where patients stand",
            "Bars of patients by instrument: met, possible, open, excluded.",
            _standings(payload),
        )
    for one in payload["agreement"]:
        if one["combinations"]:
            said = "Patients in whom exactly these instruments were certainly met, with the instruments below."
            yield f"Met together: {one['syndrome']}", said, _upset(one)
        pairs = [pair for pair in one["pairs"] if pair["flagged"] and pair["flagged"]["kappa"] is not None]
        if pairs:
            yield f"Kappa: {one['syndrome']}", "Cohen's kappa of each pair with its 95 % interval.", _kappas(pairs)
    waits = [row for row in payload["since_first_dose"] if row["hours"]]
    if waits:
        yield "From first dose to first met", "Median and quartiles of the days, by drug class.", _waits(waits)
    missing = [row for row in payload["missing"] if row["never"] and row["undecided"]]
    if missing:
        yield "Never answered", "Share of the undecided patients without any answer, by question.", _missing(missing)


def _standings(payload: Payload) -> Any:
    import altair as alt

    names = list(reversed(STANDINGS))
    rows = [
        {"instrument": row["instrument"], "standing": name, "patients": row[name], "order": place}
        for row in payload["standings"]
        for place, name in enumerate(names)
        if row[name]
    ]
    scale = alt.Scale(domain=names, range=list(_SHADES))
    return (
        _chart(rows)
        .mark_bar(stroke="#666666", strokeWidth=0.4)
        .encode(
            y=alt.Y("instrument:N", title=None, sort=[row["instrument"] for row in payload["standings"]]),
            x=alt.X("patients:Q", title="patients (suppressed cells are left out)"),
            color=alt.Color("standing:N", scale=scale, title=None, legend=alt.Legend(orient="top")),
            order=alt.Order("order:Q"),
        )
        .properties(width=560, height=alt.Step(16))
    )


def _upset(one: Payload) -> Any:
    import altair as alt

    shown = one["combinations"][:_MOST]
    bars = [{"place": place, "patients": each["patients"]} for place, each in enumerate(shown)]
    dots = [
        {"place": place, "instrument": name, "in": name in each["met"]}
        for place, each in enumerate(shown)
        for name in one["instruments"]
    ]
    x = alt.X("place:O", axis=None)
    base = _chart(bars).encode(x=x, y=alt.Y("patients:Q", title="patients"))
    top = base.mark_bar(color=_SHADES[0]).properties(width=alt.Step(34), height=160)
    numbers = base.mark_text(dy=-6, fontSize=10).encode(text="patients:Q")
    matrix = (
        _chart(dots)
        .mark_point(size=110, filled=True)
        .encode(
            x=x,
            y=alt.Y("instrument:N", title=None, sort=one["instruments"]),
            color=alt.condition("datum.in", alt.value(_SHADES[0]), alt.value("#e5e5e5")),
        )
        .properties(width=alt.Step(34), height=alt.Step(20))
    )
    return alt.vconcat(top + numbers, matrix, spacing=4).resolve_scale(x="shared")


def _kappas(pairs: list[Payload]) -> Any:
    import altair as alt

    rows = [{"pair": f"{pair['first']} / {pair['second']}", **pair["flagged"]} for pair in pairs]
    y = alt.Y("pair:N", title=None, sort=[row["pair"] for row in rows])
    base = _chart(rows)
    line = base.mark_rule(strokeWidth=2).encode(
        y=y, x=alt.X("low:Q", title="kappa", scale=alt.Scale(domain=[-1, 1])), x2="high:Q"
    )
    return (line + base.mark_point(filled=True, size=60, color=_SHADES[0]).encode(y=y, x="kappa:Q")).properties(
        width=420, height=alt.Step(18)
    )


def _waits(waits: list[Payload]) -> Any:
    import altair as alt

    rows = [
        {
            "row": f"{row['instrument']} ({row['class']})",
            **dict(zip(("low", "mid", "high"), (h / 24 for h in row["hours"]), strict=True)),
        }
        for row in waits
    ]
    y = alt.Y("row:N", title=None, sort=[row["row"] for row in rows])
    base = _chart(rows)
    line = base.mark_rule(strokeWidth=2).encode(y=y, x=alt.X("low:Q", title="days from the first dose"), x2="high:Q")
    return (line + base.mark_tick(thickness=3, color=_SHADES[0]).encode(y=y, x="mid:Q")).properties(
        width=480, height=alt.Step(16)
    )


def _missing(rows: list[Payload]) -> Any:
    import altair as alt

    cells = [
        {"instrument": row["instrument"], "label": row["label"], "share": row["never"] / row["undecided"]}
        for row in rows
    ]
    return (
        _chart(cells)
        .mark_rect(stroke="white")
        .encode(
            x=alt.X("instrument:N", title=None, axis=alt.Axis(labelAngle=-45, orient="top")),
            y=alt.Y("label:N", title=None),
            color=alt.Color("share:Q", title="share", scale=alt.Scale(scheme="blues", domain=[0, 1])),
        )
        .properties(width=alt.Step(22), height=alt.Step(13))
    )


def _chart(rows: list[Payload]) -> Any:
    """A chart of rows that stand in it."""
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows))
