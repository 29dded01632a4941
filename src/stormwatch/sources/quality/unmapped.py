"""Names and codes that were not read, and the analyte that each most likely means."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from itertools import combinations
from typing import Any

from stormwatch import analytes

MOST = 100
"""How many are listed; the rest is counted."""

_LEAST_ALIKE = 0.8
_SHORTEST = 4
_NOT_LETTERS = re.compile(r"[\W_]+")
_KIND_AND_CODE = re.compile(r"^(?:Observation\s+)?(?:[\d-]+\s+)?")


def unmapped(outside: Counter[str]) -> dict[str, Any]:
    """The most frequent labels with a suggestion each, and how many labels there are."""
    listed = [{"label": label, "rows": rows, **_suggested(label)} for label, rows in outside.most_common(MOST)]
    return {"labels": len(outside), "listed": listed}


def likeliest(label: str) -> str:
    """The analyte with a name most like the label, or like a part of it, for a person to check; empty where none is.

    >>> likeliest("Ferritine, serum"), likeliest("Neutrophils auto %"), likeliest("Diet order")
    ('ferritin', 'neutrophils_percent', '')
    """
    texts = _pieces(_folded(_KIND_AND_CODE.sub("", label)).split())
    pairs = ((text, name) for text in texts for name in get_close_matches(text, _names(), n=1, cutoff=_LEAST_ALIKE))
    best = max(pairs, key=_alike, default=None)
    return _names()[best[1]] if best else ""


def _pieces(words: list[str]) -> list[str]:
    """Every run of words that is long enough to mean something, and the first word with the last."""
    runs = (" ".join(words[start:end]) for start, end in combinations(range(len(words) + 1), 2))
    ends = f"{words[0]} {words[-1]}" if words else ""
    return [text for text in dict.fromkeys((*runs, ends)) if len(text) >= _SHORTEST]


def _alike(pair: tuple[str, str]) -> tuple[float, int]:
    return SequenceMatcher(None, *pair).ratio(), len(pair[0])


def _suggested(label: str) -> dict[str, str]:
    analyte = likeliest(label)
    return {"suggestion": analyte, "title": analytes.analyte(analyte).title if analyte else ""}


@cache
def _names() -> dict[str, str]:
    return {_folded(name): id_ for id_, each in analytes.catalogue().items() for name in (*each.names, each.title, id_)}


def _folded(text: str) -> str:
    return _NOT_LETTERS.sub(" ", text.casefold().replace("%", " percent ")).strip()
