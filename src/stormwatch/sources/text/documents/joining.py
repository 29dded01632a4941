"""One publication found in several files is one document."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from stormwatch.sources.text.document import Document

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_SHORTEST_TITLE = 20


def joined(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Documents without duplicates, in order of first appearance.

    Two are the same when DOI or PMID agree, or when title (folded) and year agree and neither mark contradicts. The
    longest text is kept, what it does not say of itself is taken from the others, and all sources are listed.
    """
    found: list[Document] = []
    for document in documents:
        same = [other for other in found if _same(other, document)]
        if not same:
            found.append(document)
            continue
        merged = document
        for other in same:
            merged = _merged(other, merged)
        found[found.index(same[0])] = merged
        found = [other for other in found if other not in same[1:]]
    return tuple(found)


def folded_title(title: str) -> str:
    """A title as it is compared: letters and digits only, without accents, British spelling as American."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    plain = plain.replace("haem", "hem").replace("leukaem", "leukem").replace("oedem", "edem")
    return _NOT_A_LETTER.sub(" ", plain).strip()


def _same(one: Document, other: Document) -> bool:
    for mark, its in ((one.doi, other.doi), (one.pmid, other.pmid)):
        if mark and its:
            return mark == its
    title = folded_title(one.title)
    years = one.year == other.year or None in (one.year, other.year)
    return len(title) >= _SHORTEST_TITLE and title == folded_title(other.title) and years


def _merged(one: Document, other: Document) -> Document:
    fuller, thinner = (one, other) if len(one.text) >= len(other.text) else (other, one)
    return replace(
        fuller,
        sources=(*one.sources, *other.sources),
        title=fuller.title or thinner.title,
        authors=fuller.authors or thinner.authors,
        journal=fuller.journal or thinner.journal,
        year=fuller.year or thinner.year,
        doi=fuller.doi or thinner.doi,
        pmid=fuller.pmid or thinner.pmid,
        keyphrases=fuller.keyphrases or thinner.keyphrases,
    )
