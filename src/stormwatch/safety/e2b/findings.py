"""What a check finds, and where: the groups of a message with the groups around them, and the place of a finding."""

from __future__ import annotations

from dataclasses import dataclass

from stormwatch.safety.case import Group
from stormwatch.safety.e2b.elements import Element, elements
from stormwatch.safety.e2b.places import xpath
from stormwatch.safety.e2b.rules import Trail

Trails = dict[str, list[tuple[Trail, tuple[int, ...]]]]
"""Every group of a message, by number: the groups around it with itself last, and which of its likes each is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: which element, by which rule, how bad (``reject`` or ``warn``), and where.

    ``message`` counts the messages of the batch from 1; 0 is the batch itself. ``line`` is where the element stands,
    or where the group it is missing from begins; 0 for what was drafted and never read.
    """

    rule: str
    element: str
    severity: str
    text: str
    xpath: str
    line: int
    message: int

    def payload(self) -> dict[str, str | int]:
        """As plain data for JSON."""
        known = elements().get(self.element)
        title = known.title if known else ""
        return {
            "rule": self.rule,
            "element": self.element,
            "title": title,
            "severity": self.severity,
            "text": self.text,
            "message": self.message,
            "line": self.line,
            "xpath": self.xpath,
        }


def trails_of(trail: Trail, indices: tuple[int, ...]) -> Trails:
    """Every group of a message with the groups around it, by number."""
    found: Trails = {}
    for depth in range(1, len(trail) + 1):
        found[trail[depth - 1].number] = [(trail[:depth], indices[:depth])]

    def visit(outer: Trail, counted: tuple[int, ...]) -> None:
        for number, held in outer[-1].groups.items():
            for position, group in enumerate(held, start=1):
                inner = ((*outer, group), (*counted, position))
                found.setdefault(number, []).append(inner)
                visit(*inner)

    visit(trail, indices)
    return found


def finding_at(
    rule: str, number: str, severity: str, text: str, trail: Trail, indices: tuple[int, ...], index: int
) -> Finding:
    """A finding at the element where the message has it, otherwise at the group it is missing from."""
    known = elements().get(number)
    at, counted = trail, indices
    if known is not None:
        at, counted = _first(known, trail[: len(known.home)], indices[: len(known.home)])
    held = at[-1].fields.get(number)
    line = held.line if held else trail[-1].line
    place = xpath(number, at, counted) if known and tuple(group.number for group in at) == known.home else ""
    return Finding(rule, number, severity, text, place, line, index)


def _first(known: Element, trail: Trail, indices: tuple[int, ...]) -> tuple[Trail, tuple[int, ...]]:
    """The first group an element stands in below a place; one that would be the first where there is none."""
    for level in known.home[len(trail) :]:
        held = trail[-1].each(level)
        trail = (*trail, held[0] if held else Group(level, line=trail[-1].line))
        indices = (*indices, 1)
    return trail, indices
