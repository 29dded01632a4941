"""Which format a file of literature is in, and its documents."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.errors import InputError
from stormwatch.facts import Origin
from stormwatch.sources.opening import StrPath, file_name, opened
from stormwatch.sources.text.document import Document
from stormwatch.sources.text.documents.bibtex import is_bibtex, read_bibtex
from stormwatch.sources.text.documents.fhir import is_fhir, read_fhir
from stormwatch.sources.text.documents.page import is_page, read_page
from stormwatch.sources.text.documents.plain import read_plain
from stormwatch.sources.text.documents.tagged import is_tagged, read_tagged
from stormwatch.sources.text.documents.xml import is_xml, read_xml


def read_documents(path: StrPath) -> tuple[Document, ...]:
    """Every document of a file: one of a plain text, a page or an article, many of RIS, MEDLINE, BibTeX or PubMed XML.

    The format is told by the content, not by the name.

    Raises:
        InputError: the file cannot be read, is not UTF-8, or holds no document.
        UsageError: XML is to be read and lxml is not installed.
    """
    file = file_name(path)
    with opened(path) as stream:
        content = stream.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file}: the text is not UTF-8; save it as UTF-8") from None
    found = tuple(_documents(text, file))
    if not found:
        raise InputError(f"{file}: no document in this file")
    return found


def document_of(text: str, file: str = "text") -> Document:
    """The document of a plain text or a page that is at hand.

    >>> document_of("A case of fever\\n\\nA woman had fever.").title
    'A case of fever'
    """
    origin = Origin(file, "text")
    return read_page(text, origin) if is_page(text) else read_plain(text, origin)


def _documents(text: str, file: str) -> Iterator[Document]:
    if is_fhir(text):
        yield from read_fhir(text, file)
    elif is_xml(text):
        yield from read_xml(text, file)
    elif is_bibtex(text):
        yield from read_bibtex(text, file)
    elif is_tagged(text):
        yield from read_tagged(text, file)
    elif text.strip():
        yield document_of(text, file)
