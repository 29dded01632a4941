"""Tables flattened into lines: rows of cells, and columns of cells that stand below each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
    r"^\s*(?P<name>[A-Za-zγ][A-Za-z0-9 +/αγ'-]*?)\s*(?:[,(\[]\s*(?P<unit>[^()\[\]]+?)\s*[)\]]?)?\s*:?\s*$"
)
_HEADER_REFERENCE = re.compile(r"reference|normal|range|limits?\b", re.IGNORECASE)
_BARRED = re.compile(r"\s*\|.*\|\s*$|[^|\n]+\|[^|\n]+\|")
_RULE = re.compile(r"[|:\s=+-]*(?:-{3,}|={3,})[|:\s=+-]*")
_RESULT = re.compile(r"\s*(?:negative|positive|normal|none|nd|n/a|not \w+|\(?[+-]+\)?)\s*", re.IGNORECASE)
_POWER = re.compile(r"[x×]\s*10\s*\^?\s*[2-9²³⁴⁵⁶⁹]\s*$")
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
    """The cells of each line, divided by tabs or by bars; a line that only rules off a table is none."""
    at = start
    for line in text[start:end].splitlines(keepends=True):
        cell = r"[^|\n]+" if _BARRED.match(line) else r"[^\t\n]+"
        if not _RULE.fullmatch(line.strip()):
            yield [Cell(at + m.start(), at + m.end(), m[0]) for m in re.finditer(cell, line) if m[0].strip()]
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
        beside = _beside(row)
        yield [m for part in beside for m in _part_value(part)] if len(beside) > 1 else list(_row_values(row, titles))


def _beside(row: Row) -> list[Row]:
    """The parts of a row of two tables that stand beside each other: each begins with a name."""
    starts = [i for i, cell in enumerate(row) if _is_name(cell.text)]
    return [row[first:last] for first, last in pairwise([*starts, len(row)])] if starts[:1] == [0] else []


def _is_name(text: str) -> bool:
    """Whether a cell names something: it has letters, and is no value, no unit and no word such as "negative"."""
    if not re.search(r"[A-Za-zγ]{2}|^\s*[A-Z]\s*$", text) or _CELL.match(text) or _RESULT.fullmatch(text):
        return False
    return unit_at(text.strip(), 0)[1] < len(text.strip())


def _part_value(part: Row) -> Iterator[Mention]:
    """The value of a name, a value and perhaps a unit and a range that follow each other."""
    name, unit = _test(part[0].text)
    values = [cell for cell in part[1:] if _CELL.match(cell.text) and not _is_range(cell.text)]
    if not name or len(values) != 1:
        return
    behind = [c.text for c in part[1:] if c.start > values[0].start and not _CELL.match(c.text)]
    ranges = [c.text for c in part[1:] if c is not values[0] and _is_range(c.text)]
    own = _with_power(values[0], behind[0] if behind else "")
    mention = _value(values[0], name, own or unit, _limits(ranges[0]) if ranges else ("", ""))
    if mention:
        yield mention


def _with_power(cell: Cell, unit: str) -> str:
    """The unit of the next cell, with the power that the value's own cell ends with: "3.0×10^4" and "/µL"."""
    match = _POWER.search(cell.text)
    joined = f"{match[0] if match else ''}{unit}".strip()
    code, end = unit_at(joined, 0)
    return code if end >= len(joined) else ""


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
    if name and (not written or end >= len(written)):
        return name, unit
    return test_named(text.strip()), ""


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
    rest = match["rest"]
    own, end = unit_at(rest, 0)
    if _POWER.fullmatch(rest) and unit:
        own, end = unit, len(rest)
    if rest and (not own or end < len(rest)):
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
