"""Lines that do not have as many fields as the header: put right where only one reading fits, else rejected.

Four kinds of damage are known in published quarters: a line break inside a free text, a delimiter inside a free text, a
missing line break between two records, and bytes that are not UTF-8. The coded columns decide which reading fits. A
line that has as many fields as the header is used whatever they hold, as it would be were it not set aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from stormwatch.signals.sources.layouts import patterns
from stormwatch.signals.sources.lines import BrokenLine

JOINED = "line break inside a record: lines joined"
STRAY = "delimiter inside a text: the only reading that fits"
PARTED = "missing line break: two records parted"
DECODED = "not UTF-8: read as Windows-1252"
OTHER_ENDING = "carriage return that is no line break: read as a space"
WRONG_FIELDS = "not as many fields as the header, and no single reading fits"
_MOST_STRAY = 3


@dataclass(slots=True)
class Mended:
    """The records won back, and what was done. ``joined`` lines have no record of their own, ``parted`` no line."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    joined: int = 0
    parted: int = 0


class Mender:
    """Mends the lines of one file. ``columns`` are its header; ``extra`` says that a delimiter ends each line."""

    def __init__(self, columns: Sequence[str], *, extra: bool) -> None:
        self._patterns = [patterns().get(column) for column in columns]
        self._width = len(columns)
        self._extra = extra

    def mend(self, lines: Iterable[BrokenLine]) -> Mended:
        """Mend lines in the order of the file; lines that touch each other may belong to one record."""
        found = Mended()
        for run in _runs(lines):
            self._mend_run([_text(line, found) for line in run], found)
        return found

    def _mend_run(self, texts: list[str], found: Mended) -> None:
        at = 0
        while at < len(texts):
            at += self._mend_at(texts, at, found)

    def _mend_at(self, texts: list[str], at: int, found: Mended) -> int:
        """Mend the record that begins at a line; how many lines it took."""
        fields = self._fields(texts[at])
        if len(fields) < self._width:
            return self._join(texts, at, found)
        rows, rule = self._reading(fields)
        if not rows:
            found.rejected[WRONG_FIELDS] += 1
        elif rule:
            found.done[rule] += 1
        found.rows.extend(rows)
        found.parted += max(0, len(rows) - 1)
        return 1

    def _join(self, texts: list[str], at: int, found: Mended) -> int:
        """Join a short line with those that follow it, until the record is whole."""
        for end in range(at + 2, len(texts) + 1):
            fields = self._fields(" ".join(texts[at:end]))
            if len(fields) > self._width:
                break
            if len(fields) == self._width and self._fits(fields):
                found.rows.append(fields)
                found.done[JOINED] += 1
                found.joined += end - at - 1
                return end - at
        found.rejected[WRONG_FIELDS] += 1
        return 1

    def _fields(self, text: str) -> tuple[str, ...]:
        fields = text.split("$")
        if self._extra and len(fields) > 1 and not fields[-1]:
            fields.pop()
        return tuple(fields)

    def _reading(self, fields: tuple[str, ...]) -> tuple[list[tuple[str, ...]], str]:
        """The records a line of many fields holds, and the rule that found them."""
        if len(fields) == self._width:
            return [fields], ""
        if two := self._part(fields):
            return two, PARTED
        merged = list(self._merged(fields))
        return (merged, STRAY) if len(merged) == 1 else ([], "")

    def _part(self, fields: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Two records in one line: the last field of the first is empty, so the next report number follows at once."""
        width = self._width
        if len(fields) == 2 * width - 1:
            first, second = (*fields[: width - 1], ""), fields[width - 1 :]
        elif self._extra and len(fields) == 2 * width:
            first, second = fields[:width], fields[width:]
        else:
            return []
        return [first, second] if self._fits(first) and self._fits(second) else []

    def _merged(self, fields: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Every way to give the delimiters too many to one free text, such that all coded columns fit."""
        surplus = len(fields) - self._width
        if not 0 < surplus <= _MOST_STRAY:
            return
        for place, pattern in enumerate(self._patterns):
            if pattern is None:
                text = "$".join(fields[place : place + surplus + 1])
                row = (*fields[:place], text, *fields[place + surplus + 1 :])
                if self._fits(row):
                    yield row

    def _fits(self, fields: Sequence[str]) -> bool:
        return all(p is None or p.fullmatch(f.strip()) for p, f in zip(self._patterns, fields, strict=True))


def _text(line: BrokenLine, found: Mended) -> str:
    if b"\r" in line.raw:
        found.done[OTHER_ENDING] += 1
    raw = line.raw.replace(b"\r", b" ")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        found.done[DECODED] += 1
        return raw.decode("cp1252", "replace")


def _runs(lines: Iterable[BrokenLine]) -> Iterator[list[BrokenLine]]:
    """Lines that follow each other without another between."""
    run: list[BrokenLine] = []
    for line in lines:
        if run and run[-1].end != line.start:
            yield run
            run = []
        run.append(line)
    if run:
        yield run
