"""A reader's decisions about entries of the library, kept by the query they were made for; the last can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stormwatch.errors import UsageError
from stormwatch.literature.library import Library


@dataclass(frozen=True, slots=True)
class Sample:
    """Entries drawn at random, and those they were drawn from: all that were undecided then."""

    drawn: tuple[int, ...]
    drawn_from: tuple[int, ...]


def decisions(library: Library, query: str) -> dict[int, bool]:
    """What was decided for a query: number of the entry, and whether it is relevant. In the order of deciding."""
    question = "SELECT document, relevant FROM decision WHERE query = ? ORDER BY id"
    return {number: bool(relevant) for number, relevant in library.base.execute(question, (_key(query),))}


def decide(library: Library, query: str, numbers: Iterable[int], *, relevant: bool) -> None:
    """Decide about entries; a later decision about one replaces the earlier. Raises UnknownName for a number."""
    with library.base:
        for number in numbers:
            library.document(number)
            library.base.execute(
                "INSERT OR REPLACE INTO decision (query, document, relevant) VALUES (?, ?, ?)",
                (_key(query), number, relevant),
            )


def undo(library: Library, query: str) -> int:
    """Take back the last decision for a query, and say about which entry it was. Raises UsageError without one."""
    with library.base:
        question = "SELECT id, document FROM decision WHERE query = ? ORDER BY id DESC LIMIT 1"
        row = library.base.execute(question, (_key(query),)).fetchone()
        if row is None:
            raise UsageError("nothing has been decided for this query; there is nothing to take back")
        library.base.execute("DELETE FROM decision WHERE id = ?", (row[0],))
    return int(row[1])


def draw(library: Library, query: str, numbers: Iterable[int], count: int, seed: int) -> Sample:
    """Draw undecided entries at random, to be decided whatever their rank. An earlier sample is given up.

    Raises:
        UsageError: there are fewer undecided ones than are to be drawn.
    """
    import random

    decided = decisions(library, query)
    undecided = [number for number in numbers if number not in decided]
    if not 0 < count <= len(undecided):
        raise UsageError(f"{count} cannot be drawn from {len(undecided)} undecided ones")
    drawn = set(random.Random(seed).sample(undecided, count))
    with library.base:
        library.base.execute("DELETE FROM sample WHERE query = ?", (_key(query),))
        rows = [(_key(query), number, number in drawn) for number in undecided]
        library.base.executemany("INSERT INTO sample (query, document, drawn) VALUES (?, ?, ?)", rows)
    return Sample(tuple(number for number in undecided if number in drawn), tuple(undecided))


def sample(library: Library, query: str) -> Sample | None:
    """The sample drawn for a query, or None."""
    question = "SELECT document, drawn FROM sample WHERE query = ? ORDER BY rowid"
    rows = library.base.execute(question, (_key(query),)).fetchall()
    if not rows:
        return None
    return Sample(tuple(number for number, drawn in rows if drawn), tuple(number for number, _ in rows))


def _key(query: str) -> str:
    return " ".join(query.split())
