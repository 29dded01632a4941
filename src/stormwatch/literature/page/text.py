"""A reading on a terminal: the text with its facts marked, the facts, and one line for each instrument."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from stormwatch.explain.text import Style, plain_style, summary_text

Payload = dict[str, Any]
Mark = Callable[[str, str, list[int]], str]
"""Marks a stretch of text: called with it, its kind and the numbers of its facts."""

_WIDEST = 52


def numbered(text: str, kind: str, facts: list[int]) -> str:
    """Without colour a mark is brackets and the numbers of its facts.

    >>> numbered("fever", "finding", [3])
    '[fever]3'
    """
    return f"[{text}]{','.join(map(str, facts))}"


def reading_text(payload: Payload, *, mark: Mark = numbered, style: Style = plain_style) -> str:
    """The whole reading as text."""
    marked = "".join(mark(p["text"], p["kind"], p["facts"]) if p["facts"] else p["text"] for p in payload["pieces"])
    lines = [marked.strip(), "", *_about(payload["document"], style), *_facts(payload, style)]
    for one in payload["patients"]:
        lines += ["", *_patient(one, style)]
    return "\n".join(lines) + "\n"


def _about(document: Payload, style: Style) -> Iterator[str]:
    """What the report says of itself: authors, journal and year, marks, keyphrases; nothing where it says nothing."""
    year = f"({document['year']})" if document["year"] else ""
    marks = [f"{name} {document[key]}" for name, key in (("doi", "doi"), ("PMID", "pmid")) if document[key]]
    parts = [", ".join(document["authors"]), f"{document['journal']} {year}".strip(), *marks]
    told = [". ".join(part for part in parts if part)]
    told += [f"Keyphrases: {', '.join(document['keyphrases'])}"] if document["keyphrases"] else []
    yield from (style(line, "faint") for line in told if line)


def _facts(payload: Payload, style: Style) -> Iterator[str]:
    facts = payload["facts"]
    corrected = f", with {payload['corrections']} corrections" if payload["corrections"] else ""
    yield style(f"{len(facts)} facts{corrected}", "title")
    width = min(max((len(fact["says"]) for fact in facts), default=0), _WIDEST)
    for fact in facts:
        remarks = f"  [{'; '.join(fact['remarks'])}]" if fact["remarks"] else ""
        where = style(f"chars {fact['chars']}", "faint")
        yield f"{fact['number']:>4}  {fact['kind']:<12}  {fact['says']:<{width}}  {where}{remarks}"
    yield from payload["readers"]


def _patient(one: Payload, style: Style) -> Iterator[str]:
    yield style(f"Patient {one['patient']}: {one['facts']} facts for the criteria", "title")
    yield one["account"]
    yield from (f"The record says of itself: {label}" for label in one["record_says"])
    if not one["instruments"]:
        yield "Nothing in it can be assessed."
        return
    yield summary_text(one["instruments"], style=style).rstrip("\n")
    yield "Ranges cover every way in which what the report does not say could turn out."
