"""Where an element stands in a message, as an XPath in the manner of the ICH tables (names in HL7's namespace)."""

from __future__ import annotations

from functools import cache

from stormwatch.safety.case import Group
from stormwatch.safety.e2b.reader import CHOSEN
from stormwatch.safety.e2b.shape import XSI, Node, shape

Trail = tuple[Group, ...]


def xpath(number: str, trail: Trail, indices: tuple[int, ...]) -> str:
    """The XPath of an element in the group at the end of the trail, whether the message has it or not.

    ``indices`` count each group among its likes, from 1. A group that is told apart by its identity has that
    in its predicate instead.
    """
    found = [place for place in _places().get(number, []) if _taken(place[0], trail)]
    if not found:
        return ""
    node, ending = found[0]
    held = trail[-1].fields.get(number)
    if held is not None and held.null is not None:
        ending = "/@nullFlavor"
    return "/" + "/".join(_steps(node, trail, indices)) + ending


def _taken(node: Node, trail: Trail) -> bool:
    """Not the alternative that was not used."""
    group = trail[-1]
    while node.parent is not None and not node.group:
        if node.alt:
            rivals = [child for child in node.parent.children if child.alt == node.alt]
            used = [child for child in rivals if CHOSEN in group.notes.get(child.key, ())]
            return not used or node in used
        node = node.parent
    return True


def _steps(node: Node, trail: Trail, indices: tuple[int, ...]) -> list[str]:
    steps: list[str] = []
    depth = len(trail)
    while True:
        step = node.step
        if node.group:
            depth -= len(node.group)
            inner = range(depth, depth + len(node.group))
            step += _which(node, trail, indices, inner)
        steps.append(step)
        if node.parent is None:
            return steps[::-1]
        node = node.parent


def _which(node: Node, trail: Trail, indices: tuple[int, ...], inner: range) -> str:
    if node.group in (("batch",), ("case",)):
        return ""
    if not node.keyed:
        return f"[{indices[inner.start]}]"
    identities = {group.number: group.id for group in trail}
    pair = next((group.get("G.k.9.i.1") for group in trail if group.number == "G.k.9.i"), None)
    parts = []
    for number, path, label in node.refs:
        text = pair if number == "E.i" else identities.get(number)
        tags = "/".join(tag.rpartition("}")[2] for tag in path)
        parts.append(f"[{tags}/@{label}='{text}']" if text else "")
    last = inner[-1]
    return "".join(parts) + (f"[{indices[last]}]" if len(node.group) > 1 else "")


@cache
def _places() -> dict[str, list[tuple[Node, str]]]:
    """The nodes each element may stand at, and how its value is reached from there."""
    found: dict[str, list[tuple[Node, str]]] = {}

    def visit(node: Node) -> None:
        for label, slot in node.slots.items():
            if slot.kind == "value":
                ending = f"/@{label.replace(XSI, 'xsi:')}"
                found.setdefault(slot.number, []).append((node, "" if node.interval else ending))
            elif slot.number == "E.i" and slot.kind == "ref":
                found.setdefault("G.k.9.i.1", []).append((node, f"/@{label}"))
        if node.text:
            found.setdefault(node.text.number, []).append((node, "/text()"))
        for child in node.children:
            visit(child)

    visit(shape())
    return found
