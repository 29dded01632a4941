"""The resources of a bundle, in order, each with its address and its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stormwatch.errors import InputError
from stormwatch.sources.fhir.tree import Node, text

_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a bundle.

    ``file`` and ``position`` are where it stands, ``url`` its fullUrl, ``resource`` whatever it holds and ``body`` the
    same if it is an object. ``kind`` is the resource type, ``id`` the resource's own id or the last part of its
    address; both are empty where there is none. ``record`` is how facts and rejections cite the entry.
    """

    file: str
    position: str
    url: str
    resource: Any
    body: Node
    kind: str
    id: str
    record: str

    @classmethod
    def of(cls, file: str, position: str, url: str, resource: Any) -> Entry:
        body = resource if isinstance(resource, dict) else {}
        kind = text(body, "resourceType")
        own = text(body, "id") or last_part(bare(url))
        record = f"{kind}/{own}" if kind and _ID.fullmatch(own) else position
        return cls(file, position, url, resource, body, kind, own, record)

    @property
    def components(self) -> list[Any]:
        """The components of an Observation, whatever they hold: each is a record of its own."""
        parts = self.body.get("component", []) if self.kind == "Observation" else []
        return parts if isinstance(parts, list) else [parts]

    @property
    def size(self) -> int:
        """How many records the entry is: itself, and each component."""
        return 1 + len(self.components)


def entries(document: Node, file: str, supported: frozenset[str]) -> list[Entry]:
    """All entries of a bundle, those of bundles within it included; one supported resource alone counts as a bundle.

    Raises:
        InputError: the document is neither.
    """
    kind = text(document, "resourceType")
    if kind == "Bundle":
        return list(_inside(document, file, ""))
    if kind in supported:
        return [Entry.of(file, "entry[0]", "", document)]
    raise InputError(f"{file}: a FHIR Bundle is needed that holds the patient's resources; this is not one")


def _inside(bundle: Node, file: str, prefix: str) -> Iterator[Entry]:
    members = bundle.get("entry", [])
    if not isinstance(members, list):
        raise InputError(f"{file}: the entries of the bundle are not a list")
    for number, member in enumerate(members):
        position = f"{prefix}entry[{number}]"
        url = text(member, "fullUrl") if isinstance(member, dict) else ""
        found = Entry.of(file, position, url, member.get("resource") if isinstance(member, dict) else member)
        if found.kind == "Bundle":
            yield from _inside(found.body, file, f"{position}.")
        else:
            yield found


def bare(reference: str) -> str:
    """A reference without the version it names."""
    return reference.split("/_history/", 1)[0]


def last_part(reference: str) -> str:
    """The id at the end of an address or a urn."""
    return reference.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
