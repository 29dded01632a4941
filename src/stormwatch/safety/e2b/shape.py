"""The shape of a message, compiled from ``data/message.xml``: where in the XML each element stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

HL7 = "{urn:hl7-org:v3}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_OWN = "{urn:stormwatch:e2b}"
_PLACE = re.compile(r"\{([#@]?)([^}]+)\}")
_HARD = ("code", "root", "typeCode", "nullFlavor")
Test = tuple[tuple[str, ...], str | None, str | None]
"""A path of tags below an element, and the attribute and value wanted there; without a name, that it exists."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An attribute or text that holds a value: ``kind`` is ``value``, ``id`` or ``ref``."""

    number: str
    kind: str = "value"
    prefix: str = ""


@dataclass(slots=True, eq=False)
class Node:
    """One XML element of the shape. ``key`` names it within its group, for notes and unknown pieces; ``plain`` says
    that the name alone tells it; ``numbers`` are the elements in it and below it that belong to its own group.
    """

    tag: str
    key: str
    step: str = ""
    parent: Node | None = None
    literals: dict[str, str] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    text: Slot | None = None
    children: list[Node] = field(default_factory=list)
    group: tuple[str, ...] = ()
    keyed: bool = False
    alt: str = ""
    notall: frozenset[str] = frozenset()
    optional: bool = False
    interval: bool = False
    has: tuple[str, ...] = ()
    tests: list[Test] = field(default_factory=list)
    plain: bool = True
    hard: dict[str, str] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    constant: bool = False
    null_for: str = ""
    refs: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    by_tag: dict[str, list[Node]] = field(default_factory=dict)
    constants: list[Node] = field(default_factory=list)

    @property
    def local(self) -> str:
        return self.tag.removeprefix(HL7)


@lru_cache(maxsize=1)
def shape() -> Node:
    """The root of the shape: the batch."""
    from lxml import etree

    parser = etree.XMLParser(remove_comments=True, remove_blank_text=True)
    root = etree.parse(str(Path(__file__).with_name("data") / "message.xml"), parser).getroot()
    return _compile(root, None, "")


def _compile(element: Any, parent: Node | None, key: str) -> Node:
    node = Node(element.tag, key, parent=parent)
    _notation(node, element)
    _attributes(node, element)
    texts = [element.text, *(child.tail for child in element)]
    node.text = _slot("".join(filter(None, texts)))
    seen: dict[str, int] = {}
    prefix = f"{key}/" if key and (node.keyed or not node.group) else ""
    for child in element:
        tag = child.tag.removeprefix(HL7)
        seen[tag] = seen.get(tag, 0) + 1
        path = tag if seen[tag] == 1 else f"{tag}[{seen[tag]}]"
        node.children.append(_compile(child, node, prefix + path))
    _finish(node, (element.get(f"{_OWN}where") or "").split())
    return node


def _notation(node: Node, element: Any) -> None:
    def own(name: str) -> str:
        return element.get(_OWN + name) or ""

    node.group = tuple(own("group").split("/")) if own("group") else ()
    node.keyed, node.optional = bool(own("key")), bool(own("optional"))
    node.alt, node.interval = own("alt"), own("codec") == "interval"
    node.notall = frozenset(own("notall").split())
    node.has = tuple(HL7 + tag for tag in own("has").split())


def _attributes(node: Node, element: Any) -> None:
    hard = {_qualified(name) for name in (element.get(f"{_OWN}hard") or "").split()}
    soft = {_qualified(name) for name in (element.get(f"{_OWN}soft") or "").split()}
    for name, text in element.attrib.items():
        if name.startswith(_OWN):
            continue
        slot = _slot(text)
        if slot:
            node.slots[name] = slot
            continue
        node.literals[name] = text
        fixed = name in _HARD or (name == "codeSystem" and _is_fixed(element.get("code")))
        if (fixed or name in hard) and name not in soft:
            node.hard[name] = text


def _is_fixed(code: str | None) -> bool:
    return code is not None and not _PLACE.search(code)


def _qualified(name: str) -> str:
    return name.replace("xsi:", XSI)


def _slot(text: str | None) -> Slot | None:
    match = _PLACE.search(text or "")
    if match is None or text is None:
        return None
    kind = {"#": "id", "@": "ref", "": "value"}[match[1]]
    return Slot(match[2], kind, text[: match.start()].strip())


