"""A message for people: its elements by number, with or without what the codes mean, as data and as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from stormwatch.safety.case import Batch, Field, Group
from stormwatch.safety.e2b.elements import Element, codes, elements

Payload = dict[str, Any]
_DATE = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?([+-]\d{4})?")
_LONGEST = 200


def elements_payload(batch: Batch, *, decoded: bool = False) -> Payload:
    """Every element in the order of the sections: number, title, group, value or null flavour, line.

    With ``decoded`` also ``meaning``: the words for a code of a list, a null flavour, or a date. What has no list here
    (MedDRA, product identifiers) keeps its code and gets no meaning.
    """
    return {
        "batch": list(_rows(batch.header, "", decoded)),
        "messages": [
            {
                "case": message.number,
                "elements": [*_rows(message.header, "", decoded), *_rows(message.case, "", decoded)],
                "unknown": message.header.unknown_count() + message.case.unknown_count(),
            }
            for message in batch.messages
        ],
    }


def elements_text(payload: Payload) -> str:
    """The payload as text, one element a line; long texts are cut short and say so."""
    lines = [_line(row) for row in payload["batch"]]
    for index, message in enumerate(payload["messages"], start=1):
        lines += ["", f"Message {index}: case {message['case'] or 'without number'}"]
        group = ""
        for row in message["elements"]:
            if row["group"] != group:
                group = row["group"]
                lines.append(f"  {group}" if group else "")
            lines.append(_line(row))
        if message["unknown"]:
            lines.append(f"  {message['unknown']} pieces are not in the element table; they are kept as they are")
    return "\n".join(lines) + "\n"


def meaning(element: Element, held: Field) -> str | None:
    """What a coded value, a null flavour or a date says in words; None when there is nothing to add."""
    if held.value is None:
        return codes("null-flavour").get(held.null or "")
    if element.list:
        return codes(element.list).get(held.value)
    if element.kind == "date":
        return _date(held.value)
    return None


def _rows(group: Group, path: str, decoded: bool) -> Iterator[Payload]:
    """The elements and inner groups of a group, in the order of the table."""
    order = _order()
    held = [(order.get(number, len(order)), number) for number in (*group.fields, *group.groups)]
    for _, number in sorted(set(held)):
        if number in group.fields:
            yield _row(number, group.fields[number], path, decoded)
        for position, inner in enumerate(group.each(number), start=1):
            yield from _rows(inner, f"{path}/{number}[{position}]".lstrip("/"), decoded)


def _row(number: str, held: Field, path: str, decoded: bool) -> Payload:
    element = elements()[number]
    row: Payload = {"number": number, "title": element.title, "group": path, "value": held.value, "null": held.null}
    if decoded:
        row["meaning"] = meaning(element, held)
    row["line"] = held.line
    return row


@lru_cache(maxsize=1)
def _order() -> dict[str, int]:
    """Where each element, and each group by its first element, comes in the table."""
    found: dict[str, int] = {}
    for position, element in enumerate(elements().values()):
        found[element.number] = position
        for group in element.home:
            found.setdefault(group, position)
    return found


def _line(row: Payload) -> str:
    shown = f"null flavour {row['null']}" if row["value"] is None else " ".join(row["value"].split())
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]} … ({len(row['value']):,} characters)"
    if row.get("meaning"):
        shown += f" ({row['meaning']})"
    return f"    {row['number']:<18} {row['title']:<42} {shown}"


def _date(value: str) -> str | None:
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    date = "-".join(filter(None, (year, month, day)))
    clock = ":".join(filter(None, (hour, minute, second)))
    return " ".join(filter(None, (date, clock, zone)))
