"""Acknowledgements: what a receiver said of a batch and of each message, joined to the cases by their identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stormwatch.errors import InputError
from stormwatch.safety.case import Batch, Message
from stormwatch.safety.e2b.shape import HL7
from stormwatch.safety.e2b.source import Source, elements, name, opened

_ROOT = "MCCI_IN200101UV01"
_MESSAGE = "MCCI_IN000002UV01"
_DEVICE = "device/id"
_CODES = {
    "AA": "batch accepted",
    "AE": "batch read, some messages need action",
    "AR": "batch rejected, nothing was read",
    "CA": "message accepted",
    "CR": "message rejected",
}


@dataclass(frozen=True, slots=True)
class MessageReply:
    """What was said of one message (ACK.B.r): ``target`` is the message it answers, ``code`` accepts it (CA) or not."""

    target: str
    code: str
    local_number: str | None
    receiver: str | None
    sender: str | None
    created: str | None
    text: str | None

    @property
    def is_accepted(self) -> bool:
        return self.code == "CA"

    @property
    def meaning(self) -> str:
        """The code in words."""
        return _CODES.get(self.code, "unknown code")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What was said of a batch (ACK.M and ACK.A), and of its messages. ``target`` is the batch number (N.1.2)."""

    number: str | None
    sender: str | None
    receiver: str | None
    created: str | None
    local_number: str | None
    transmitted: str | None
    target: str
    code: str
    text: str | None
    replies: tuple[MessageReply, ...]

    @property
    def meaning(self) -> str:
        """The batch code in words."""
        return _CODES.get(self.code, "unknown code")


def read_acknowledgement(source: Source) -> Acknowledgement:
    """An acknowledgement file (MCCI_IN200101UV01).

    Raises:
        InputError: it is none, says nothing of any batch, or is broken, cut short or refused for safety.
    """
    with opened(source) as file:
        for root in elements(file, name(source), (HL7 + _ROOT,)):
            return _acknowledgement(root, name(source))
    raise InputError(f"{name(source)}: not an acknowledgement (its root is not {_ROOT})")


def join(acknowledgement: Acknowledgement, batch: Batch) -> list[tuple[MessageReply, Message | None]]:
    """Each reply with the message of the batch it answers; None where the batch has no such message.

    A reply names the message identifier (N.2.r.1), the case number (C.1.1), or both with a space between: FDA's
    examples do all three. Replies to another batch join nothing.
    """
    if acknowledgement.target != batch.header.get("N.1.2"):
        return [(reply, None) for reply in acknowledgement.replies]
    return [(reply, _answered(reply.target, batch.messages)) for reply in acknowledgement.replies]


def _answered(target: str, messages: Sequence[Message]) -> Message | None:
    for message in messages:
        own, case = message.header.get("N.2.r.1"), message.number
        if target in (own, case, f"{own} {case}"):
            return message
    return None


def _acknowledgement(root: Any, called: str) -> Acknowledgement:
    lines = {_get(line, "keyWordText", "code"): line for line in root.findall(f"{HL7}attentionLine")}
    answer = root.find(f"{HL7}acknowledgement")
    target = _get(answer, "targetBatch/id", "extension")
    if answer is None or target is None:
        raise InputError(f"{called}: the acknowledgement does not say which batch it answers")
    return Acknowledgement(
        number=_get(root, "id", "extension"),
        sender=_get(root, f"sender/{_DEVICE}", "extension"),
        receiver=_get(root, f"receiver/{_DEVICE}", "extension"),
        created=_get(root, "creationTime", "value"),
        local_number=_get(lines.get("2"), "value", "extension"),
        transmitted=_get(lines.get("3"), "value", "value"),
        target=target,
        code=answer.get("typeCode") or "",
        text=_text(answer),
        replies=tuple(_reply(held, called) for held in root.findall(HL7 + _MESSAGE)),
    )


def _reply(element: Any, called: str) -> MessageReply:
    answer = element.find(f"{HL7}acknowledgement")
    target = _get(answer, "targetMessage/id", "extension")
    if answer is None or target is None:
        raise InputError(f"{called}: line {element.sourceline}: a reply does not say which message it answers")
    return MessageReply(
        target=target,
        code=answer.get("typeCode") or "",
        local_number=_get(element, "id", "extension"),
        receiver=_get(element, f"receiver/{_DEVICE}", "extension"),
        sender=_get(element, f"sender/{_DEVICE}", "extension"),
        created=_get(element.find(f"{HL7}attentionLine"), "value", "value"),
        text=_text(answer),
    )


def _text(answer: Any) -> str | None:
    found = answer.find(f"{HL7}acknowledgementDetail/{HL7}text")
    return None if found is None else found.text


def _get(element: Any, path: str, label: str) -> str | None:
    if element is None:
        return None
    found = element.find("/".join(HL7 + tag for tag in path.split("/")))
    text: str | None = None if found is None else found.get(label)
    return text
