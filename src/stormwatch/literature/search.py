"""Searching the library: what matches a query, the best first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from stormwatch.literature.library import Library
from stormwatch.literature.matching import Match


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that matches. ``rank`` is the BM25 of SQLite with equal weights of its columns; lower is better."""

    number: int
    title: str
    journal: str
    year: int | None
    doi: str
    pmid: str
    rank: float


_FOUND = (
    "SELECT d.id, d.title, d.journal, d.year, d.doi, d.pmid, w.rank FROM words w JOIN document d ON d.id = w.rowid "
    "WHERE words MATCH ? ORDER BY w.rank, d.id"
)


def search(library: Library, match: Match, limit: int | None = None) -> list[Hit]:
    """The entries that match, the best first."""
    rows = library.base.execute(f"{_FOUND} LIMIT ?", (match.expression, -1 if limit is None else limit))
    return [Hit(*row) for row in rows]


def count(library: Library, match: Match) -> int:
    """How many entries match."""
    question = "SELECT count(*) FROM words WHERE words MATCH ?"
    (found,) = library.base.execute(question, (match.expression,)).fetchone()
    return int(found)


def among(library: Library, match: Match, numbers: Collection[int]) -> list[int]:
    """Of some entries those that match, the best first."""
    wanted = set(numbers)
    return [hit.number for hit in search(library, match) if hit.number in wanted]
