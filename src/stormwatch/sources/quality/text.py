"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from stormwatch.sources.quality import words
from stormwatch.sources.quality.words import Payload

_WIDTH = 100
_HEADERS = ("analyte", "rows", "patients", "censored", "rejected", "repeated", "gap", "units as recorded")


def quality_text(payload: Payload) -> str:
    """The report of :func:`quality` as text."""
    return "\n".join(_report(payload)) + "\n"


def _report(payload: Payload) -> Iterator[str]:
    yield f"{payload['patients']:,} patients, {payload['facts']:,} facts"
    yield words.equation(payload["accounting"])
    for one in payload["accounting"]["reasons"]:
        yield f"  rejected {one['rows']:,}: {one['reason']}"
    yield ""
    yield from _measured(payload["analytes"])
    yield from _unmapped(payload["unmapped"])
    yield from _needs(payload["needs"])
    yield words.USE


def _measured(rows: list[Payload]) -> Iterator[str]:
    yield "Measured"
    yield from _columns([_HEADERS, *map(_cells, rows)])
    derived = [f"{row['derived']:,} {row['analyte']}" for row in rows if row["derived"]]
    if derived:
        yield from _wrapped(f"Derived from their parts, besides: {', '.join(derived)}.")
    yield from (f"  {line}" for line in words.MEASURED[:-1])
    yield ""


def _cells(row: Payload) -> tuple[str, ...]:
    counts = (row["rows"], row["patients"], row["censored"], words.refused(row), row["duplicates"])
    return (
        row["analyte"],
        *(f"{count:,}" for count in counts),
        words.gap(row),
        ", ".join(map(words.converted, row["units"])),
    )


def _columns(rows: list[Sequence[str]]) -> Iterator[str]:
    """Aligned columns: the first and the last to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for first, *numbers, last in rows:
        middle = "  ".join(cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True))
        yield f"  {first.ljust(widths[0])}  {middle}  {last}".rstrip()


def _unmapped(payload: Payload) -> Iterator[str]:
    if not payload["listed"]:
        return
    yield f"Not needed or not understood: {payload['labels']:,} names and codes"
    for one in payload["listed"]:
        likely = f"   perhaps {one['title']}" if one["suggestion"] else ""
        yield f"  {one['rows']:>8,}  {one['label']}{likely}"
    yield ""


def _needs(needs: list[Payload]) -> Iterator[str]:
    if not needs:
        return
    yield "Lacking in every patient"
    for sentence in words.nobody(needs):
        yield from _wrapped(sentence)
    yield "Lacking, by instrument"
    for one in needs:
        yield from _wrapped("; ".join(_instrument(one)) + ".")
    yield ""


def _instrument(one: Payload) -> Iterator[str]:
    yield f"{one['instrument']}: everything in {one['patients_with_all']:,} of {one['of']:,}"
    none = sum(map(words.in_nobody, one["needs"]))
    if none:
        yield f"{none} of {len(one['needs'])} questions answered in nobody"
    yield from (need["text"] for need in one["needs"] if words.in_some(need))


def _wrapped(text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")
