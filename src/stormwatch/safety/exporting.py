"""A case, or several, in a form for others: redacted unless told otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from stormwatch.errors import InputError, UsageError
from stormwatch.safety.case import Group
from stormwatch.safety.completion import completed
from stormwatch.safety.dates import of_second
from stormwatch.safety.message import Envelope, batch
from stormwatch.safety.redaction import Dates, Removed, redacted

Form = Literal["e2b-r3", "cioms", "fhir", "csv"]
_DATES: dict[str, Dates] = {"e2b-r3": "years", "fhir": "years", "cioms": "offsets", "csv": "offsets"}


@dataclass(frozen=True, slots=True)
class Exported:
    """What was made, and what was removed from it (nothing where it was asked for as it is)."""

    content: bytes
    removed: tuple[Removed, ...]


def export(
    cases: list[Group],
    form: Form,
    *,
    identified: bool = False,
    dates: Dates | None = None,
    envelope: Envelope | None = None,
    at: datetime | None = None,
    rules: str = "icsr",
) -> Exported:
    """Cases in another form. CIOMS I and FHIR take one case, E2B(R3) and CSV any number.

    Args:
        cases: as they stand, drafted or read.
        form: ``e2b-r3``, ``cioms``, ``fhir`` or ``csv``.
        identified: leave names, dates and numbers in, as an authority needs them. Default: redacted.
        dates: ``years`` or ``offsets`` for redacted dates. Default: years in messages, offsets on paper and in tables.
        envelope: sender and receiver, for E2B(R3) only.
        at: the moment of writing; also the date of the report (C.1.2) where the case has none.
        rules: ``icsr``, or ``fda`` for FDA's regional elements too.

    Raises:
        UsageError: several cases where a form takes one, no envelope or moment for a message, offsets in a message, or
            what the form needs is not installed.
    """
    if not cases:
        raise UsageError("there is no case to export")
    if form in ("cioms", "fhir") and len(cases) > 1:
        raise UsageError(f"{form} takes one case a file, and there are {len(cases)}; export them one by one")
    if dates == "offsets" and not identified and _DATES[form] == "years":
        raise UsageError(f"{form} holds calendar dates only, so offsets cannot stand in it; take years")
    made, removed = [_dated(completed(case), at) for case in cases], []
    if not identified:
        pairs = [redacted(case, dates=dates or _DATES[form]) for case in made]
        made, removed = [case for case, _ in pairs], [one for _, each in pairs for one in each]
    return Exported(_rendered(made, form, envelope, at, rules), tuple(removed))


def as_message(path: Path, at: datetime) -> Path | bytes:
    """What a check or a view takes: the path of a message as it is, a drafted case written as a message.

    The drafted case is complete and identified: it stays in memory and is meant for the eyes of whoever drafted it.

    Raises:
        InputError: the file is neither.
    """
    from stormwatch.safety.casefile import loaded

    try:
        with path.open("rb") as file:
            beginning = file.read(64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if not beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return path
    held = loaded(path.read_bytes(), path.name)
    return export([held.case], "e2b-r3", identified=True, envelope=Envelope("SENDER", "RECEIVER"), at=at).content


def _dated(case: Group, at: datetime | None) -> Group:
    """With the date of this report (C.1.2), where the case has none."""
    if at is not None and case.get("C.1.2") is None:
        case.set("C.1.2", of_second(at))
    return case


def _rendered(cases: list[Group], form: Form, envelope: Envelope | None, at: datetime | None, rules: str) -> bytes:
    if form == "csv":
        from stormwatch.safety.forms.series import series

        return series(cases).encode()
    if form == "cioms":
        from stormwatch.safety.forms.cioms import pdf

        return pdf(cases[0])
    if form == "fhir":
        from stormwatch.safety.forms.fhir import bundle

        return (json.dumps(bundle(cases[0]), ensure_ascii=False, indent=1) + "\n").encode()
    from stormwatch.safety.e2b.writer import write

    if envelope is None or at is None:
        raise UsageError("a message needs its sender, its receiver and the moment of sending")
    return write(batch(cases, envelope, at), form=rules)
