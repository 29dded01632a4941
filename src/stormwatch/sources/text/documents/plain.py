"""Plain text: a first line that is a title, and paragraphs."""

from __future__ import annotations

import re

from stormwatch.facts import Origin
from stormwatch.sources.text.document import BODY, KEYPHRASES, TITLE, Document, Section
from stormwatch.sources.text.documents.marks import find_doi, find_pmid

_LONGEST_TITLE = 300
_PROSE_LINE = 60
_KEYWORDS = re.compile(r"^[ \t]*(?:Keywords|Key words|Keyphrases)[ \t]*:[ \t]*(?P<list>\S[^\n]*)$", re.I | re.M)
_REFERENCES = re.compile(
    r"^[ \t]*(?:References|Bibliography|Literature cited)[ \t]*:?[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_INNER_STOP = re.compile(r"[.!?]\s+[A-Z]")


def read_plain(text: str, origin: Origin) -> Document:
    """The document of a plain file. A list of references at its end is not read for facts."""
    title = _title(text)
    references = _REFERENCES.search(text)
    stop = references.start() if references and references.start() > len(text) // 3 else len(text)
    keywords = _KEYWORDS.search(text, 0, stop)
    pieces = [(title.end if title else 0, keywords.start() if keywords else stop)]
    if keywords:
        pieces.append((keywords.end(), stop))
    sections = [title] if title else []
    sections += [Section(BODY, start, end) for start, end in pieces if text[start:end].strip()]
    if keywords:
        sections.append(Section(KEYPHRASES, keywords.start("list"), keywords.end("list")))
    phrases = re.split(r"\s*[;,]\s*", keywords["list"].strip(" .")) if keywords else ()
    return Document(
        text,
        tuple(sorted(sections, key=lambda section: section.start)),
        (origin,),
        title=text[title.start : title.end] if title else "",
        doi=find_doi(text),
        pmid=find_pmid(text),
        keyphrases=tuple(phrases),
    )


def _title(text: str) -> Section | None:
    """The first line, when it is short, is one sentence at most, and stands apart from what follows."""
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    if end < 0 or end - start > _LONGEST_TITLE:
        return None
    line, rest = text[start:end].rstrip(), text[end:]
    below = rest.lstrip("\r\n").partition("\n")[0]
    apart = rest[:4].count("\n") > 1 or (len(below) > _PROSE_LINE and not line.endswith((".", ",", ";", ":")))
    if not rest.strip() or not apart or _INNER_STOP.search(line):
        return None
    return Section(TITLE, start, start + len(line))
