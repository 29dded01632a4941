"""From the path of a value in an instrument file to the line a person should look at."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.]+)\s*\]\]?")


def complaint(text: str, path: tuple[int | str, ...], message: str) -> str:
    """``line: path: what is wrong``, with the nearest line that the path can be traced to.

    >>> complaint('format = 1\\nid = "x"\\n', ("id",), "too short")
    '2: id: too short'
    """
    named = ".".join(str(part) for part in path) or "file"
    return f"{line_of(text, path)}: {named}: {message}"


def line_of(text: str, path: tuple[int | str, ...]) -> int:
    """The line of the key, or else of the table it should stand in; 1 when neither is found."""
    lines = text.splitlines()
    start, stop, rest = _table(lines, path)
    for place in range(start, stop):
        if rest and re.match(rf"\s*{re.escape(str(rest[0]))}\s*=", lines[place]):
            return place + 1 + _row(lines[place:stop], rest[1:])
    return max(start, 1)


def _table(lines: list[str], path: tuple[int | str, ...]) -> tuple[int, int, tuple[int | str, ...]]:
    """First and last line of the deepest table header that the path goes through, and what is left of the path."""
    seen: dict[str, int] = {}
    best = (0, _next_header(lines, 0), path)
    depth = 0
    prefix: list[str] = []
    for place, line in enumerate(lines):
        header = _HEADER.match(line)
        if header is None:
            continue
        name = header[2]
        prefix = _address(name, seen, array=header[1] == "[[")
        if len(prefix) >= depth and _starts(path, prefix):
            depth = len(prefix)
            best = (place + 1, _next_header(lines, place + 1), path[depth:])
    return best


def _address(name: str, seen: dict[str, int], *, array: bool) -> list[str]:
    """The path of a header, with the index that each array on the way has reached."""
    if array:
        seen[name] = seen.get(name, -1) + 1
        for inner in [key for key in seen if key.startswith(f"{name}.")]:
            del seen[inner]
    address: list[str] = []
    parts = name.split(".")
    for depth, part in enumerate(parts, start=1):
        address.append(part)
        outer = ".".join(parts[:depth])
        if outer in seen:
            address.append(str(seen[outer]))
    return address


def _starts(path: tuple[int | str, ...], prefix: list[str]) -> bool:
    return [str(part) for part in path[: len(prefix)]] == prefix


def _next_header(lines: list[str], start: int) -> int:
    return next((i for i in range(start, len(lines)) if _HEADER.match(lines[i])), len(lines))


def _row(lines: list[str], rest: tuple[int | str, ...]) -> int:
    """How many lines below ``rows = [`` its n-th row stands, when each row has a line of its own."""
    if not rest or not isinstance(rest[0], int) or not lines[0].rstrip().endswith("["):
        return 0
    rows = [place for place, line in enumerate(lines) if line.lstrip().startswith("{")]
    return rows[rest[0]] if rest[0] < len(rows) else 0
