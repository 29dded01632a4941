"""Cases into messages, by the same shape that reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from stormwatch.errors import UsageError
from stormwatch.safety.case import Batch, Group, Message, absent
from stormwatch.safety.e2b.intervals import interval_text
from stormwatch.safety.e2b.reader import ABSENT, CHOSEN, MESSAGE
from stormwatch.safety.e2b.shape import XSI, Node, Slot, shape

FORMS = ("icsr", "fda")
_OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES = ' xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_REGIONAL = "FDA."


def write(batch: Batch, *, form: str = "fda", numbers: bool = False) -> bytes:
    """The batch as an XML message in UTF-8.

    ``form`` ``icsr`` leaves FDA's regional elements out; ``fda`` writes all. With ``numbers`` each value is followed
    by its element number as a comment. What was read and not changed comes back with the same meaning.

    Raises:
        UsageError: the form is neither, or a null flavour stands where the message has no place for one.
    """
    return b"".join(pieces(batch.header, batch.messages, form=form, numbers=numbers))


def pieces(header: Group, messages: Iterable[Message], *, form: str = "fda", numbers: bool = False) -> Iterator[bytes]:
    """The same message by message, for batches too large to hold.

    Raises:
        UsageError: as for ``write``.
    """
    if form not in FORMS:
        raise UsageError(f"{form!r} is no form; the forms are {' and '.join(FORMS)}")
    pen = _Pen(regional=form == "fda", numbers=numbers)
    before, after = pen.around(header)
    yield (_OPENING + before).encode()
    for message in messages:
        yield pen.message(message).encode()
    yield after.encode()


class _Own(NamedTuple):
    """What an element says itself: attributes, text, the numbers of the data elements in them, and whether any."""

    attributes: str
    text: str
    numbers: list[str]
    filled: bool


class _Pen:
    """Writes groups by the shape; ``regional`` and ``numbers`` as in ``write``."""

    def __init__(self, *, regional: bool, numbers: bool) -> None:
        self._regional = regional
        self._numbers = numbers

    def around(self, header: Group) -> tuple[str, str]:
        """What stands before and after the messages of a batch."""
        mark = "\x00"
        text, _ = self._element(shape(), header, (), mark)
        before, _, after = (text or "").partition(mark)
        return before, after

    def message(self, message: Message) -> str:
        node = shape().by_tag[MESSAGE][0]
        header = message.header
        whole = Group(header.number, header.id, header.fields, {**header.groups, "case": [message.case]})
        whole.notes, whole.unknown = header.notes, header.unknown
        return self._element(node, whole, (), "")[0] or ""

    def _element(self, node: Node, group: Group, trail: tuple[Group, ...], mark: str) -> tuple[str | None, bool]:
        """The element as text, or None where there is nothing to write; and whether it holds anything."""
        noted = group.notes.get(node.key)
        if noted is not None and ABSENT in noted and node.constant:
            return None, False
        own = self._own(node, group, trail, noted or {})
        inner, filled = self._children(node, group, trail, mark)
        if node.interval and not inner:
            inner = interval_text(node, group)
        filled = filled or own.filled or bool(inner and node.interval) or noted is not None
        if not filled and (node.optional or not node.constant) and node.group != ("batch",):
            return None, False
        spaces = _SPACES if node.group == ("batch",) else ""
        comment = f"<!-- {', '.join(own.numbers)} -->" if self._numbers and own.numbers else ""
        if not inner and not own.text:
            return f"<{node.local}{spaces}{own.attributes}/>{comment}\n", filled
        opening = f"<{node.local}{spaces}{own.attributes}>"
        line = "\n" if inner and not own.text else ""
        return f"{opening}{line}{inner}{own.text}</{node.local}>{comment}\n", filled

    def _own(self, node: Node, group: Group, trail: tuple[Group, ...], noted: dict[str, str | None]) -> _Own:
        shown: list[str] = []
        filled = False
        parts: dict[str, str | None] = dict(node.literals)
        null = self._null(node, group)
        for label, slot in node.slots.items():
            if slot.kind == "value" and not node.interval:
                value = self._value(slot, group)
                parts[label] = None if value is None else slot.prefix + value
                if value is None and null and slot.prefix:
                    parts[label] = slot.prefix.rstrip(":")
                shown += [slot.number] if value is not None else []
            elif slot.kind != "value":
                parts[label] = _identity(slot, (*trail, group))
                filled |= parts[label] is not None
        text = self._value(node.text, group) if node.text else None
        shown += [node.text.number] if node.text and text is not None else []
        if null:
            parts["nullFlavor"] = null
            shown.append(node.null_for)
        parts.update({label: value for label, value in noted.items() if not label.startswith("#")})
        extra = noted.get("#text") or ""
        attributes = "".join(_attribute(label, value) for label, value in parts.items() if value is not None)
        return _Own(attributes, _text((text or "") + extra), shown, filled or bool(shown))

    def _null(self, node: Node, group: Group) -> str | None:
        if not node.null_for or node.interval or not self._allowed(node.null_for):
            return None
        return group.null(node.null_for)

    def _value(self, slot: Slot, group: Group) -> str | None:
        return group.get(slot.number) if self._allowed(slot.number) else None

    def _allowed(self, number: str) -> bool:
        return self._regional or not number.startswith(_REGIONAL)

    def _children(self, node: Node, group: Group, trail: tuple[Group, ...], mark: str) -> tuple[str, bool]:
        chunks: list[tuple[str, str]] = []
        filled = False
        chosen = _choose(node, group)
        for child in node.children:
            if child.alt and child not in chosen:
                continue
            if mark and child.tag == MESSAGE:
                chunks.append((child.local, mark))
                continue
            for text, full in self._child(child, group, trail, mark):
                chunks.append((child.local, text))
                filled |= full
        for piece in group.unknown:
            if piece.inside == node.key and piece.xml.startswith("<"):
                _insert(chunks, piece.after, piece.xml + "\n")
                filled = True
        return "".join(text for _, text in chunks), filled

    def _child(self, child: Node, group: Group, trail: tuple[Group, ...], mark: str) -> Iterator[tuple[str, bool]]:
        if not child.group:
            text, full = self._element(child, group, trail, mark)
            if text is not None:
                yield text, full
            return
        if not self._allowed(child.group[-1]):
            return
        for inner in _reach(child.group, (*trail, group), strays=child.keyed):
            if child.keyed and not _has_own(child, inner[-1]):
                continue
            text, _ = self._element(child, inner[-1], inner[:-1], mark)
            if text is not None:
                yield text, True


def _reach(path: tuple[str, ...], trail: tuple[Group, ...], *, strays: bool) -> Iterator[tuple[Group, ...]]:
    """Every group at the end of the path, each with the groups it stands in.

    ``strays`` adds what is said of groups that are not there; such a group is referred to, and not written itself.
    """
    if not path:
        yield trail
        return
    for held in (*trail[-1].each(path[0]), *(trail[-1].each(absent(path[0])) if strays else ())):
        yield from _reach(path[1:], (*trail, held), strays=strays)


def _has_own(node: Node, group: Group) -> bool:
    """Whether a group that is written in several places has anything for this one."""
    if not node.numbers.isdisjoint(group.fields):
        return True
    return node.key in group.notes


def _choose(node: Node, group: Group) -> set[Node]:
    """Of alternative elements, those read, or the first that holds all there is to write."""
    alternatives = [child for child in node.children if child.alt]
    if not alternatives:
        return set()
    sent = frozenset().union(*(child.numbers for child in alternatives)) & group.fields.keys()
    read = {child for child in alternatives if CHOSEN in group.notes.get(child.key, ())}
    if read and sent <= frozenset().union(*(child.numbers for child in read)):
        return read
    for child in alternatives:
        if sent <= child.numbers and not (child.notall and child.notall <= group.fields.keys()):
            return {child}
    return {alternatives[-1]}


def _insert(chunks: list[tuple[str, str]], after: str, text: str) -> None:
    """Put an unknown piece behind the last sibling it stood behind, or at the beginning."""
    places = [index for index, (tag, _) in enumerate(chunks) if tag == after]
    tag = text[1:].split(maxsplit=1)[0].rstrip("/>")
    chunks.insert(places[-1] + 1 if places else 0, (tag, text))


def _identity(slot: Slot, trail: tuple[Group, ...]) -> str | None:
    """A group's own identity, or the one it refers to."""
    if slot.kind == "id":
        return trail[-1].id or None
    for group in reversed(trail):
        if group.number in (slot.number, absent(slot.number)):
            return group.id or None
        if slot.number == "E.i" and group.number == "G.k.9.i":
            return group.get("G.k.9.i.1")
    return None


def _text(text: str) -> str:
    return escape(text, {"\r": "&#13;"})


def _attribute(label: str, value: str) -> str:
    return f" {label.replace(XSI, 'xsi:')}={quoteattr(value, _ENTITIES)}"


_ENTITIES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
