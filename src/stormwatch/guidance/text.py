"""Guidance in words for the terminal, read off the payloads."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill

from stormwatch.guidance.payload import Payload

_GROUPS = (
    ("met", "Rows that apply"),
    ("unknown", "Rows of which the record does not tell whether they apply"),
    ("not met", "Rows that do not apply"),
)
_WIDTH = 118


def said_text(payload: Payload) -> str:
    """Contradictions first, then the rows: those that apply, those that cannot be told, and the others in short."""
    lines = [*_contradictions(payload)]
    for answer, title in _GROUPS:
        rows = [row for row in payload["rows"] if row["applies"] == answer]
        lines += [f"{title}: {len(rows)}", ""]
        for row in rows:
            lines += _short(row) if answer == "not met" else _full(row)
    lines += _documents(payload)
    return "\n".join([*lines, payload["says"]]) + "\n"


def document_text(payload: Payload) -> str:
    """One document: what it is, and its rows with their evidence and source."""
    about = f"{payload['id']}: {payload['title']}"
    lines = [about, *_head(payload), ""]
    for row in payload["rows"]:
        lines.append(f"{row['id']} ({row['kind']}; section {row['section']}; {_evidence(row)})")
        lines += [_wrapped(row["text"]), *([_wrapped(f"Note: {row['note']}")] if row["note"] else [])]
        lines += [_wrapped(f"Source: {row['source']}"), ""]
    left = payload["unconfirmed_rows_left_out"]
    if left:
        lines.append(f"{left} row(s) that no source confirmed are not shown; --unconfirmed shows them.")
    return "\n".join(lines).rstrip() + "\n"


def _contradictions(payload: Payload) -> Iterator[str]:
    for one in payload["contradictions"]:
        yield f"Documents contradict each other: {one['question']} ({one['occasion']})"
        yield from (f"  {side['document']}: {side['answer']}" for side in one["sides"])
        yield ""


def _full(row: Payload) -> Iterator[str]:
    yield f"{row['document']}, section {row['section']} ({_evidence(row)}); {row['occasion']}"
    yield _wrapped(row["text"])
    yield from (_wrapped(f"- {why}") for why in row["because"])
    if row["missing"]:
        yield _wrapped("Missing: " + "; ".join(row["missing"]))
    if row["facts"]:
        yield _wrapped("Facts: " + ", ".join(row["facts"]))
    yield ""


def _short(row: Payload) -> Iterator[str]:
    failed = "; ".join(why for why in row["because"] if why.endswith(": no"))
    yield f"{row['document']}/{row['row']}; {row['occasion']}"
    yield _wrapped(failed)
    if row["values"] and row["kind"] in ("dose", "repeat", "regimen"):
        yield _wrapped(row["text"])
    yield ""


def _documents(payload: Payload) -> Iterator[str]:
    yield "Documents"
    for one in payload["documents"]:
        yield f"{one['id']}: {one['title']}"
        yield from _head(one)
    yield ""


def _head(payload: Payload) -> Iterator[str]:
    yield _wrapped(f"Revision: {payload['revision']}. Seen {payload['seen']}.")
    yield _wrapped(f"About: {payload['population']}")
    if payload["grading_note"]:
        yield _wrapped(payload["grading_note"])
    yield from (_wrapped(f"Note: {note}") for note in payload["notes"])


def _evidence(row: Payload) -> str:
    return "UNCONFIRMED, never applied" if row["evidence"] == "unconfirmed" else f"{row['evidence']} evidence"


def _wrapped(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
