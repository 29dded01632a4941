"""Events by name: a group of ours, a preferred term as reported, or a group of the user's own MedDRA copy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal

from stormwatch.errors import UnknownName
from stormwatch.terms.tables import fold

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA
    from stormwatch.signals.store import Store


@dataclass(frozen=True, slots=True)
class GroupTerm:
    """A term of a group, whether a published definition has it, and which."""

    name: str
    evidence: Literal["published", "ours"]
    source: str


@dataclass(frozen=True, slots=True)
class EventGroup:
    """Terms that are counted as one event: a report that has several counts once."""

    id: str
    title: str
    aliases: tuple[str, ...]
    note: str
    terms: tuple[GroupTerm, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """What was asked for, and the terms of the database that it means. Terms are as ``plain`` writes them."""

    label: str
    terms: tuple[str, ...]
    definition: str


@cache
def event_groups() -> Mapping[str, EventGroup]:
    """Our groups by id.

    >>> sorted(event_groups())
    ['crs', 'dic', 'hlh', 'icans']
    """
    folder = files("stormwatch.signals.names").joinpath("events")
    tables = (tomllib.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".toml"))
    groups = [
        EventGroup(one["id"], one["title"], tuple(one["aliases"]), one["note"], tuple(_term(t) for t in one["terms"]))
        for one in tables
    ]
    return {group.id: group for group in sorted(groups, key=lambda group: group.id)}


def plain(term: str) -> str:
    """A term without differences of case and spacing, which change between quarters.

    >>> plain("  CYTOKINE RELEASE  SYNDROME")
    'cytokine release syndrome'
    """
    return " ".join(term.casefold().split())


def event(name: str, store: Store, meddra: MedDRA | None = None) -> Event:
    """The event a name means: a group of ours, ``soc:``, ``hlgt:``, ``hlt:`` or ``smq:`` of MedDRA, or a term.

    Raises:
        UnknownName: the name is no group, and no report has it as a term.
    """
    if (group := _group(name)) is not None:
        terms = tuple(plain(term.name) for term in group.terms)
        return Event(group.title, terms, f"event group {group.id} of Stormwatch: {group.note}")
    level, colon, rest = name.partition(":")
    if colon and meddra is not None:
        return Event(rest.strip(), meddra.preferred_terms(level, rest), f"MedDRA {meddra.version}, {level.upper()}")
    wanted = plain(name)
    known = {term for (term,) in store.rows("SELECT DISTINCT term FROM reactions")}
    if wanted not in known:
        near = ", ".join(get_close_matches(wanted, [*event_groups(), *known], n=3)) or "none is near"
        raise UnknownName(f"no report has the event {name!r}, and no group is called so; nearest: {near}")
    return Event(name.strip(), (wanted,), "one preferred term")


def _group(name: str) -> EventGroup | None:
    wanted = fold(name)
    for group in event_groups().values():
        if wanted in {fold(one) for one in (group.id, *group.aliases)}:
            return group
    return None


def _term(table: dict[str, str]) -> GroupTerm:
    evidence: Literal["published", "ours"] = "published" if table["evidence"] == "published" else "ours"
    return GroupTerm(table["name"], evidence, table["source"])
