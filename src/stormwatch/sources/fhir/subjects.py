"""Whom each resource is about, and which patient is read."""

from __future__ import annotations

from collections.abc import Iterable

from stormwatch.errors import InputError, UnknownName
from stormwatch.sources.draft import Outside, Rejected
from stormwatch.sources.fhir.entries import Entry, bare, last_part
from stormwatch.sources.fhir.tree import Node, node, nodes, text

UNNAMED = "unnamed"
"""Stands for the id of a patient that has none."""

ANOTHER = "another patient"


class Subjects:
    """The patients of a bundle.

    A reference leads to a Patient in the bundle by its address, or by its id. A reference to a Patient on another
    server, with the same id, is another person.
    """

    def __init__(self, entries: Iterable[Entry], supported: frozenset[str]) -> None:
        self._kinds: dict[str, str] = {}
        self._patients: dict[str, str] = {}
        self._identifiers: dict[tuple[str, str], set[str]] = {}
        self._addresses: dict[str, set[str]] = {}
        needed = [entry for entry in entries if entry.kind]
        for entry in needed:
            self._index(entry)
        found = (self._of_any(entry) for entry in needed if entry.kind in supported)
        self.ids = list(dict.fromkeys(subject for subject in found if subject))

    def choose(self, asked: str | None, file: str) -> str:
        """The patient to read.

        Raises:
            InputError: the bundle has no patient, or several and none is asked for.
            UnknownName: the patient asked for is not in the bundle.
        """
        self._refuse_shared_ids(file)
        return choose(self.ids, asked, file)

    def of(self, entry: Entry) -> str | None:
        """The patient's id; None when the resource names no subject.

        Raises:
            Rejected: the subject cannot be found out.
            Outside: the subject is not a patient.
        """
        if entry.kind == "Patient":
            return entry.id or UNNAMED
        if not entry.body.get("subject"):
            return None
        subject = node(entry.body, "subject")
        reference = bare(text(subject, "reference"))
        if not reference:
            return self._by_identifier(subject)
        kind = self._kinds.get(reference) or text(subject, "type") or _stated_kind(reference)
        if kind not in {"", "Patient"}:
            raise Outside("not about one patient")
        return self._id(reference)

    def _of_any(self, entry: Entry) -> str | None:
        try:
            return self.of(entry)
        except (Rejected, Outside):
            return None

    def _index(self, entry: Entry) -> None:
        if entry.url:
            self._kinds[bare(entry.url)] = entry.kind
        if entry.kind != "Patient":
            return
        patient = entry.id or UNNAMED
        if entry.url:
            self._patients[bare(entry.url)] = patient
        if entry.url.startswith("http"):
            self._addresses.setdefault(patient, set()).add(bare(entry.url))
        for identifier in nodes(entry.body, "identifier"):
            self._identifiers.setdefault(_key(identifier), set()).add(patient)

    def _id(self, reference: str) -> str:
        if reference in self._patients:
            return self._patients[reference]
        last = last_part(reference)
        if not last or reference.startswith("#"):
            raise Rejected("its subject cannot be found")
        return reference if reference.startswith("http") and self._addresses.get(last) else last

    def _by_identifier(self, subject: Node) -> str:
        key = _key(node(subject, "identifier"))
        bearers = self._identifiers.get(key, set()) if key[1] else set()
        if len(bearers) != 1:
            raise Rejected("its subject cannot be found")
        return min(bearers)

    def _refuse_shared_ids(self, file: str) -> None:
        if any(len(addresses) > 1 for addresses in self._addresses.values()):
            raise InputError(f"{file}: two patients of different servers share one id; split the bundle by patient")


def choose(ids: list[str], asked: str | None, file: str) -> str:
    """The patient asked for, or the only one."""
    if asked is not None and asked not in ids:
        raise UnknownName(f"{file}: the record has no such patient; list its {len(ids)} patient id(s) to see them")
    if not ids:
        raise InputError(f"{file}: no patient; the record names nobody it is about")
    if asked is None and len(ids) > 1:
        raise InputError(f"{file}: the record holds {len(ids)} patients; name one with --patient")
    return ids[0] if asked is None else asked


def _stated_kind(reference: str) -> str:
    """The resource type a relative or absolute reference states; empty for a urn."""
    parts = reference.split("/")
    return parts[-2] if len(parts) > 1 else ""


def _key(identifier: Node) -> tuple[str, str]:
    return text(identifier, "system"), text(identifier, "value")
