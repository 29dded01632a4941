"""A case as a file: what was drafted, and apart from it what a person changed. The person's word wins.

The file is JSON with ``drafted`` and ``edited``. An edit names a path and holds a value, a null flavour, or that the
element is taken out; with who made it, when and why. Drafting anew replaces ``drafted`` and leaves ``edited`` alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stormwatch.errors import InputError, UsageError
from stormwatch.safety.basis import Basis
from stormwatch.safety.case import Batch, Field, Group
from stormwatch.safety.draft import Draft
from stormwatch.safety.paths import place

SCHEMA = "stormwatch case 1"


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person put at a path: a value, a null flavour, or neither (taken out)."""

    value: str | None = None
    null: str | None = None
    who: str = ""
    when: str = ""
    why: str = ""

    def payload(self) -> dict[str, Any]:
        return {"value": self.value, "null": self.null, "who": self.who, "when": self.when, "why": self.why}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A drafted case with the edits made to it."""

    draft: Draft
    edits: Mapping[str, Edit] = field(default_factory=dict)

    @property
    def case(self) -> Group:
        """The case as it stands: the draft with every edit on top. The draft itself is never changed."""
        made = deepcopy(self.draft.case)
        for path, edit in self.edits.items():
            gone = edit.value is None and edit.null is None
            place(made, path, None if gone else Field(edit.value, edit.null))
        return made

    @property
    def basis(self) -> Mapping[str, Basis]:
        """What each field rests on: the draft's basis, and for an edited one the person and the reason given."""
        by_people = {
            path: Basis(" ".join(filter(None, ("Corrected by a person.", edit.why))), by="person")
            for path, edit in self.edits.items()
        }
        return {**self.draft.basis, **by_people}

    def edited(self, path: str, edit: Edit) -> CaseFile:
        """The same file with one more edit. An earlier one at this path gives way to it.

        Raises:
            UsageError: this is no path, a group was given a value, or a causality question has no such answer.
        """
        from stormwatch.safety.completion import completed

        kept = {at: held for at, held in self.edits.items() if at != path}
        made = replace(self, edits={**kept, path: edit})
        completed(made.case)
        return made

    def redrafted(self, draft: Draft) -> CaseFile:
        """A new draft under the same edits."""
        return replace(self, draft=draft)


def dumped(held: CaseFile) -> bytes:
    """The file as JSON; the same case gives the same bytes."""
    made = held.draft
    drafted = {
        "case": made.case.payload(),
        "basis": {path: one.payload() for path, one in made.basis.items()},
        "software": made.software,
        "as_known_at": made.as_known_at,
        "record_says": list(made.record_says),
        "notes": list(made.notes),
    }
    edited = {path: one.payload() for path, one in held.edits.items()}
    whole = {"schema": SCHEMA, "drafted": drafted, "edited": edited}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def loaded(text: bytes | str, name: str = "case") -> CaseFile:
    """A case file from its JSON.

    Raises:
        InputError: it is no case file; the message says where it stops being one.
    """
    try:
        held = json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise InputError(f"{name}: neither a drafted case (JSON) nor an E2B(R3) message") from None
    if not isinstance(held, dict) or held.get("schema") != SCHEMA:
        raise InputError(f"{name}: not a case file of this program (schema {SCHEMA!r} is asked for)")
    try:
        made = held["drafted"]
        draft = Draft(
            case=Group.from_payload(made["case"]),
            basis={path: Basis.from_payload(one) for path, one in made["basis"].items()},
            software=made["software"],
            as_known_at=made["as_known_at"],
            record_says=tuple(made["record_says"]),
            notes=tuple(made["notes"]),
        )
        file = CaseFile(draft, {path: Edit(**one) for path, one in held["edited"].items()})
        _ = file.case
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, UsageError) as error:
        raise InputError(f"{name}: a case file, but damaged ({type(error).__name__})") from None
    return file


def save(held: CaseFile, path: Path) -> None:
    """Write the file; a break in the middle leaves the old file or the new one.

    Raises:
        UsageError: it cannot be written there.
    """
    from stormwatch.safety.e2b.saving import save_pieces

    save_pieces([dumped(held)], path)


def read_file(path: Path) -> CaseFile | Batch:
    """A drafted case, or an E2B(R3) message, told apart by how the file begins.

    Raises:
        InputError: it is neither, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if beginning.startswith(b"{"):
        return loaded(path.read_bytes(), path.name)
    from stormwatch.safety.e2b.reader import read

    return read(path)


def cases(path: Path) -> list[Group]:
    """The case or cases in a file, as they stand, whether drafted or read from a message.

    Raises:
        InputError: as for ``read_file``.
    """
    held = read_file(path)
    return [held.case] if isinstance(held, CaseFile) else [message.case for message in held.messages]
