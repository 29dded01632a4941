"""Pages of a literature service: title, authors run together, journal and year, abstract, a list of keyphrases."""

from __future__ import annotations

import re

from stormwatch.facts import Origin
from stormwatch.sources.text.document import ABSTRACT, AUTHORS, KEYPHRASES, TITLE, Document, Section
from stormwatch.sources.text.documents.authors import split_authors
from stormwatch.sources.text.documents.marks import find_doi, find_pmid

_PUBLISHED = re.compile(r"Published in:?[ \t]*(?P<journal>[^\r\n]*?)[ \t]*\((?P<year>\d{4})\)[ \t]*\.?")
_KEYPHRASES = re.compile(r"^[ \t]*(?:Keyphrases|Keywords|Key words)[ \t]*:?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*[-*•·][ \t]*(.+?)[ \t]*$", re.MULTILINE)


def is_page(text: str) -> bool:
    """Whether the text is such a page: it says where it was published in its first lines."""
    return _PUBLISHED.search(text, 0, 4000) is not None


def read_page(text: str, origin: Origin) -> Document:
    """The document of one page. Spans point into the page itself."""
    published = _PUBLISHED.search(text)
    assert published is not None
    title = _first_line(text, published.start())
    authors = _trimmed(text, title.end, published.start(), AUTHORS)
    keys = _KEYPHRASES.search(text, published.end())
    abstract = _trimmed(text, published.end(), keys.start() if keys else len(text), ABSTRACT)
    sections = [title, authors, abstract]
    if keys:
        sections.append(_trimmed(text, keys.end(), len(text), KEYPHRASES))
    return Document(
        text,
        tuple(section for section in sections if section.end > section.start),
        (origin,),
        title=text[title.start : title.end],
        authors=split_authors(text[authors.start : authors.end]),
        journal=published["journal"],
        year=int(published["year"]),
        doi=find_doi(text),
        pmid=find_pmid(text),
        keyphrases=tuple(_BULLET.findall(text, keys.end())) if keys else (),
    )


def _first_line(text: str, stop: int) -> Section:
    start = len(text) - len(text.lstrip())
    newline = text.find("\n", start, stop)
    return _trimmed(text, start, stop if newline < 0 else newline, TITLE)


def _trimmed(text: str, start: int, end: int, name: str) -> Section:
    """A section without the white space around it."""
    inside = text[start:end]
    begin = start + len(inside) - len(inside.lstrip())
    return Section(name, begin, max(begin, start + len(inside.rstrip())))
