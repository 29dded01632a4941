"""Opening a record: a file or standard input, plain or gzip. Whatever goes wrong is an InputError."""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, cast

from stormwatch.errors import InputError

_GZIP = b"\x1f\x8b"
_BUFFER = 1 << 16
_BOM = b"\xef\xbb\xbf"

StrPath = str | PathLike[str]


def file_name(path: StrPath) -> str:
    """The name facts carry as their file: without its folders."""
    return "standard input" if os.fspath(path) == "-" else Path(path).name


@contextmanager
def opened(path: StrPath) -> Iterator[io.BufferedReader]:
    """The record as a stream of bytes, unpacked; ``-`` is standard input.

    Raises:
        InputError: there is no such file, it may not be read, it is a folder, empty, not text, or broken gzip.
    """
    name = file_name(path)
    try:
        with _raw(path) as raw:
            stream = _unpacked(raw)
            _check_text(stream.peek(_BUFFER), name)
            yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise InputError(f"{name}: the gzip file is broken or cut short; pack or copy it again") from None
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file; check the path") from None
    except IsADirectoryError:
        raise InputError(f"{name}: this is a folder; name one file in it") from None
    except PermissionError:
        raise InputError(f"{name}: the file may not be read; check its permissions") from None
    except OSError as problem:
        raise InputError(f"{name}: the file cannot be read ({os.strerror(problem.errno or 0)})") from None


@contextmanager
def _raw(path: StrPath) -> Iterator[io.BufferedReader]:
    if os.fspath(path) == "-":
        stream = io.BufferedReader(cast(Any, sys.stdin.buffer), _BUFFER)
        try:
            yield stream
        finally:
            stream.detach()
    else:
        with _open_file(path) as stream:
            yield stream


def _open_file(path: StrPath) -> io.BufferedReader:
    try:
        return cast(io.BufferedReader, open(path, "rb", buffering=_BUFFER))
    except ValueError:
        raise InputError("the path is not a file name; check it for odd characters") from None


def _unpacked(raw: io.BufferedReader) -> io.BufferedReader:
    if raw.peek(2)[:2] != _GZIP:
        return raw
    return io.BufferedReader(cast(Any, gzip.GzipFile(fileobj=raw)), _BUFFER)


def _check_text(head: bytes, name: str) -> None:
    if not head.removeprefix(_BOM):
        raise InputError(f"{name}: the file is empty")
    if b"\0" in head:
        raise InputError(f"{name}: the file is not text; give a FHIR bundle (JSON) or a table (CSV) in UTF-8")


def is_json(path: StrPath, stream: io.BufferedReader) -> bool:
    """True for a FHIR bundle: by the file's extension, or else by its first character."""
    suffixes = [s.lower() for s in Path(path).suffixes if s.lower() != ".gz"]
    if suffixes and suffixes[-1] in {".json", ".csv", ".tsv"}:
        return suffixes[-1] == ".json"
    return stream.peek(_BUFFER).removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")
