"""Publications as RIS, which every reference manager reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormwatch.sources.text import Document


def ris(documents: Iterable[tuple[Document, str]]) -> str:
    """A RIS file of documents, each with a note (``N1``; none where it is empty).

    >>> from stormwatch.sources.text import document_of
    >>> ris([(document_of("A case of fever\\n\\nShe had fever."), "rank 1")]).splitlines()[1:4]
    ['TI  - A case of fever', 'AB  - She had fever.', 'N1  - rank 1']
    """
    return "".join(f"{line}\n" for document, note in documents for line in _lines(document, note))


def _lines(document: Document, note: str) -> Iterator[str]:
    body = " ".join(document.text[s.start : s.end] for s in document.prose if s.name != "title")
    yield "TY  - JOUR"
    fields = [("TI", document.title), *(("AU", author) for author in document.authors), ("JO", document.journal)]
    fields += [("PY", str(document.year or "")), ("DO", document.doi), ("AB", body)]
    fields += [("AN", document.pmid), ("DB", "PubMed" if document.pmid else "")]
    fields += [*(("KW", word) for word in document.keyphrases), ("N1", note)]
    yield from (f"{tag}  - {_one_line(value)}" for tag, value in fields if value.strip())
    yield "ER  - "


def _one_line(value: str) -> str:
    return " ".join(value.split())
