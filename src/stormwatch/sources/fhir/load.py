"""Bytes to parsed JSON. Numbers stay the text they were written as, so no digit is lost."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from stormwatch.errors import InputError
from stormwatch.sources.fhir.tree import Node

LIMIT = 512 * 1024 * 1024
"""The largest bundle read, in bytes. Larger records are tables: they are streamed."""


def load(stream: io.BufferedReader, file: str) -> Node:
    """Parse one JSON object.

    Raises:
        InputError: too large, not UTF-8, not JSON, a key twice in one object, or no object.
    """
    try:
        document = parse(_bytes(stream, file))
    except ValueError as problem:
        raise InputError(f"{file}: {problem}") from None
    if not isinstance(document, dict):
        raise InputError(f"{file}: a FHIR bundle is a JSON object; this file holds something else")
    return document


def _bytes(stream: io.BufferedReader, file: str) -> bytes:
    content = b"" if _size(stream) > LIMIT else stream.read(LIMIT + 1)
    if content and len(content) <= LIMIT:
        return content
    limit = LIMIT // (1024 * 1024)
    raise InputError(f"{file}: the bundle is over {limit} MB; split it by patient, or give the results as a CSV table")


def _size(stream: io.BufferedReader) -> int:
    """Size of a plain file; 0 where it is not known before reading (a pipe, or packed data)."""
    try:
        return stream.seek(0, io.SEEK_END) if stream.seekable() and isinstance(stream.raw, io.FileIO) else 0
    finally:
        if stream.seekable() and isinstance(stream.raw, io.FileIO):
            stream.seek(0)


def parse(content: bytes, number: Callable[[str], Any] = str) -> Any:
    """Parse JSON; ``number`` makes what stands for a number out of its text.

    Raises:
        ValueError: not UTF-8, not JSON, or a key twice in one object. The message says what and where.
    """
    document = _parsed(_decoded(content), number)
    if b"\\ud" in content.lower():
        _refuse_half_characters(document)
    return document


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(f"not UTF-8 text at byte {problem.start}; save the file as UTF-8") from None


def _parsed(content: str, number: Callable[[str], Any]) -> Any:
    try:
        return json.loads(
            content,
            parse_float=number,
            parse_int=number,
            parse_constant=number,
            object_pairs_hook=_without_repeats,
        )
    except json.JSONDecodeError as problem:
        raise ValueError(f"not valid JSON at line {problem.lineno}, column {problem.colno}") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> Node:
    """An object with one key twice has two readings, and one of them may be the wrong dose."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("not valid FHIR: an object names one key twice")
    return members


def _refuse_half_characters(document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("not valid JSON: an escaped character is cut in half") from None
