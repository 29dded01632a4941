"""Messages into cases, by the shape: every attribute, text and element is placed, noted, or kept as unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stormwatch.errors import InputError
from stormwatch.safety.case import Batch, Field, Group, Message, Unknown, absent
from stormwatch.safety.e2b.intervals import read_interval
from stormwatch.safety.e2b.shape import HL7, XSI, Node, Slot, shape
from stormwatch.safety.e2b.source import Source, elements, name, opened, release

ROOT = f"{HL7}MCCI_IN200100UV01"
MESSAGE = f"{HL7}PORR_IN049016UV"
ABSENT, CHOSEN, SEEN = "#absent", "#alt", "#seen"
# What HL7 lets stand beside a value to describe it; anything else is counted as unknown.
_DESCRIBING = (
    "displayName code codeSystem codeSystemName codeSystemVersion classCode moodCode determinerCode typeCode unit value"
    " operator mediaType representation use ITSVersion"
)
_DESCRIPTIVE = frozenset({*_DESCRIBING.split(), f"{XSI}type", f"{XSI}schemaLocation"})


def read(source: Source) -> Batch:
    """A whole batch: its header and all its messages. For batches too large to hold, see ``stream``.

    ``source`` is a path or the bytes of a message. Whatever the element table does not know is kept in the case,
    counted by ``unknown_count``, and written back.

    Raises:
        InputError: not a batch of ICSR messages (MCCI_IN200100UV01), broken, cut short, or refused for safety.
    """
    with opened(source) as file:
        for root in elements(file, name(source), (ROOT,)):
            return _batch(root, name(source))
    raise InputError(f"{name(source)}: not a batch of E2B(R3) messages (its root is not MCCI_IN200100UV01)")


def header(source: Source) -> Group:
    """The header of a batch (elements N.1) without holding its messages: sender and receiver stand after them.

    Raises:
        InputError: as for ``read``.
    """
    with opened(source) as file:
        for element in elements(file, name(source), (MESSAGE, ROOT)):
            if element.tag == ROOT and element.getparent() is None:
                return _batch(element, name(source)).header
            if element.tag == MESSAGE:
                release(element)
    raise InputError(f"{name(source)}: not a batch of E2B(R3) messages (its root is not MCCI_IN200100UV01)")


def stream(source: Source) -> Iterator[Message]:
    """The messages of a batch one by one, in memory that does not grow with their number.

    Raises:
        InputError: as for ``read``, when the reading gets there; messages before a break have been handed out.
    """
    with opened(source) as file:
        ended = False
        for element in elements(file, name(source), (MESSAGE, ROOT)):
            ended = element.tag == ROOT and element.getparent() is None
            if element.tag == MESSAGE:
                yield _message(element)
                release(element)
    if not ended:
        raise InputError(f"{name(source)}: not a batch of E2B(R3) messages (its root is not MCCI_IN200100UV01)")


def _batch(root: Any, called: str) -> Batch:
    if root.getparent() is not None:
        raise InputError(f"{called}: not a batch of E2B(R3) messages (its root is not MCCI_IN200100UV01)")
    group = Group("batch", line=root.sourceline)
    _read(shape(), root, group)
    return Batch(group, [_split(held) for held in group.groups.pop("N.2.r", [])])


def _message(element: Any) -> Message:
    group = Group("N.2.r", line=element.sourceline)
    _read(shape().by_tag[MESSAGE][0], element, group)
    return _split(group)


def _split(group: Group) -> Message:
    cases = group.groups.pop("case", [])
    return Message(group, cases[0] if cases else Group("case", line=group.line))


def _read(node: Node, element: Any, group: Group) -> bool:
    """Take an element into the group; whether it had any content of its own."""
    line = element.sourceline
    if node.interval and read_interval(node, element, group, line):
        return True
    filled = _attributes(node, element, group, line)
    used: set[Node] = set()
    before = ""
    for child in element:
        found = _match(node, child, group, used)
        if found is None:
            _keep(node, child, group, before)
            filled = True
        elif found.group:
            filled |= _read_group(found, child, group, node, before)
        else:
            used.add(found)
            filled |= _read(found, child, group)
        before = child.tag
    filled |= _text(node, element, group, line)
    _note_shell(node, group, filled, used)
    return filled


def _note_shell(node: Node, group: Group, filled: bool, used: set[Node]) -> None:
    for constant in node.constants:
        if constant not in used:
            group.notes.setdefault(constant.key, {})[ABSENT] = ""
    if node.alt:
        group.notes.setdefault(node.key, {})[CHOSEN] = ""
    if not filled and (node.optional or not node.constant):
        group.notes.setdefault(node.key, {})


def _attributes(node: Node, element: Any, group: Group, line: int) -> bool:
    filled = False
    attributes = element.attrib
    literals = node.literals
    if literals or attributes:
        null = attributes.get("nullFlavor")
        for label, text in attributes.items():
            slot = node.slots.get(label)
            if slot is not None:
                filled |= _fill(slot, text, group, line, null)
            elif literals.get(label) != text and label != "nullFlavor":
                _note(node, group, label, text)
        if null is not None and literals.get("nullFlavor") != null:
            filled |= _null(node, null, group, line)
        for label in literals:
            if label not in attributes:
                group.notes.setdefault(node.key, {})[label] = None
    return filled


def _fill(slot: Slot, text: str, group: Group, line: int, null: str | None) -> bool:
    if slot.kind == "id":
        group.id = text
    elif slot.kind == "value" and not (slot.prefix and null is not None):
        group.fields[slot.number] = Field(text[len(slot.prefix) :], None, line)
    return True


def _null(node: Node, null: str, group: Group, line: int) -> bool:
    if not node.null_for:
        group.notes.setdefault(node.key, {})["nullFlavor"] = null
        return False
    group.fields[node.null_for] = Field(group.get(node.null_for), null, line)
    return True


def _note(node: Node, group: Group, label: str, text: str) -> None:
    group.notes.setdefault(node.key, {})[label] = text
    if label not in _DESCRIPTIVE:
        group.unknown.append(Unknown(node.key, "@", label))


def _text(node: Node, element: Any, group: Group, line: int) -> bool:
    text = element.text
    if len(element):
        text = "".join(filter(None, (text, *(child.tail for child in element)))).strip()
    if not text or text.isspace():
        return False
    if node.text is not None:
        held = group.fields.get(node.text.number)
        group.fields[node.text.number] = Field(text, held.null if held else None, line)
        return True
    group.notes.setdefault(node.key, {})["#text"] = text
    group.unknown.append(Unknown(node.key, "#", "text"))
    return True


def _keep(node: Node, child: Any, group: Group, before: str) -> None:
    from lxml import etree

    xml = etree.tostring(child, encoding="unicode", with_tail=False)
    group.unknown.append(Unknown(node.key, before.removeprefix(HL7), xml, child.sourceline))


def _match(node: Node, child: Any, group: Group, used: set[Node]) -> Node | None:
    """The node of the shape this child is; None when there is none, or its one place is taken."""
    for candidate in node.by_tag.get(child.tag, ()):
        if candidate in used or not (candidate.plain or _passes(candidate, child)):
            continue
        if candidate.alt and not candidate.numbers.isdisjoint(group.fields):
            continue
        return candidate
    return None


def _passes(candidate: Node, child: Any) -> bool:
    for path, label, text in candidate.tests:
        found = child
        for tag in path:
            found = found.find(tag)
            if found is None:
                return False
        if label is not None and found.get(label) != text:
            return False
    if candidate.has and all(child.find(tag) is None for tag in candidate.has):
        return False
    return all(_scheme(child, label, slot.prefix) for label, slot in candidate.slots.items() if slot.prefix)


def _scheme(child: Any, label: str, prefix: str) -> bool:
    """Whether a value such as ``tel:…`` has this prefix; a null flavour stands with the bare scheme."""
    text = child.get(label) or ""
    return text.startswith(prefix) or (child.get("nullFlavor") is not None and text == prefix.rstrip(":"))


def _read_group(found: Node, child: Any, group: Group, node: Node, before: str) -> bool:
    if not found.keyed:
        new = Group(found.group[0], line=child.sourceline)
        group.groups.setdefault(new.number, []).append(new)
        _read(found, child, new)
        return True
    target = _target(found, child, group)
    if target is None:
        _keep(node, child, group, before)
    else:
        target.notes.setdefault(found.key, {})[SEEN] = ""
        _read(found, child, target)
    return True


def _target(found: Node, child: Any, group: Group) -> Group | None:
    """The group a referring element speaks of; None when there is none, or it has these values already."""
    refs = {number: _reference(child, path, label) for number, path, label in found.refs}
    target: Group | None = group
    for number in found.group:
        if target is None:
            return None
        held = target.groups.setdefault(number, [])
        if number in refs:
            target = next((one for one in held if one.id and one.id == refs[number]), None)
            target = target or _stray(group, number, refs[number], child.sourceline)
        elif number == "G.k.9.i":
            target = _pair(held, refs["E.i"], child.sourceline)
        else:
            held.append(Group(number, line=child.sourceline))
            target = held[-1]
    if target is None or SEEN in target.notes.get(found.key, ()) or not found.numbers.isdisjoint(target.fields):
        return None
    return target


def _stray(group: Group, number: str, reference: str | None, line: int) -> Group | None:
    """A group for what is said of a drug the case does not have: known, and never taken for one of its drugs."""
    if not reference:
        return None
    stray = group.add(absent(number), id=reference)
    stray.line = line
    return stray


def _pair(held: list[Group], reaction: str | None, line: int) -> Group:
    """The assessments of one drug for one reaction."""
    for one in held:
        if one.get("G.k.9.i.1") == reaction:
            return one
    fields = {"G.k.9.i.1": Field(reaction, None, line)} if reaction is not None else {}
    held.append(Group("G.k.9.i", fields=fields, line=line))
    return held[-1]


def _reference(child: Any, path: tuple[str, ...], label: str) -> str | None:
    found = child
    for tag in path:
        found = found.find(tag)
        if found is None:
            return None
    text: str | None = found.get(label)
    return text
