"""What a FHIR server answers: a page of a search, and where the next page is."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from stormwatch.sources.fhir.load import parse
from stormwatch.sources.fhir.tree import Node, node, nodes, text

_CODE = re.compile(r"[a-z][a-z_-]{0,39}")
_FAILURES = {"error", "fatal"}


class NoAnswer(Exception):
    """The server did not give what it was asked for. The message holds no value of the patient's and no secret."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class _Number(str):
    """A number as it was written: writing it again loses no digit."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Page:
    """The resources of a page, each with its identity, and the address of the next page as the server gives it."""

    resources: dict[str, str]
    next: str


def page_of(content: bytes) -> Page:
    """Read a page.

    Raises:
        NoAnswer: it is not a bundle, or it reports an error.
    """
    document = _document(content)
    if text(document, "resourceType") == "OperationOutcome":
        raise NoAnswer(f"the server answers with an OperationOutcome ({issue_code(document)}) in place of results")
    if text(document, "resourceType") != "Bundle":
        raise NoAnswer("the server answers with something that is not a FHIR Bundle")
    found = [node(entry, "resource") for entry in nodes(document, "entry")]
    outcomes = [each for each in found if text(each, "resourceType") == "OperationOutcome"]
    failed = next((each for each in outcomes if _reports_failure(each)), None)
    if failed is not None:
        raise NoAnswer(f"the server reports an error among the results ({issue_code(failed)})")
    resources = {identity(each): written(each) for each in found if each and each not in outcomes}
    return Page(resources, _next(document))


def identity(resource: Node) -> str:
    """What tells a resource, in its version, from every other; its content where it states no version."""
    kind, own = text(resource, "resourceType"), text(resource, "id")
    meta = node(resource, "meta")
    version = text(meta, "versionId") or text(meta, "lastUpdated")
    if not own or not version:
        version = hashlib.sha256(written(resource).encode()).hexdigest()
    return f"{kind}/{own}/{version}"


def resource_on(line: bytes) -> Node:
    """A resource from a line that was written here. Raises ValueError for anything else."""
    resource = parse(line, _Number)
    if not isinstance(resource, dict):
        raise ValueError("not a FHIR resource")
    return resource


def written(value: Any) -> str:
    """JSON on one line, with every number as it came."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)


def problem_code(content: bytes) -> str:
    """The code of an error a server sends: of an OperationOutcome, or of OAuth; empty where there is none.

    Its wording is left out: it may repeat what it was asked, or what it found.
    """
    try:
        document = _document(content)
    except NoAnswer:
        return ""
    said = text(document, "error")
    return said if _CODE.fullmatch(said) else issue_code(document)


def issue_code(outcome: Node) -> str:
    codes = (text(issue, "code") for issue in nodes(outcome, "issue"))
    return next((code for code in codes if _CODE.fullmatch(code)), "")


def _document(content: bytes) -> Node:
    try:
        return resource_on(content)
    except (ValueError, RecursionError):
        raise NoAnswer("the server's answer is not valid JSON; it may be cut short") from None


def _reports_failure(outcome: Node) -> bool:
    return any(text(issue, "severity") in _FAILURES for issue in nodes(outcome, "issue"))


def _next(bundle: Node) -> str:
    return next((text(link, "url") for link in nodes(bundle, "link") if text(link, "relation") == "next"), "")
