"""What no record holds and whoever drafts must say: number, reporter, sender, study, literature, dates of receipt."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from stormwatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reported (C.2.r). ``qualification`` and ``country`` are codes of E2B(R3) and ISO 3166-1."""

    qualification: str = ""
    country: str = ""
    title: str = ""
    given: str = ""
    family: str = ""
    organisation: str = ""
    department: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends (C.3). ``kind`` is a code of E2B(R3): 1 company, 2 authority, 3 health professional, 4 centre."""

    kind: str = ""
    organisation: str = ""
    department: str = ""
    given: str = ""
    family: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    telephone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """The study a report comes from (C.5). ``kind``: 1 clinical trial, 2 individual patient use, 3 other study."""

    name: str = ""
    number: str = ""
    kind: str = ""
    registration: str = ""
    registration_country: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """All of it. What is empty is left out and listed as missing; nothing is made up, and nothing reads the clock."""

    number: str = ""
    country: str = ""
    language: str = ""
    created: str = ""
    received: str = ""
    reporter: Reporter | None = None
    sender: Sender | None = None
    study: Study | None = None
    literature: tuple[str, ...] = field(default=())
    day_zero: date | None = None


_CASE = {"number", "country", "language", "literature", "day_zero", "received"}


def read_details(path: Path) -> Details:
    """Details from a TOML file with the tables ``case``, ``reporter``, ``sender``, ``study``.

    ``case`` may hold ``number``, ``country`` (where the reaction happened), ``language`` (of the record's words, ISO
    639-2), ``literature`` (a list), ``day_zero`` and ``received`` (dates: first awareness, and the most recent
    information).

    Raises:
        UsageError: the file cannot be read, or has a table or key that is not known.
    """
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path.name}: cannot be read as TOML ({type(error).__name__})") from None
    unknown = sorted(held.keys() - {"case", "reporter", "sender", "study"})
    if unknown:
        raise UsageError(f"{path.name}: no table is called {unknown[0]!r}; known: case, reporter, sender, study")
    case = held.get("case", {})
    odd = sorted(case.keys() - _CASE)
    if odd:
        raise UsageError(f"{path.name}: case has no key {odd[0]!r}; known: {', '.join(sorted(_CASE))}")
    return Details(
        number=str(case.get("number", "")),
        country=str(case.get("country", "")),
        language=str(case.get("language", "")),
        received=str(case.get("received", "")),
        reporter=_table(path, Reporter, held.get("reporter")),
        sender=_table(path, Sender, held.get("sender")),
        study=_table(path, Study, held.get("study")),
        literature=tuple(str(one) for one in case.get("literature", ())),
        day_zero=_day(path, case.get("day_zero")),
    )


def _table(path: Path, kind: Any, held: dict[str, Any] | None) -> Any:
    if held is None:
        return None
    known = {one.name for one in fields(kind)}
    odd = sorted(held.keys() - known)
    if odd:
        raise UsageError(
            f"{path.name}: {kind.__name__.lower()} has no key {odd[0]!r}; known: {', '.join(sorted(known))}"
        )
    return kind(**{name: str(value) for name, value in held.items()})


def _day(path: Path, held: object) -> date | None:
    if held is None:
        return None
    try:
        return held if type(held) is date else date.fromisoformat(str(held))
    except ValueError:
        raise UsageError(f"{path.name}: day_zero is no date; write it as 2024-03-02") from None
