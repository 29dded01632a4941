"""Resources that stand in a bundle more than once: repeats count once, and only the newest version is used."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from stormwatch.sources.draft import Rejected
from stormwatch.sources.fhir.entries import Entry, bare
from stormwatch.sources.fhir.tree import node, text
from stormwatch.sources.times import when

REPEATED = "repeated"
SUPERSEDED = "superseded by a newer version"


def not_counted(entries: Iterable[Entry]) -> dict[str, str]:
    """Positions of entries that must not be read, with the label each is counted under."""
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        identity = _identity(entry)
        if identity:
            groups.setdefault((entry.kind, identity), []).append(entry)
    return {position: label for group in groups.values() if len(group) > 1 for position, label in _among(group)}


def _identity(entry: Entry) -> str:
    """What makes two entries the same resource: the address on a server, or else the id."""
    return bare(entry.url) if entry.url.startswith("http") else entry.id


def _among(group: list[Entry]) -> list[tuple[str, str]]:
    distinct: list[Entry] = []
    left = []
    for entry in group:
        if any(_same(entry, other) for other in distinct):
            left.append((entry.position, REPEATED))
        else:
            distinct.append(entry)
    return left + [(entry.position, SUPERSEDED) for entry in _older(distinct)]


def _same(entry: Entry, other: Entry) -> bool:
    """The same version, or the same content where a version is not stated."""
    mine, theirs = _version(entry), _version(other)
    return mine == theirs if mine and theirs else entry.resource == other.resource


def _older(versions: list[Entry]) -> list[Entry]:
    """All but the newest, by the time of the last change or else by number; none when neither orders them all."""
    for age in (_changed_at, _number):
        ages = [age(entry) for entry in versions]
        known = [a for a in ages if a is not None]
        if len(known) == len(ages):
            return [entry for entry, a in zip(versions, known, strict=True) if a < max(known)]
    return []


def _version(entry: Entry) -> str:
    return text(node(entry.body, "meta"), "versionId")


def _changed_at(entry: Entry) -> float | None:
    try:
        return when(text(node(entry.body, "meta"), "lastUpdated"), UTC).latest.timestamp()
    except Rejected:
        return None


def _number(entry: Entry) -> float | None:
    version = _version(entry)
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
