"""Where a quote stands in a report: whole words and whole numbers of its prose, white space apart."""

from __future__ import annotations

import re

from stormwatch.sources.text.document import Document

Span = tuple[int, int]
_WHOLE_BEFORE = r"(?<![^\W_])(?<!\d[.,])"
_WHOLE_AFTER = r"(?![^\W_])(?![.,]\d)"


def spans(document: Document, quote: str) -> list[Span]:
    """Every place of the quote in the parts that are read for facts; none when it is not in them.

    >>> from stormwatch.sources.text import document_of
    >>> spans(document_of("Ferritin was  12,450 ng/mL."), "was 12,450 ng/mL")
    [(9, 26)]
    >>> spans(document_of("Ferritin was 12,450 ng/mL."), "450 ng/mL")
    []
    """
    words = quote.split()
    if not words:
        return []
    pattern = re.compile(_bounded(r"\s+".join(map(re.escape, words)), quote.strip()))
    return [match.span() for s in document.prose for match in pattern.finditer(document.text, s.start, s.end)]


def _bounded(pattern: str, quote: str) -> str:
    """No part of a word or number: a model that cuts "12,450" to "450" quotes something else."""
    before = _WHOLE_BEFORE if quote[0].isalnum() else ""
    return before + pattern + (_WHOLE_AFTER if quote[-1].isalnum() else "")
