"""Resources that say nothing about what was found or given. Each is counted, with the reason."""

from __future__ import annotations

from stormwatch.sources.draft import Draft
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.tree import node, nodes, text

DEVICE = "Device, but not what it was used for"
ORDER = "ServiceRequest: only ordered"
FREE_TEXT = "free text, for the text reader"
NO_TEXT = "DocumentReference without text"


def set_aside_order(entry: Entry, draft: Draft) -> None:
    draft.leave(ORDER)


def set_aside_document(entry: Entry, draft: Draft) -> None:
    kinds = [text(node(part, "attachment"), "contentType") for part in nodes(entry.body, "content")]
    draft.leave(FREE_TEXT if any(kind.casefold().startswith("text/") for kind in kinds) else NO_TEXT)
