"""Bytes to table rows, as a stream: no more than one line is held at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

from stormwatch.errors import InputError
from stormwatch.sources.table.header import delimiter_of

LINE_LIMIT = 1024 * 1024
"""The longest line read, in bytes."""

PROGRESS_FROM = 50_000_000
PROGRESS_EVERY = 5_000_000

Progress = Callable[[int], None]


def lines(stream: io.BufferedReader, file: str, progress: Progress | None = None) -> Iterator[str]:
    """Lines of UTF-8 text. ``progress`` is told the bytes read so far, once the table proves to be large.

    Raises:
        InputError: a line is over the limit, is not text, or is not UTF-8.
    """
    number, done, next_report = 0, 0, PROGRESS_FROM
    while line := stream.readline(LINE_LIMIT + 1):
        number += 1
        done += len(line)
        yield _text(line, number, file)
        if progress is not None and done >= next_report:
            progress(done)
            next_report = done + PROGRESS_EVERY


def rows(source: Iterator[str], file: str) -> Iterator[tuple[int, list[str] | None]]:
    """Rows with the number of their last line, the header first; None for a row that is not proper CSV.

    Raises:
        InputError: a quote is opened and not closed, so that it is not known where the next row begins.
    """
    first = next(source, "").removeprefix("\ufeff")
    reader = csv.reader(_chain(first, source), delimiter=delimiter_of(first), strict=True)
    while True:
        before = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if reader.line_num > before + 1:
                raise InputError(f"{file}: a quote opened in line {before + 1} is not closed properly") from None
            yield reader.line_num, None
        else:
            if cells:
                yield reader.line_num, cells


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _text(line: bytes, number: int, file: str) -> str:
    if len(line) > LINE_LIMIT:
        raise InputError(f"{file}: line {number} is over {LINE_LIMIT // 1024} kB; this is no table of results")
    if b"\0" in line:
        raise InputError(f"{file}: line {number} is not text; save the table as CSV in UTF-8")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{file}: line {number} is not UTF-8 text; save the table as CSV in UTF-8") from None
