"""Opening a message safely: no document type, no entities, no network, UTF-8 only, and no more memory than needed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from stormwatch.errors import InputError

Source = Path | str | bytes
_PROLOG = 1 << 20
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SKIPPED = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The bytes of a message, after a look at what stands before the first element.

    Raises:
        InputError: the file cannot be opened, is not XML in UTF-8, or has a document type.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as file:
            _look(file.read(_PROLOG), name(source))
            file.seek(0)
            yield file
    except OSError as error:
        raise InputError(f"{name(source)}: cannot be read ({error.strerror or type(error).__name__})") from None


def name(source: Source) -> str:
    """What to call the source in messages."""
    return "the message" if isinstance(source, bytes) else str(source)


def _look(head: bytes, called: str) -> None:
    """Refuse what could make the parser expand, fetch or misread anything, before it sees it."""
    if head.startswith(_WIDE):
        raise InputError(f"{called}: not in UTF-8, which E2B(R3) messages are; convert it first")
    head = head.removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        raise InputError(f"{called}: the file is empty")
    declared = _DECLARED.match(head)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise InputError(
            f"{called}: declares another encoding than UTF-8, which E2B(R3) messages are; convert it first"
        )
    position = 0
    while match := _SKIPPED.match(head, position):
        position = match.end()
    if head.startswith(b"<!DOCTYPE", position):
        raise InputError(f"{called}: has a document type (DTD), which no E2B(R3) message has; refused unread")
    if not re.compile(rb"<[A-Za-z_]").match(head, position):
        raise InputError(f"{called}: not an XML message (no element within the first {_PROLOG >> 20} MB)")


def elements(file: BinaryIO, called: str, tags: tuple[str, ...]) -> Iterator[Any]:
    """Each element with one of the tags as soon as it is complete. The caller clears what it has used.

    Raises:
        InputError: the XML is broken or cut short; says the line.
    """
    from lxml import etree

    events = etree.iterparse(
        file,
        events=("end",),
        tag=tags,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # attachments beyond 10 MB. It also frees expansion, but that needs a DTD, and none gets here.
    )
    try:
        for _, element in events:
            yield element
    except etree.XMLSyntaxError as error:
        raise InputError(f"{called}: line {error.lineno or 1}: broken or cut short, not well-formed XML") from None


def whole(source: Source) -> Any:
    """The root element of a message with all that is in it.

    Raises:
        InputError: as for ``opened`` and ``elements``.
    """
    with opened(source) as file:
        *_, root = elements(file, name(source), ("*",))
        return root


def release(element: Any) -> None:
    """Free an element that has been used, and the one like it before; other siblings stay."""
    element.clear(keep_tail=False)
    before = element.getprevious()
    if before is not None and before.tag == element.tag:
        element.getparent().remove(before)
