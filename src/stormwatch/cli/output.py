"""Printing results: text for people, JSON, NDJSON and CSV for programs. Talk goes to stderr."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

from stormwatch.engines.result import Track
from stormwatch.errors import UsageError
from stormwatch.explain.payload import track_payload
from stormwatch.explain.text import Style, summary_text, track_text
from stormwatch.facts import Timeline

_COLOURS = {"met": "red", "not met": "green", "unknown": "yellow"}
_COLUMNS = ("patient", "instrument", "edition", "time", "verdict", "score_low", "score_high", "unit")


def account(timeline: Timeline, rejects: Path | None) -> None:
    """Say on stderr what became of every row, and write the rejected ones where asked."""
    accounting = timeline.accounting
    typer.echo(accounting.summary(), err=True)
    for reason, count in accounting.reasons()[:10]:
        typer.echo(f"  rejected {count:,}: {reason}", err=True)
    for note in timeline.notes:
        typer.echo(f"  note: {note}", err=True)
    if rejects is not None:
        _write_rejects(timeline, rejects)


def progress() -> Callable[[int], None] | None:
    """How far a large file is read, for a person at a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return None
    return lambda done: typer.echo(f"\r{done / 1e6:,.0f} MB read", err=True, nl=False)


def write(tracks: Iterable[Track], timeline: Timeline, form: str, detail: str) -> None:
    """Print the tracks of one patient in the form asked for."""
    {"text": _text, "json": _json, "ndjson": _ndjson, "csv": _csv}[form](tracks, timeline, detail)


def _write_rejects(timeline: Timeline, path: Path) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(("record", "reason"))
            rows.writerows((r.record, r.reason) for r in timeline.accounting.rejected)
    except OSError as error:
        raise UsageError(f"{path}: the rejected rows cannot be written here ({error.strerror})") from None


def _text(tracks: Iterable[Track], timeline: Timeline, detail: str) -> None:
    typer.echo(f"Patient {timeline.patient.id}: {len(timeline.facts):,} facts.")
    for label in timeline.labels:
        typer.echo(f"The record says of itself: {label}")
    typer.echo()
    held = list(tracks)
    if len(held) > 1:
        typer.echo(summary_text([track_payload(track, ()) for track in held], style=colours()))
    for track in held:
        shown = detail if getattr(track, detail) is not None else "worst"
        typer.echo(track_text(track_payload(track, {shown}), detail=shown, style=colours()))
    typer.echo(
        "Criteria are met or not; whether the patient has the illness is for professionals to judge. Not for use"
    )
    typer.echo("as the basis of treatment. Ranges cover every way the missing answers could turn out.")


def _json(tracks: Iterable[Track], timeline: Timeline, detail: str) -> None:
    typer.echo(json.dumps([track_payload(track) for track in tracks], ensure_ascii=False, indent=1))


def _ndjson(tracks: Iterable[Track], timeline: Timeline, detail: str) -> None:
    for track in tracks:
        typer.echo(json.dumps(track_payload(track), ensure_ascii=False))


def _csv(tracks: Iterable[Track], timeline: Timeline, detail: str) -> None:
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for payload in (track_payload(track, ()) for track in tracks):
        named = (payload["patient"], payload["instrument"]["id"], payload["instrument"]["edition"])
        rows.writerows((*named, *_cells(change)) for change in payload["changes"])


def _cells(change: dict[str, Any]) -> tuple[Any, ...]:
    score = change["score"] or {"low": None, "high": None, "unit": ""}
    return (change["time"], change["verdict"], score["low"], score["high"], score["unit"])


def colours() -> Style:
    """Colour for a terminal; none when the output goes elsewhere or NO_COLOR is set."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def style(text: str, kind: str) -> str:
        if not coloured:
            return text
        return typer.style(text, fg=_COLOURS.get(kind), bold=kind == "title", dim=kind == "faint")

    return style
