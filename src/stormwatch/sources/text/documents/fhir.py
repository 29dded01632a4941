"""FHIR: the text a DocumentReference carries, alone or in a bundle."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stormwatch.errors import InputError
from stormwatch.facts import Origin
from stormwatch.sources.text.document import Document
from stormwatch.sources.text.documents.marks import find_year
from stormwatch.sources.text.documents.page import is_page, read_page
from stormwatch.sources.text.documents.plain import read_plain

_PLAIN = ("", "text/plain", "text/markdown")


def is_fhir(text: str) -> bool:
    return text.lstrip().startswith("{") and '"resourceType"' in text


def read_fhir(text: str, file: str) -> Iterator[Document]:
    """The document of every DocumentReference. Nothing is fetched: a text that is only linked is an error.

    Raises:
        InputError: not JSON, no DocumentReference, or one without a readable plain text in it.
    """
    try:
        resource = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{file}: not valid JSON; export the resource again") from None
    resources = [e.get("resource", {}) for e in resource.get("entry", ())] if "entry" in resource else [resource]
    found = [r for r in resources if r.get("resourceType") == "DocumentReference"]
    if not found:
        raise InputError(f"{file}: no DocumentReference in this FHIR resource")
    binaries = {f"Binary/{r.get('id')}": r for r in resources if r.get("resourceType") == "Binary"}
    for number, reference in enumerate(found, 1):
        yield _document(reference, binaries, Origin(file, str(reference.get("id") or f"record {number}")))


def _document(reference: dict[str, Any], binaries: dict[str, dict[str, Any]], origin: Origin) -> Document:
    attachments = [content.get("attachment", {}) for content in reference.get("content", ())]
    for attachment in attachments:
        held = binaries.get(str(attachment.get("url", "")), attachment)
        kind = str(attachment.get("contentType", "")).partition(";")[0].strip()
        if "data" in held and kind in _PLAIN:
            text = _decoded(held["data"], origin.file)
            found = (read_page if is_page(text) else read_plain)(text, origin)
            title = found.title or str(attachment.get("title") or reference.get("description") or "")
            return replace(found, title=title, year=found.year or find_year(str(reference.get("date", ""))))
    raise InputError(f"{origin.file}: a DocumentReference holds no plain text; nothing is fetched from its links")


def _decoded(data: str, file: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8-sig")
    except (binascii.Error, ValueError):
        raise InputError(f"{file}: the text of a DocumentReference is not base64 of UTF-8") from None