def _finish(node: Node, where: list[str]) -> None:
    for child in node.children:
        node.by_tag.setdefault(child.tag, []).append(child)
    for alike in node.by_tag.values():
        if len(alike) > 1:
            for child in alike:
                child.tests = list(dict.fromkeys(_tests(child, ()) + child.tests))
                child.step = child.local + _predicates(child.tests) + _exclusion(child, alike) + _having(child)
            _count(alike)
    own = [slot.number for slot in node.slots.values() if slot.kind == "value"]
    own += [node.text.number] if node.text else []
    inner = [child.numbers for child in node.children if not child.group]
    node.numbers = frozenset(own).union(*inner)
    grouped = any(child.group or not child.constant for child in node.children)
    node.constant = not (own or grouped or any(slot.kind != "value" for slot in node.slots.values()))
    node.constants = [child for child in node.children if child.constant and not child.optional]
    node.null_for = _primary(node)
    node.tests = [((), name, text) for name, text in node.hard.items()]
    node.tests += [test for path in where for test in _where(node, path)]
    node.step = node.local + _predicates(node.tests)
    for child in node.children:
        schemes = any(slot.prefix for slot in child.slots.values())
        child.plain = not (child.tests or child.has or child.alt or schemes)
    node.refs = _refs(node, ())


def _exclusion(node: Node, alike: list[Node]) -> str:
    """What keeps an XPath from finding the likes that come first and ask for more."""
    before = alike[: alike.index(node)]
    further = [[test for test in other.tests if test not in node.tests] for other in before]
    narrower = [
        tests for other, tests in zip(before, further, strict=True) if tests and set(node.tests) < set(other.tests)
    ]
    return "".join(f"[not({_predicates(tests)[1:-1].replace('][', ' and ')})]" for tests in narrower)


def _having(node: Node) -> str:
    return f"[{' or '.join(tag.removeprefix(HL7) for tag in node.has)}]" if node.has else ""


def _count(alike: list[Node]) -> None:
    """Number the likes that nothing but their order tells apart."""
    steps = [child.step for child in alike]
    for position, child in enumerate(alike):
        if steps.count(steps[position]) > 1 and not child.group:
            child.step += f"[{steps[: position + 1].count(steps[position])}]"


def _primary(node: Node) -> str:
    """The element whose null flavour stands at this node."""
    if node.text:
        return node.text.number
    for name in ("value", "code", "extension", *node.slots):
        if name in node.slots and node.slots[name].kind == "value":
            return node.slots[name].number
    return ""


def _tests(node: Node, path: tuple[str, ...]) -> list[Test]:
    """What tells this node from others: its own fixed attributes, then its code, or its only child's."""
    found: list[Test] = [(path, name, text) for name, text in node.hard.items()]
    codes = [child for child in node.children if child.local == "code" and "code" in (*child.hard, *child.slots)]
    codes += [child for child in node.children if child.local == "code" and "nullFlavor" in child.hard]
    if codes:
        return found + [((*path, codes[0].tag), name, text) for name, text in codes[0].hard.items()]
    if len(node.children) == 1 and len(path) < 3:
        child = node.children[0]
        found.append(((*path, child.tag), None, None))
        found += _tests(child, (*path, child.tag))
    return found


def _where(node: Node, path: str) -> list[Test]:
    """The fixed attributes of the descendant at this path."""
    tags = tuple(HL7 + tag for tag in path.split("/"))
    found = node
    for tag in tags:
        found = found.by_tag[tag][0]
    return [(tags, name, text) for name, text in found.hard.items()]


def _predicates(tests: list[Test]) -> str:
    """The tests as XPath predicates; bare existence is left out where a longer path says it too."""
    parts = []
    for path, name, text in tests:
        tags = "/".join(tag.removeprefix(HL7) for tag in path)
        if name is None:
            if not any(other != path and other[: len(path)] == path for other, *_ in tests):
                parts.append(f"[{tags}]")
            continue
        label = name.replace(XSI, "xsi:")
        parts.append(f"[{tags}{'/' if tags else ''}@{label}='{text}']")
    return "".join(parts)


def _refs(node: Node, path: tuple[str, ...]) -> list[tuple[str, tuple[str, ...], str]]:
    """The references below a node: to which group, where, in which attribute."""
    found = [(slot.number, path, name) for name, slot in node.slots.items() if slot.kind == "ref"]
    for child in node.children:
        if not child.group:
            found += _refs(child, (*path, child.tag))
    return found
