"""Where an element stands in a case, as text: ``D.5``, ``E.i[mas_hlh]/E.i.7``, ``G.k[1]/G.k.4.r[1]/G.k.4.r.4``.

A group goes by its id where it has one, otherwise by its place among its likes, counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stormwatch.errors import UsageError
from stormwatch.safety.case import Field, Group

_STEP = re.compile(r"(?P<number>[A-Za-z][\w.@-]*)\[(?P<key>[^\[\]/]+)\]")
_FIELD = re.compile(r"[A-Za-z][\w.@-]*")


def step(number: str, group: Group, position: int) -> str:
    """One group of a path.

    >>> step("E.i", Group("E.i", "mas_hlh"), 1)
    'E.i[mas_hlh]'
    """
    return f"{number}[{group.id or position}]"


def fields(group: Group, path: str = "") -> Iterator[tuple[str, Field]]:
    """Every field of a group and of the groups in it, with its path."""
    for number, held in group.fields.items():
        yield f"{path}{number}", held
    for at, inner in groups(group, path):
        for number, held in inner.fields.items():
            yield f"{at}/{number}", held


def groups(group: Group, path: str = "") -> Iterator[tuple[str, Group]]:
    """Every group inside a group, outer before inner, with its path."""
    for number, held in group.groups.items():
        for position, inner in enumerate(held, start=1):
            at = path + step(number, inner, position)
            yield at, inner
            yield from groups(inner, f"{at}/")


def field_at(case: Group, path: str) -> Field | None:
    """The field at a path, or None.

    Raises:
        UsageError: this is no path.
    """
    *steps, number = _split(path)
    at: Group | None = case
    for each in steps:
        at = None if at is None else _find(at, *_parted(each))
    return None if at is None else at.fields.get(_element(number))


def place(case: Group, path: str, held: Field | None) -> None:
    """Put a field at a path, or take it out (None). Groups on the way that do not exist are added.

    A path that ends in a group, with None, takes the whole group out.

    Raises:
        UsageError: this is no path.
    """
    *steps, last = _split(path)
    if _STEP.fullmatch(last):
        if held is not None:
            raise UsageError(f"{path}: a group has no value of its own; name an element in it, such as {path}/E.i.7")
        _remove(case, steps, last)
        return
    number = _element(last)
    at = case
    for each in steps:
        parts = _parted(each)
        found = _find(at, *parts)
        if found is None and held is None:
            return
        at = at.add(parts[0], id="" if parts[1].isdigit() else parts[1]) if found is None else found
    if held is None:
        at.fields.pop(number, None)
    else:
        at.fields[number] = held


def _remove(case: Group, steps: list[str], last: str) -> None:
    at: Group | None = case
    for each in steps:
        at = None if at is None else _find(at, *_parted(each))
    number, key = _parted(last)
    gone = None if at is None else _find(at, number, key)
    if at is not None and gone is not None:
        left = [one for one in at.groups[number] if one is not gone]
        at.groups[number] = left
        if not left:
            del at.groups[number]


def _split(path: str) -> list[str]:
    return path.split("/")


def _parted(text: str) -> tuple[str, str]:
    match = _STEP.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} names no group; write it as E.i[1] or E.i[name]")
    return match["number"], match["key"]


def _element(text: str) -> str:
    if not _FIELD.fullmatch(text):
        raise UsageError(f"{text!r} names no element; write it as E.i[1]/E.i.7 or D.5")
    return text


def _find(group: Group, number: str, key: str) -> Group | None:
    held = group.each(number)
    named = next((one for one in held if one.id == key), None)
    if named is not None or not key.isdigit():
        return named
    place = int(key) - 1
    return held[place] if 0 <= place < len(held) else None
