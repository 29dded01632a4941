"""A drafted case as an E2B(R3) message: own elements left out, identities made, headers put on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from stormwatch.safety.case import Batch, Field, Group, Message
from stormwatch.safety.dates import of_second

_OWN = "SW."


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, and when; the numbers of batch and message default to the case's own."""

    sender: str
    receiver: str
    message_receiver: str = ""
    batch_number: str = ""


def batch(cases: list[Group], envelope: Envelope, at: datetime) -> Batch:
    """Cases as one batch, as sent at a moment. Nothing reads the clock.

    Reactions and drugs get identities made from the case number and their place, so the same case gives the same
    message. Groups that hold nothing an E2B(R3) message has a place for are left out.

    >>> from datetime import UTC
    >>> made = batch([Group("case").set("C.1.1", "XX-1")], Envelope("ME", "YOU"), datetime(2024, 3, 2, tzinfo=UTC))
    >>> made.header.get("N.1.5"), made.messages[0].header.get("N.2.r.1")
    ('20240302000000+0000', 'XX-1')
    """
    moment = of_second(at)
    header = Group("batch")
    number = envelope.batch_number or (cases[0].get("C.1.1") if cases else "") or "batch"
    for element, value in (
        ("N.1.1", "1"),
        ("N.1.2", number),
        ("N.1.3", envelope.sender),
        ("N.1.4", envelope.receiver),
        ("N.1.5", moment),
    ):
        header.set(element, value)
    return Batch(header, [_message(case, envelope, moment) for case in cases])


def _message(case: Group, envelope: Envelope, moment: str) -> Message:
    head = Group("N.2.r")
    head.set("N.2.r.1", case.get("C.1.1") or "case").set("N.2.r.2", envelope.sender)
    head.set("N.2.r.3", envelope.message_receiver or envelope.receiver).set("N.2.r.4", moment)
    made = stripped(case)
    if made.get("C.1.2") is None:
        made.set("C.1.2", moment)
    return Message(head, made)


def stripped(case: Group) -> Group:
    """The case without own elements, and with identities that a message can carry."""
    number = case.get("C.1.1") or ""
    identities = {
        one.id: _identity(number, kind, one.id) for kind in ("E.i", "G.k") for one in case.each(kind) if one.id
    }
    made = _copied(case, identities)
    assert made is not None
    return made


def _copied(group: Group, identities: dict[str, str]) -> Group | None:
    fields = {name: held for name, held in group.fields.items() if not name.startswith(_OWN)}
    if "G.k.9.i.1" in fields:
        held = fields["G.k.9.i.1"]
        fields["G.k.9.i.1"] = Field(identities.get(held.value or "", held.value), held.null)
    groups: dict[str, list[Group]] = {}
    for number, inner in group.groups.items():
        kept = [] if number.startswith(_OWN) else [one for each in inner if (one := _copied(each, identities))]
        if kept:
            groups[number] = kept
    if not fields and not groups and group.number != "case":
        return None
    name = identities.get(group.id, "") if group.number in ("E.i", "G.k") else ""
    return Group(group.number, name, fields, groups, group.notes, list(group.unknown))


def _identity(number: str, kind: str, name: str) -> str:
    if _is_uuid(name):
        return name
    return str(uuid5(NAMESPACE_URL, f"stormwatch:case:{number}:{kind}:{name}"))


def _is_uuid(name: str) -> bool:
    from uuid import UUID

    try:
        UUID(name)
    except ValueError:
        return False
    return True
