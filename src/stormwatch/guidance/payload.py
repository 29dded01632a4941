"""Guidance as plain data. Text and every other view are renderings of these payloads."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from stormwatch.guidance.contradictions import contradictions
from stormwatch.guidance.said import Said
from stormwatch.guidance.schema import Document, Row

Payload = dict[str, Any]

_ROW_WORDS = ("id", "kind", "section", "text", "evidence", "source", "note")


def payload(said: Iterable[Said]) -> Payload:
    """What ``says`` returned, with the contradictions in it: documents once, then the rows, in plain JSON values.

    >>> payload(())["rows"]
    []
    """
    every = tuple(said)
    documents = {one.document.id: one.document for one in every}
    return {
        "documents": [head(document) for document in documents.values()],
        "rows": [_said(one) for one in every],
        "contradictions": [
            {
                "question": one.topic,
                "occasion": one.occasion.title,
                "sides": [
                    {"document": side.document.id, "row": side.row.id, "answer": side.row.answer} for side in one.sides
                ],
            }
            for one in contradictions(every)
        ],
        "says": "What documents name, held against the facts of the record. Not what to do with a patient.",
    }


def document_payload(document: Document, *, unconfirmed: bool = False) -> Payload:
    """One document with its rows; rows that no source confirmed only on request."""
    rows = [row for row in document.rows if unconfirmed or row.evidence != "unconfirmed"]
    return {
        **head(document),
        "rows": [_row(row) for row in rows],
        "unconfirmed_rows_left_out": _left_out(document, rows),
    }


def head(document: Document) -> Payload:
    """What a document is: title, revision, when it was seen, whom it is about."""
    return {
        "id": document.id,
        "title": document.title,
        "kind": document.kind,
        "drug": document.drug,
        "jurisdiction": document.jurisdiction,
        "revision": document.revision,
        "seen": document.seen,
        "population": document.population,
        "grading": dict(document.grading),
        "grading_note": document.grading_note,
        "notes": list(document.notes),
    }


def _left_out(document: Document, rows: list[Row]) -> int:
    return len(document.rows) - len(rows)


def _row(row: Row) -> Payload:
    words = {name: getattr(row, name) for name in _ROW_WORDS}
    data = row.model_dump(exclude=set(_ROW_WORDS), exclude_none=True, exclude_defaults=True)
    return {**words, "data": _plain(data)}


def _plain(value: Any) -> Any:
    """Decimals as numbers, tuples as lists."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _said(one: Said) -> Payload:
    return {
        "document": one.document.id,
        "row": one.row.id,
        "kind": one.row.kind,
        "section": one.row.section,
        "evidence": one.evidence,
        "source": one.row.source,
        "occasion": one.occasion.title,
        "applies": one.applies.value,
        "text": one.text,
        "note": one.row.note,
        "because": list(one.because),
        "missing": list(one.missing),
        "values": dict(one.values),
        "facts": [str(origin) for origin in one.origins],
    }
