"""Tables flattened into lines: rows of cells, and columns of cells that stand below each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stormwatch.sources.text.document import Document
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.numbers import NUMBER
from stormwatch.sources.text.passes.amounts import amount, limit_of
from stormwatch.sources.text.passes.labs import test_named
from stormwatch.sources.text.passes.times import times
from stormwatch.sources.text.passes.values import Value, unit_at
from stormwatch.sources.text.sentences import plain

_SIGN = r"(?P<sign>[<>≥≤])?\s*"
_CELL = re.compile(rf"\s*{_SIGN}(?P<number>{NUMBER})\s*(?P<rest>.*?)\s*$")
_REFERENCE = re.compile(r"\s*(?:[<>≥≤]\s*)?(?P<low>\d+(?:[.,]\d+)?)\s*(?:(?:-|–|to)\s*(?P<high>\d[\d.,]*))?\s*$")
_TAIL = re.compile(r"\s+(?:[<>≥≤]\s*\d[\d.,]*|\d+(?:[.,]\d+)?\s*(?:-|–)\s*\d[\d.,]*)\s*$")
_NAME_UNIT = re.compile(
    r"^\s*(?P<name>[A-Za-z][A-Za-z0-9 +/αγ'-]*?)\s*(?:[,(\[]\s*(?P<unit>[^()\[\]]+?)\s*[)\]]?)?\s*:?\s*$"
)
_HEADER_REFERENCE = re.compile(r"reference|normal|range|limits?\b", re.IGNORECASE)
_HEADER_UNIT = re.compile(r"^\s*units?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a flattened table, in the plain text."""

    start: int
    end: int
    text: str


Row = list[Cell]


def table_mentions(document: Document) -> tuple[list[Mention], list[tuple[int, int]]]:
    """Values of flattened tables, and the stretches of text that were read as such."""
    text = plain_lines(document.text)
    found: list[Mention] = []
    spans: list[tuple[int, int]] = []
    for section in document.prose:
        rows = list(_rows(text, section.start, section.end))
        for block in (*_tabbed(rows), *_spaced(text, rows), *_stacked(rows)):
            if block and not any(a < block[-1].end and block[0].start < b for a, b in spans):
                found += block
                spans.append(_lines(text, min(m.start for m in block), max(m.end for m in block)))
    return found, spans


