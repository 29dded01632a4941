"""Marks that tell one publication from another: DOI, PMID, year."""

from __future__ import annotations

import re

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>\]}]+", re.IGNORECASE)
_PMID = re.compile(r"\bPMID\s*:?\s*(\d{4,9})\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")


def find_doi(text: str) -> str:
    """The first DOI in a text, in lower case and without closing punctuation; empty when there is none.

    >>> find_doi("https://doi.org/10.1177/20543581241253921.")
    '10.1177/20543581241253921'
    """
    match = _DOI.search(text)
    return match[0].rstrip(".,;:)").casefold() if match else ""


def find_pmid(text: str) -> str:
    """The first PMID that is called one."""
    match = _PMID.search(text)
    return match[1] if match else ""


def find_year(text: str) -> int | None:
    """The first year in a text such as ``2024 Mar 5``."""
    match = _YEAR.search(text)
    return int(match[1]) if match else None
