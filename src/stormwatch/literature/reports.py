"""The reading behind a record, where the record is a report or a saved reading of one."""

from __future__ import annotations

import os

from stormwatch.errors import InputError
from stormwatch.sources.formats import Kind, Options, holds_reading, kind_of
from stormwatch.sources.opening import StrPath, file_name, is_json, opened
from stormwatch.sources.text import Reading, load_reading, read_documents, read_text


def reading_of(path: StrPath, patient: str | None = None) -> tuple[Reading, str | None] | None:
    """The reading, and the number of the patient in it, when one is named; None for any other kind of record,
    and for standard input, which can be read only once.

    ``patient`` is an id as ``stormwatch.read`` takes it: in a file of several documents the number of the document,
    with the patient's own behind it (``3.2``).

    Raises:
        InputError: the file cannot be read, or holds several documents and none is named.
    """
    if os.fspath(path) == "-":
        return None
    kind = kind_of(path, Options())
    if kind is Kind.FILE:
        return _saved(path, patient)
    if kind is not Kind.TEXT:
        return None
    if len(read_documents(path)) == 1:
        return read_text(path), patient
    number, _, own = (patient or "").partition(".")
    if patient and not number.isdigit():
        raise InputError(f"{file_name(path)}: several documents in this file; name one by its number, from 1")
    return read_text(path, int(number) if number else None), own or None


def _saved(path: StrPath, patient: str | None) -> tuple[Reading, str | None] | None:
    with opened(path) as stream:
        if not (is_json(path, stream) and holds_reading(stream)):
            return None
        content = stream.read().decode("utf-8-sig", errors="replace")
    return load_reading(content, file_name(path)).corrected, patient
