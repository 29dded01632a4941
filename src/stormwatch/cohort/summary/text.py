"""The summary for a terminal, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from stormwatch.cohort.outputs.standing import STANDINGS

Payload = dict[str, Any]
HIDDEN = "·"
_COLUMNS = tuple(reversed(STANDINGS))


def summary_text(payload: Payload) -> str:
    """Everything but the page's drawings."""
    return "\n".join(_lines(payload))


def summary_rows(payload: Payload) -> list[dict[str, Any]]:
    """Where patients stand by each instrument, one row each; an empty cell is a suppressed one."""
    return [{key: cell for key, cell in row.items() if key != "title"} for row in payload["standings"]]


def count(cell: int | None) -> str:
    return HIDDEN if cell is None else f"{cell:,}"


def _lines(payload: Payload) -> Iterator[str]:
    run = payload["run"]
    cut = run["data_cut"] or "none"
    yield f"{run['patients']:,} patients, {run['facts']:,} facts, data cut {cut}, {run['software']}"
    yield f"{HIDDEN} is a cell of fewer than {payload['least']} patients, or one that would give such a cell away."
    yield ""
    rows = [[row["instrument"], *(count(row[name]) for name in _COLUMNS)] for row in payload["standings"]]
    yield from _table(["instrument", *_COLUMNS], rows)
    for one in payload["agreement"]:
        yield from _agreement(one)
    yield from _waits(payload["since_first_dose"])
    yield from _missing(payload["missing"])
    yield ""
    yield from payload["notes"]


def _agreement(one: Payload) -> Iterator[str]:
    yield ""
    yield f"{one['syndrome']}: criteria met together"
    rows = [[" + ".join(each["met"]) or "none of them", count(each["patients"])] for each in one["combinations"]]
    if one["combinations_suppressed"]:
        rows.append([f"{one['combinations_suppressed']} more combinations", HIDDEN])
    yield from _table(["certainly met", "patients"], rows)
    rows = [[f"{p['first']} / {p['second']}", kappa(p["flagged"]), kappa(p["decided"])] for p in one["pairs"]]
    yield from _table(["kappa (95 % interval)", "certainly met or not", "where both decide"], rows)


def kappa(one: Payload | None) -> str:
    if one is None:
        return HIDDEN
    if one["kappa"] is None:
        return f"always the same (n {one['patients']:,})"
    return f"{one['kappa']:.2f} ({one['low']:.2f} to {one['high']:.2f}; n {one['patients']:,})"


def _waits(rows: list[Payload]) -> Iterator[str]:
    if rows:
        yield ""
        cells = [
            [row["class"], row["instrument"], count(row["after"]), count(row["before"]), hours(row["hours"])]
            for row in rows
        ]
        yield from _table(["first dose of", "first met", "after it", "before it", "hours: median (quartiles)"], cells)


def hours(quartiles: Sequence[float] | None) -> str:
    return HIDDEN if quartiles is None else f"{quartiles[1]:g} ({quartiles[0]:g} to {quartiles[2]:g})"


def _missing(rows: list[Payload]) -> Iterator[str]:
    asked: dict[str, list[str]] = {}
    for row in rows:
        if row["never"]:
            asked.setdefault(row["instrument"], []).append(
                f"{row['label']} {row['never']:,} of {count(row['undecided'])}"
            )
    if asked:
        yield ""
        yield "never answered, in the patients not decided for certain"
        yield from (f"  {name}: {', '.join(said[:6])}" for name, said in asked.items())


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    for row in (headers, *rows):
        cells = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
