"""Finding the resource that another one refers to."""

from __future__ import annotations

from collections.abc import Iterable

from stormwatch.sources.fhir.entries import Entry, bare, last_part


class Referred:
    """The resources of one kind, by what may refer to them: their address, or their kind and id.

    An absolute reference leads by its id to a resource that has no address of its own; it never leads to one that
    stands at a different address.
    """

    def __init__(self, entries: Iterable[Entry], kind: str) -> None:
        self._by_address: dict[str, Entry] = {}
        self._without_address: dict[str, Entry] = {}
        for entry in entries:
            if entry.kind == kind:
                self._by_address.setdefault(bare(entry.url), entry)
                self._by_address.setdefault(f"{kind}/{entry.id}", entry)
                if not entry.url:
                    self._without_address.setdefault(entry.id, entry)

    def find(self, reference: str) -> Entry | None:
        wanted = bare(reference)
        found = self._by_address.get(wanted) if wanted else None
        return found or (self._without_address.get(last_part(wanted)) if wanted.startswith("http") else None)
