"""Validation against the official XML schemas, which the user has and Stormwatch does not ship."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stormwatch.errors import UsageError
from stormwatch.safety.e2b.findings import Finding
from stormwatch.safety.e2b.source import Source, whole


def validate(source: Source, folder: Path) -> list[Finding]:
    """What the schemas in ``folder`` (or below it) have against a message, each with its line and path.

    The entry point is the schema named like the root of the message: ``MCCI_IN200100UV01.xsd`` for a batch,
    ``MCCI_IN200101UV01.xsd`` for an acknowledgement. Nothing is fetched: schemas that refer to the network are refused.
    A message that is valid here may still break most rules; see ``check``.

    Raises:
        InputError: the message cannot be read.
        UsageError: the folder has no such schema, or it cannot be used.
    """
    root = whole(source)
    schema = _schema(folder, root.tag.rpartition("}")[2])
    schema.validate(root.getroottree())
    return [_finding(error) for error in schema.error_log]


def _schema(folder: Path, root: str) -> Any:
    from lxml import etree

    found = sorted(folder.rglob(f"{root}.xsd"), key=lambda path: len(path.parts))
    if not found:
        raise UsageError(f"{folder}: no schema {root}.xsd here or in the folders below")
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    try:
        return etree.XMLSchema(etree.parse(str(found[0]), parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError):
        raise UsageError(f"{found[0]}: not a schema that can be used offline; is the set complete?") from None


def _finding(error: Any) -> Finding:
    """Which rule of XML schema, and where; the schema's own words would repeat values of the message."""
    return Finding(
        rule="XSD",
        element="",
        severity="reject",
        text=f"against the XML schema ({error.type_name})",
        xpath=error.path or "",
        line=error.line,
        message=0,
    )
