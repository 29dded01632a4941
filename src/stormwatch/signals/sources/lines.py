"""Telling sound lines of a ``$``-separated file from broken ones, as fast as the file can be read.

A parser may take a line with a delimiter too many for a sound one when its last field is empty, and all its values are
then those of the neighbouring column. So every line is counted before any parser sees it. A line is sound when it has
as many delimiters as the lines of this file usually have, ends as the first line ends, and is UTF-8.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NEWLINE, _RETURN, _DELIMITER = b"\n"[0], b"\r"[0], b"$"[0]
_Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line as it stands in the file: where it begins and ends (bytes), and its bytes without the line break."""

    start: int
    end: int
    raw: bytes


class LineScan:
    """Goes through a file piece by piece, keeps the broken lines, and gives the sound ones on.

    >>> scan = LineScan()
    >>> scan.add(b"a$b\\n1$2\\n3$4\\n5$\\n6\\n") + scan.end()
    b'a$b\\n1$2\\n3$4\\n5$\\n'
    >>> scan.lines, [line.raw for line in scan.broken]
    (5, [b'6'])
    """

    def __init__(self) -> None:
        self.header = b""
        self.delimiters: int | None = None
        self.lines = 0
        self.broken: list[BrokenLine] = []
        self._rest = b""
        self._place = 0
        self._ending = b"\n"

    def add(self, piece: bytes) -> bytes:
        """The sound lines that end in this piece; a line that goes on is kept for the next."""
        held = self._rest + piece
        whole = held.rfind(b"\n") + 1
        self._rest = held[whole:]
        return self._lines(held[:whole]) if whole else b""

    def end(self) -> bytes:
        """The last line, when no line break follows it."""
        rest, self._rest = self._rest, b""
        return self._lines(rest + self._ending) if rest else b""

    def _lines(self, held: bytes) -> bytes:
        data = np.frombuffer(held, dtype=np.uint8)
        ends = np.flatnonzero(data == _NEWLINE)
        delimiters = _per_line(data == _DELIMITER, ends)
        blank = np.diff(ends, prepend=-1) - 1 == (data[ends - 1] == _RETURN)
        if self.delimiters is None:
            self._begin(held, ends, delimiters, blank)
            broken = delimiters != self.delimiters
            broken[0] = False
        else:
            broken = delimiters != self.delimiters
        broken |= self._ends_otherwise(held, data, ends) | _not_utf8(held, data, ends)
        broken &= ~blank
        self.lines += int(np.count_nonzero(~blank))
        return self._kept(held, ends, np.flatnonzero(broken))

    def _begin(self, held: bytes, ends: _Places, delimiters: _Places, blank: NDArray[np.bool_]) -> None:
        """The header, and what lines of this file look like: as most of those in the first piece."""
        first = held[: ends[0] + 1]
        self._ending = b"\r\n" if first.endswith(b"\r\n") else b"\n"
        self.header = first.rstrip(b"\r\n")
        own = int(delimiters[0])
        widths = Counter(delimiters[1:][~blank[1:]].tolist())
        # Where no width is the most frequent one, the header's is taken.
        self.delimiters = max(widths, key=lambda width: (widths[width], width == own), default=own)

    def _ends_otherwise(self, held: bytes, data: NDArray[np.uint8], ends: _Places) -> NDArray[np.bool_]:
        """Lines with a carriage return that is not part of the line break, or without one where others have it."""
        if b"\r" not in held:
            return np.full(len(ends), self._ending != b"\n")
        returns = _per_line(data == _RETURN, ends)
        wrong: NDArray[np.bool_] = returns != (self._ending == b"\r\n")
        if self._ending == b"\r\n":
            wrong |= data[ends - 1] != _RETURN
        return wrong

    def _kept(self, held: bytes, ends: _Places, broken: _Places) -> bytes:
        """The sound lines; the broken ones are noted with their place in the file."""
        kept, done = [], 0
        for line in broken.tolist():
            start, end = (int(ends[line - 1]) + 1 if line else 0), int(ends[line]) + 1
            self.broken.append(BrokenLine(self._place + start, self._place + end, held[start:end].rstrip(b"\r\n")))
            kept.append(held[done:start])
            done = end
        self._place += len(held)
        return b"".join([*kept, held[done:]]) if kept else held


def _per_line(marks: NDArray[np.bool_], ends: _Places) -> _Places:
    return np.diff(np.searchsorted(np.flatnonzero(marks), ends), prepend=0)


def _not_utf8(held: bytes, data: NDArray[np.uint8], ends: _Places) -> NDArray[np.bool_]:
    wrong = np.zeros(len(ends), dtype=np.bool_)
    if held.isascii():
        return wrong
    for line in np.unique(np.searchsorted(ends, np.flatnonzero(data > 127))).tolist():
        try:
            held[ends[line - 1] + 1 if line else 0 : ends[line]].decode("utf-8")
        except UnicodeDecodeError:
            wrong[line] = True
    return wrong
