"""Local codes of a bundle or a bulk export, given the names they stand for by a code map."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from stormwatch import analytes, terms
from stormwatch.sources.fhir.entries import Entry
from stormwatch.sources.fhir.tree import Node, nodes, text

if TYPE_CHECKING:
    from stormwatch.sources.mapped.code_map import CodeMap
    from stormwatch.sources.mapped.target import Target


def name_local_codes(found: Iterable[Entry], codes: CodeMap) -> None:
    """Add, to every concept with a mapped code, the name of what the code means.

    The name stands beside the record's own codings and does not replace them: a code of a public system still goes
    first, and what the record says is kept as it is.
    """
    for entry in found:
        for concept in _concepts(entry.body):
            meant = (codes.find(text(coding, "code")) for coding in nodes(concept, "coding"))
            names = dict.fromkeys(_name(target) for target, _ in filter(None, meant))
            concept["coding"] = [*concept["coding"], *({"display": name} for name in names)]


def _concepts(part: Any) -> Iterator[Node]:
    """Every CodeableConcept at any depth: an object with a list of codings."""
    if isinstance(part, list):
        for one in part:
            yield from _concepts(one)
    elif isinstance(part, dict):
        if isinstance(part.get("coding"), list):
            yield part
            return
        for one in part.values():
            yield from _concepts(one)


def _name(target: Target) -> str:
    kind, id = target.meaning
    if kind == "analyte":
        return analytes.analyte(id).names[0]
    if kind == "scale":
        return terms.scales()[id].names[0]
    return (terms.findings() if kind == "finding" else terms.drugs())[id].names[0]
