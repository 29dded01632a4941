"""Names of authors, also when a page has run them together without any separator."""

from __future__ import annotations

import re
from itertools import pairwise

# A capital inside a name that begins with one of these is part of the name: McDonald, DeVita, LeBlanc.
_PREFIXES = frozenset({"Mc", "Mac", "De", "Di", "Du", "Le", "La", "Van", "Von", "Fitz", "St", "Al", "El", "Ben", "Abu"})
_SEPARATORS = re.compile(r"\s*(?:;|\||\n|\s+and\s+|\s*&\s*|,\s*(?=\S+\s\S)|\d[\d,*†‡§]*|[*†‡§])\s*")
_WORD = re.compile(r"\S+")


def split_authors(text: str) -> tuple[str, ...]:
    """Authors in order, as written.

    >>> split_authors("Ann Lee SmithJosé McDonaldLi Wei")
    ('Ann Lee Smith', 'José McDonald', 'Li Wei')
    >>> split_authors("Braun APGOtoukesh S")
    ('Braun APG', 'Otoukesh S')
    """
    parts = (part for chunk in _SEPARATORS.split(text.strip().rstrip(".")) for part in _run_together(chunk))
    return tuple(name for part in parts if (name := part.strip(" ,;")))


def _run_together(text: str) -> list[str]:
    """The text cut where one name ends and the next begins without a space."""
    cuts = [0, *(m.start() + cut for m in _WORD.finditer(text) for cut in _cuts(m[0], first=m.start() == 0)), len(text)]
    return [text[a:b] for a, b in pairwise(cuts)]


def _cuts(word: str, *, first: bool) -> list[int]:
    """Where one word is the end of one name and the beginning of the next."""
    found, start = [], 0
    for at in range(1, len(word)):
        if not word[at].isupper():
            continue
        piece = word[start:at]
        ends_name = word[at - 1].islower() and piece not in _PREFIXES
        ends_initials = (
            piece.isalpha() and piece.isupper() and len(piece) <= 4 and word[at + 1 : at + 2].islower() and not first
        )
        if ends_name or ends_initials:
            found.append(at)
            start = at
    return found
