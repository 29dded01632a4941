"""Whether two messages say the same: one form for all that differ only in what carries no meaning."""

from __future__ import annotations

from typing import Any

from stormwatch.safety.e2b.shape import HL7
from stormwatch.safety.e2b.source import Source, whole

_REFERENCES = tuple(
    "/".join(HL7 + tag for tag in path.split("/"))
    for path in (
        "actReference/id",
        "subject1/adverseEffectReference/id",
        "subject2/productUseReference/id",
        "observation/outboundRelationship1/actReference/id",
    )
)
_MEDDRA = "2.16.840.1.113883.6.163"


def canonical(source: Source) -> bytes:
    """The message in a canonical form (C14N 1.0) from which only this has been taken away:

    - comments and processing instructions, the order of attributes, the choice of namespace prefixes;
    - white space between elements, text of white space alone, and white space around a text that shares its element
      with child elements;
    - the order of children of different kinds. Two children are of one kind when their names, typeCodes and first
      children agree, and so do the code (other than MedDRA's), the author's code, the code system of the value, the
      root of the id and the references in them. The order within one kind is kept: of drugs, reactions, names.

    Raises:
        InputError: the message cannot be read.
    """
    from lxml import etree

    root = whole(source)
    # From the innermost outwards, and not by recursion: a message may be nested deeper than Python calls.
    for element in reversed(list(root.iter())):
        _tidy(element)
    return bytes(etree.tostring(root, method="c14n", exclusive=True))


def _tidy(element: Any) -> None:
    children = list(element)
    if children:
        texts = [element.text, *(child.tail for child in children)]
        for child in children:
            child.tail = None
        element.text = "".join(filter(None, texts)).strip() or None
        element[:] = sorted(children, key=_kind)
    elif element.text and element.text.isspace():
        element.text = None


def _kind(element: Any) -> tuple[str, ...]:
    parts = [element.tag, element.get("typeCode") or ""]
    if _local(element) == "id":
        parts.append(element.get("root") or "")
    if _local(element) == "telecom":
        parts.append((element.get("value") or "").partition(":")[0])
    parts += [_local(child) for child in element[:1]]
    for holder in (element, *element):
        parts += _codes(holder)
    return tuple(parts)


def _codes(holder: Any) -> list[str]:
    """What an element says it is: its code, the system of its value, who says it, and what it refers to."""
    found = []
    for child in holder:
        if _local(child) in ("code", "interpretationCode") and child.get("codeSystem") != _MEDDRA:
            found.append(f"{child.get('code')} {child.get('codeSystem')}")
        elif _local(child) == "value":
            found.append(child.get("codeSystem") or "")
        elif _local(child) == "id" and "extension" in child.attrib:
            found.append(child.get("root") or "")
        elif _local(child) == "author":
            found += [code.get("code") or "" for code in child.findall(f"{HL7}assignedEntity/{HL7}code")]
    for path in _REFERENCES:
        found += [f"{path} {one.get('root')}" for one in holder.findall(path)]
    return found


def _local(element: Any) -> str:
    return str(element.tag).removeprefix(HL7)
