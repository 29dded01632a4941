"""A validation for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Payload = dict[str, Any]
_SHARES = ("sensitivity", "specificity", "ppv", "npv")


def validation_text(payload: Payload) -> str:
    """Every instrument and stratum, with exact intervals."""
    return "\n".join(_lines(payload))


def validation_rows(payload: Payload) -> list[Payload]:
    """The same, one row for each instrument, test and stratum."""
    return [
        {
            "instrument": one["instrument"],
            **{key: cell for key, cell in row.items() if not isinstance(cell, dict)},
            **{f"{name}_{part}": row[name][part] for name in _SHARES for part in ("value", "low", "high")},
        }
        for one in payload["instruments"]
        for row in ({key: cell for key, cell in row.items() if key != "whole"} for row in one["rows"])
    ]


def _lines(payload: Payload) -> Iterator[str]:
    yield f"{payload['syndrome']}: {payload['reviewed']} patients decided, {payload['with_syndrome']} had it"
    yield f"left out: {payload['differ']} on whom reviewers differ, {payload['cannot_tell']} nobody could tell"
    flagged, others = payload["flagged"], payload["unflagged"]
    yield f"reviewed: {flagged['reviewed']} of {flagged['of']} flagged, {others['reviewed']} of {others['of']} others"
    if others["reviewed"] < others["of"]:
        yield "Not everyone was reviewed: sensitivity and specificity with intervals are of the reviewed alone;"
        yield "'all patients' weighs each reviewed patient by how many it stands for."
    for one in payload["instruments"]:
        yield ""
        yield one["instrument"]
        for row in one["rows"]:
            yield f"  {row['test']}, {row['stratum']}: {', '.join(_share(name, row[name]) for name in _SHARES)}"
            if row["whole"]:
                whole = (f"{name} {_percent(row['whole'][name])}" for name in _SHARES[:2])
                yield f"    all patients: {', '.join(whole)}"


def _share(name: str, one: Payload) -> str:
    if one["value"] is None:
        return f"{name} of nobody"
    interval = f"{_percent(one['low'])} to {_percent(one['high'])}"
    return f"{name} {one['count']}/{one['of']} {_percent(one['value'])} ({interval})"


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{100 * value:.1f} %"
