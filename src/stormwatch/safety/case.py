"""The plain case: element number to value, in groups that repeat. It knows nothing of XML.

The numbers are those of ICH E2B(R3) (``D.1``, ``E.i.2.1b``) and of FDA's regional elements (``FDA.C.1.12``). A number
followed by ``@`` is a part of the message that HL7 knows and ICH does not number. An element that was not sent is not
in the case; one that was sent with a null flavour says why there is no value. Neither is ever a normal value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Notes = dict[str, dict[str, str | None]]


def absent(number: str) -> str:
    """The number of the group that holds what a message says of a group it refers to and does not have.

    >>> absent("G.k")
    'G.k@absent'
    """
    return f"{number}@absent"


@dataclass(frozen=True, slots=True)
class Field:
    """What stands at one element: a value, or the null flavour that says why there is none.

    ``line`` is the line of the file it was read from, 0 for what was drafted here.
    """

    value: str | None = None
    null: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A piece of XML the element table does not know, kept as it was: where, after which sibling, and the text."""

    inside: str
    after: str
    xml: str
    line: int = field(default=0, compare=False)


@dataclass(slots=True)
class Group:
    """The elements that repeat together: one reaction (``E.i``), one drug (``G.k``), or the case itself.

    ``id`` is what other groups refer to (reactions and drugs have one). ``notes`` hold what the XML said beyond the
    values, such as display names; they matter only for writing back what was read, and not for equality.

    >>> drug = Group("G.k").set("G.k.2.2", "blinatumomab").set("G.k.8", "1")
    >>> drug.get("G.k.2.2"), drug.get("G.k.3.1")
    ('blinatumomab', None)
    """

    number: str
    id: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    groups: dict[str, list[Group]] = field(default_factory=dict)
    notes: Notes = field(default_factory=dict, compare=False)
    unknown: list[Unknown] = field(default_factory=list)
    line: int = field(default=0, compare=False)

    def get(self, number: str) -> str | None:
        """The value of an element of this group; None when it was not sent or has a null flavour."""
        held = self.fields.get(number)
        return held.value if held else None

    def null(self, number: str) -> str | None:
        """The null flavour of an element of this group; None when it has a value or was not sent."""
        held = self.fields.get(number)
        return held.null if held else None

    def set(self, number: str, value: str | None = None, *, null: str | None = None) -> Group:
        """Give an element a value or a null flavour; with neither, take it out. Returns the group."""
        if value is None and null is None:
            self.fields.pop(number, None)
        else:
            self.fields[number] = Field(value, null)
        return self

    def add(self, number: str, *, id: str = "") -> Group:
        """A new group of this number, at the end."""
        new = Group(number, id)
        self.groups.setdefault(number, []).append(new)
        return new

    def each(self, number: str) -> list[Group]:
        """The groups of this number, in order; empty when there are none."""
        return self.groups.get(number, [])

    def walk(self) -> Iterator[Group]:
        """This group and every group in it, outer before inner."""
        yield self
        for held in self.groups.values():
            for group in held:
                yield from group.walk()

    def unknown_count(self) -> int:
        """How many pieces of XML in here the element table does not know."""
        return sum(len(group.unknown) for group in self.walk())

    def payload(self) -> dict[str, Any]:
        """As plain data for JSON; ``from_payload`` reads it back to an equal group."""
        return {
            "number": self.number,
            "id": self.id,
            "fields": {number: [held.value, held.null] for number, held in self.fields.items()},
            "groups": {number: [group.payload() for group in held] for number, held in self.groups.items()},
            "notes": self.notes,
            "unknown": [[piece.inside, piece.after, piece.xml] for piece in self.unknown],
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Group:
        """The group that ``payload`` described.

        >>> group = Group("E.i", "r1").set("E.i.4", "20240302")
        >>> Group.from_payload(group.payload()) == group
        True
        """
        return cls(
            payload["number"],
            payload["id"],
            {number: Field(value, null) for number, (value, null) in payload["fields"].items()},
            {number: [cls.from_payload(group) for group in held] for number, held in payload["groups"].items()},
            payload["notes"],
            [Unknown(*piece) for piece in payload["unknown"]],
        )


@dataclass(slots=True)
class Message:
    """One message: its header (elements N.2.r) and the case it carries (elements C to H)."""

    header: Group
    case: Group

    @property
    def number(self) -> str | None:
        """The sender's case number (C.1.1); None when it was not sent."""
        return self.case.get("C.1.1")


@dataclass(slots=True)
class Batch:
    """A batch as it is sent: its header (elements N.1) and its messages, in order."""

    header: Group
    messages: list[Message]

    def unknown_count(self) -> int:
        """How many pieces of XML in the batch the element table does not know."""
        return self.header.unknown_count() + sum(
            message.header.unknown_count() + message.case.unknown_count() for message in self.messages
        )
