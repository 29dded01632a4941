"""Formats of one tag a line: RIS and MEDLINE (nbib)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from stormwatch.facts import Origin
from stormwatch.sources.text.document import ABSTRACT, KEYPHRASES, TITLE, Document, assemble
from stormwatch.sources.text.documents.marks import find_doi, find_year

Fields = Mapping[str, list[str]]
_LINE = re.compile(r"^(?P<tag>[A-Z][A-Z0-9]{1,3})\s{0,3}-(?: (?P<value>.*))?$")
_MEDLINE = re.compile(r"^PMID\s?-\s?\d+", re.MULTILINE)
_RIS = re.compile(r"^TY {1,2}-", re.MULTILINE)


def is_tagged(text: str) -> bool:
    head = text[:4000]
    return bool(_MEDLINE.search(head) or _RIS.search(head))


def read_tagged(text: str, file: str) -> Iterator[Document]:
    """Every record of a RIS or MEDLINE file, in order."""
    for number, fields in enumerate(_records(text), 1):
        yield (_medline if "PMID" in fields else _ris)(fields, Origin(file, f"record {number}"))


def _records(text: str) -> Iterator[Fields]:
    """The fields of each record. A line without a tag goes on with the field above it."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    tag = ""
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            if tag and line.strip():
                fields[tag][-1] = f"{fields[tag][-1]} {line.strip()}".strip()
            continue
        if match["tag"] in ("TY", "PMID") and fields:
            yield fields
            fields = defaultdict(list)
        tag = match["tag"]
        if tag == "ER":
            tag = ""
            continue
        fields[tag].append((match["value"] or "").strip())
    if fields:
        yield fields


def _medline(fields: Fields, origin: Origin) -> Document:
    authors = fields.get("FAU") or fields.get("AU") or []
    dois = [value for tag in ("LID", "AID", "SO") for value in fields.get(tag, ()) if "doi" in value]
    return _document(
        _first(fields, "TI", "BTI"),
        _first(fields, "AB"),
        [_given_first(name) for name in authors],
        [word.lstrip("*") for tag in ("OT", "MH") for word in fields.get(tag, ())],
        (_first(fields, "JT", "TA"), _first(fields, "DP"), next(map(find_doi, dois), ""), _first(fields, "PMID")),
        origin,
    )


def _ris(fields: Fields, origin: Origin) -> Document:
    pmid = (
        re.search(r"\d{5,9}", _first(fields, "AN", "C2")) if _first(fields, "DB", "DP").casefold() in _PUBMED else None
    )
    return _document(
        _first(fields, "TI", "T1"),
        _first(fields, "AB", "N2"),
        [_given_first(name) for tag in ("AU", "A1") for name in fields.get(tag, ())],
        [word for line in fields.get("KW", ()) for word in re.split(r"\s*;\s*", line)],
        (_first(fields, "JO", "JF", "T2", "JA"), _first(fields, "PY", "Y1", "DA"), find_doi(_first(fields, "DO")),
         pmid[0] if pmid else ""),
        origin,
    )  # fmt: skip


_PUBMED = frozenset({"pubmed", "medline", "nlm"})


def _document(
    title: str, abstract: str, authors: list[str], words: list[str], rest: tuple[str, str, str, str], origin: Origin
) -> Document:
    journal, date, doi, pmid = rest
    text, sections = assemble([(TITLE, title), (ABSTRACT, abstract), (KEYPHRASES, "; ".join(words))])
    return Document(
        text,
        sections,
        (origin,),
        title,
        tuple(authors),
        journal,
        find_year(date),
        doi,
        pmid,
        tuple(filter(None, words)),
    )


def _first(fields: Fields, *tags: str) -> str:
    return next((fields[tag][0] for tag in tags if fields.get(tag)), "")


def _given_first(name: str) -> str:
    """``Braun, Adam`` as ``Adam Braun``; a name without a comma stays as it is."""
    family, comma, given = name.partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given.strip() else name.strip(" ,")
