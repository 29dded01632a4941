"""NDJSON files of a folder: one resource a line, plain or gzip."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from stormwatch.errors import InputError
from stormwatch.facts import Accounting
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.load import parse
from stormwatch.sources.opening import StrPath

LINE_LIMIT = 64 * 1024 * 1024
"""The longest line read, in bytes."""

PROGRESS_EVERY = 5_000_000

Progress = Callable[[int], None]

_GZIP = b"\x1f\x8b"


def ndjson_files(folder: StrPath) -> list[Path]:
    """The NDJSON files of a folder by name; folders inside it are not entered.

    Raises:
        InputError: there is no such folder, or no such file in it.
    """
    try:
        inside = sorted(path for path in Path(folder).iterdir() if path.is_file())
    except (OSError, ValueError):
        raise InputError("the folder cannot be read; check that the path names a folder of NDJSON files") from None
    found = [path for path in inside if path.name.lower().endswith((".ndjson", ".ndjson.gz"))]
    if not found:
        raise InputError("the folder holds no file that ends in .ndjson or .ndjson.gz")
    return found


def resources(
    folder: StrPath, account: Accounting, progress: Progress | None = None
) -> Iterator[tuple[Entry, int, bytes]]:
    """Every resource of the folder, with the number of its line, and the line.

    A line that holds none is rejected in ``account``. ``progress`` is told the bytes unpacked so far.

    Raises:
        InputError: a file cannot be read to its end.
    """
    done, reported = 0, 0
    for path in ndjson_files(folder):
        for number, line in lines(path):
            entry = _entry(path.name, number, line, account)
            if entry is not None:
                yield entry, number, line
            done += len(line)
            if progress is not None and done >= reported + PROGRESS_EVERY:
                reported = done
                progress(done)


def entry_of(file: str, number: int, line: bytes) -> Entry:
    """The resource on a line. Raises ValueError when the line is not a FHIR resource; the message says why."""
    try:
        entry = Entry.of(file, f"{file}:{number}", "", parse(line.strip()))
    except RecursionError:
        raise ValueError("nested too deeply to be a FHIR resource") from None
    except ValueError as problem:
        raise ValueError(str(problem).replace("at line 1, column", "at character")) from None
    if not entry.kind:
        raise ValueError("not a FHIR resource")
    return entry


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, numbered from 1. An empty file has none.

    Raises:
        InputError: the file cannot be opened, is broken gzip, or has a line over the limit.
    """
    number = 0
    try:
        with open(path, "rb") as raw:
            stream = _unpacked(raw)
            while line := stream.readline(LINE_LIMIT + 1):
                number += 1
                if len(line) > LINE_LIMIT:
                    limit = LINE_LIMIT // (1024 * 1024)
                    raise InputError(f"{path.name}: line {number} is over {limit} MB; a line holds one resource")
                if line.strip():
                    yield number, line
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise InputError(
            f"{path.name}: the gzip file is broken or cut short after {number} whole lines; pack or copy it again"
        ) from None
    except OSError as problem:
        raise InputError(f"{path.name}: the file cannot be read ({os.strerror(problem.errno or 0)})") from None


def _unpacked(raw: io.BufferedReader) -> io.BufferedReader | gzip.GzipFile:
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw


def _entry(file: str, number: int, line: bytes, account: Accounting) -> Entry | None:
    try:
        return entry_of(file, number, line)
    except ValueError as problem:
        account.reject(f"{file}:{number}", str(problem))
        return None