def _lines(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole lines that hold a stretch, and the line above it, which names its first test."""
    first = text.rfind("\n", 0, max(0, text.rfind("\n", 0, start))) + 1
    last = text.find("\n", end)
    return first, last if last >= 0 else len(text)


def plain_lines(text: str) -> str:
    """The text with plain signs, its lines and tabs kept."""
    lines = plain(text)
    return "".join(old if old in "\n\t" else new for old, new in zip(text, lines, strict=True))


def _rows(text: str, start: int, end: int) -> Iterator[Row]:
    at = start
    for line in text[start:end].splitlines(keepends=True):
        yield [Cell(at + m.start(), at + m.end(), m[0]) for m in re.finditer(r"[^\t\n]+", line) if m[0].strip()]
        at += len(line)


# --- rows with tabs ----------------------------------------------------------------------------------------------


def _tabbed(rows: Sequence[Row]) -> Iterator[list[Mention]]:
    """Runs of lines with tabs; the first may be a header that names times, units or reference ranges."""
    run: list[Row] = []
    for row in (*rows, []):
        if len(row) > 1:
            run.append(row)
            continue
        if len(run) > 1:
            yield [mention for each in _with_header(run) for mention in each]
        run = []


def _with_header(run: list[Row]) -> Iterator[list[Mention]]:
    header = run[0] if not any(_CELL.match(c.text) and not times(c.text) for c in run[0][1:]) else []
    titles = [c.text for c in header]
    for row in run[1:] if header else run:
        yield list(_row_values(row, titles))


def _row_values(row: Row, titles: Sequence[str]) -> Iterator[Mention]:
    name, unit = _test(row[0].text)
    if not name:
        return
    columns = {i: titles[i] if i < len(titles) else "" for i in range(1, len(row))}
    units = [row[i].text.strip() for i, title in columns.items() if _HEADER_UNIT.match(title)]
    low, high = next((_limits(row[i].text) for i, t in columns.items() if _HEADER_REFERENCE.search(t)), ("", ""))
    for i, title in columns.items():
        if _HEADER_REFERENCE.search(title) or _HEADER_UNIT.match(title) or (not title and _is_range(row[i].text)):
            continue
        when = times(title)
        mention = _value(row[i], name, units[0] if units else unit, (low, high))
        if mention:
            yield replace(mention, time=when[0].plain) if when else mention


# --- rows with spaces --------------------------------------------------------------------------------------------


def _spaced(text: str, rows: Sequence[Row]) -> Iterator[list[Mention]]:
    """Runs of two or more lines "Ferritin, µg/L 11 250 30-400": a test with its unit, one value, perhaps its range."""
    run: list[Mention] = []
    for row in (*rows, []):
        mention = _spaced_row(row[0]) if len(row) == 1 else None
        if mention:
            run.append(mention)
            continue
        if len(run) > 1:
            yield run
        run = []


def _spaced_row(cell: Cell) -> Mention | None:
    tail = _TAIL.search(cell.text)
    body = cell.text[: tail.start()] if tail else cell.text
    number = re.search(rf"(?<=\s){_SIGN}{NUMBER}\s*$", body)
    if number is None:
        return None
    name, unit = _test(body[: number.start()])
    if not name or not unit:
        return None
    low, high = _limits(tail[0]) if tail else ("", "")
    return _value(Cell(cell.start + number.start(), cell.start + len(body), number[0]), name, unit, (low, high))


# --- cells below each other --------------------------------------------------------------------------------------


def _stacked(rows: Sequence[Row]) -> Iterator[list[Mention]]:
    """A test with its unit on one line, its value on the next, perhaps its range on the third."""
    run: list[Mention] = []
    single = [row[0] for row in rows if len(row) == 1]
    for cell, below, *rest in zip(single, single[1:], [*single[2:], Cell(0, 0, "")], strict=False):
        name, unit = _test(cell.text)
        if name and unit and _CELL.match(below.text) and len(below.text) < 20:
            limits = _limits(rest[0].text) if _is_range(rest[0].text) else ("", "")
            mention = _value(below, name, unit, limits)
            if mention:
                run.append(mention)
    if run:
        yield run


# --- cells -------------------------------------------------------------------------------------------------------


def _test(text: str) -> tuple[str, str]:
    """The test and the unit that a cell names; empty where it names none."""
    match = _NAME_UNIT.match(text)
    if match is None:
        return "", ""
    name = test_named(match["name"])
    written = (match["unit"] or "").strip()
    unit, end = unit_at(written, 0)
    return (name, unit) if name and (not written or end >= len(written)) else ("", "")


def _is_range(text: str) -> bool:
    match = _REFERENCE.match(text)
    return match is not None and (match["high"] is not None or text.strip()[0] in "<>≥≤")


def _limits(text: str) -> tuple[str, str]:
    match = _REFERENCE.match(text.strip())
    if match is None:
        return "", ""
    if match["high"]:
        return match["low"], match["high"]
    return ("", match["low"]) if text.strip()[0] in "<≤" else (match["low"], "")


def _value(cell: Cell, name: str, unit: str, limits: tuple[str, str]) -> Mention | None:
    match = _CELL.match(cell.text)
    if match is None:
        return None
    own, end = unit_at(match["rest"], 0)
    if match["rest"] and (not own or end < len(match["rest"])):
        return None
    value = Value(
        0,
        0,
        match["number"],
        sign={"≥": ">=", "≤": "<="}.get(match["sign"] or "", match["sign"] or ""),
        unit=own or unit,
    )
    meaning = amount(name, value)
    if meaning is None:
        return None
    low, high = (limit_of(meaning.analyte, text, own or unit) for text in limits)
    start = cell.start + match.start("sign" if match["sign"] else "number")
    last = cell.start + len(cell.text.rstrip())
    return Mention(
        Kind.LAB, meaning.analyte, start, last, cell.text.strip(), "value in a flattened table",
        value=meaning.value, flags=meaning.flags, details=(("unit", own or unit),), low=low, high=high,
    )  # fmt: skip
