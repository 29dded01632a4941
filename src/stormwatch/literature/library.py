"""The library: publications in one SQLite file, each once, with an index of their words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from stormwatch.errors import UnknownName
from stormwatch.facts import Origin
from stormwatch.literature.folding import fold
from stormwatch.literature.schema import connect
from stormwatch.sources.text import Document, Section, joined
from stormwatch.sources.text.documents.joining import folded_title

_SAME = (
    ("doi", "SELECT id FROM document WHERE doi = ? AND doi != ''"),
    ("pmid", "SELECT id FROM document WHERE pmid = ? AND pmid != ''"),
    ("title and year", "SELECT id FROM document WHERE folded_title = ?"),
)
_COLUMNS = "content, title, folded_title, journal, year, doi, pmid"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one document: its number in the library and, where it was there already, by what it was known.

    ``by`` is empty for a new one, else ``doi``, ``pmid`` or ``title and year``. ``absorbed`` are numbers of other
    entries that the document showed to be the same publication.
    """

    number: int
    title: str
    by: str = ""
    absorbed: tuple[int, ...] = ()


class Library:
    """An open library.

    >>> from stormwatch.sources.text import document_of
    >>> with library(None) as one:
    ...     added = one.add([document_of("A case of fever\\n\\nA woman had fever after a drug.")])
    ...     one.numbers()
    [1]
    """

    def __init__(self, base: sqlite3.Connection) -> None:
        self.base = base

    def add(self, documents: Iterable[Document]) -> list[Added]:
        """Add documents, all or none. One that is there already is joined with its entry.

        Two are the same when DOI or PMID agree, or when folded title and year agree and no mark contradicts. The
        longest text is kept, what it does not say of itself is taken from the other, and all sources are listed.
        """
        with self.base:
            return [self._add(document) for document in documents]

    def document(self, number: int) -> Document:
        """One entry. Raises UnknownName when there is no such number."""
        row = self.base.execute("SELECT content FROM document WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise UnknownName(f"the library has no entry {number}")
        return _document(row[0])

    def numbers(self) -> list[int]:
        """The numbers of all entries."""
        return [number for (number,) in self.base.execute("SELECT id FROM document ORDER BY id")]

    def __len__(self) -> int:
        (count,) = self.base.execute("SELECT count(*) FROM document").fetchone()
        return int(count)

    def _add(self, document: Document) -> Added:
        same = list(self._same(document))
        if not same:
            return Added(self._insert(document), document.title)
        (number, by), others = same[0], tuple(number for number, _ in same[1:])
        there = self.document(number)
        for other in (number, *others):
            (document,) = joined([self.document(other), document])
        document = replace(document, sources=tuple(dict.fromkeys(document.sources)))
        for other in others:
            self._hand_over(other, number)
        if document != there:
            self._replace(document, number)
        return Added(number, document.title, by, others)

    def _same(self, document: Document) -> Iterator[tuple[int, str]]:
        """The entries that are this publication, and by what; the rule is that of ``joined``."""
        marks = (document.doi, document.pmid, folded_title(document.title))
        seen: set[int] = set()
        for (by, question), mark in zip(_SAME, marks, strict=True):
            for (number,) in self.base.execute(question, (mark,)) if mark else ():
                if number not in seen and len(joined([self.document(number), document])) == 1:
                    seen.add(number)
                    yield number, by

    def _insert(self, document: Document) -> int:
        row = _row(document)
        places = ", ".join("?" * len(row))
        number = self.base.execute(f"INSERT INTO document ({_COLUMNS}) VALUES ({places})", row).lastrowid
        assert number is not None
        self._index(document, number)
        return number

    def _replace(self, document: Document, number: int) -> None:
        row = _row(document)
        places = ", ".join("?" * len(row))
        self.base.execute(f"UPDATE document SET ({_COLUMNS}) = ({places}) WHERE id = ?", (*row, number))
        self.base.execute("DELETE FROM words WHERE rowid = ?", (number,))
        self._index(document, number)

    def _index(self, document: Document, number: int) -> None:
        words = (number, *_words(document))
        self.base.execute("INSERT INTO words (rowid, title, body, keyphrases) VALUES (?, ?, ?, ?)", words)

    def _hand_over(self, old: int, new: int) -> None:
        """Decisions about an entry that turns out to be another go to that one; its own stand first."""
        for table in ("decision", "sample"):
            self.base.execute(f"UPDATE OR IGNORE {table} SET document = ? WHERE document = ?", (new, old))
            self.base.execute(f"DELETE FROM {table} WHERE document = ?", (old,))
        self.base.execute("DELETE FROM words WHERE rowid = ?", (old,))
        self.base.execute("DELETE FROM document WHERE id = ?", (old,))


@contextmanager
def library(path: Path | None, *, create: bool = True) -> Iterator[Library]:
    """The library in a file; without a path one in memory. Raises as ``connect``."""
    with closing(connect(path, create=create)) as base:
        yield Library(base)


def _row(document: Document) -> tuple[Any, ...]:
    folded = folded_title(document.title)
    return (
        _content(document), document.title, folded, document.journal, document.year, document.doi, document.pmid,
    )  # fmt: skip


def _words(document: Document) -> tuple[str, str, str]:
    body = "\n".join(document.text[s.start : s.end] for s in document.prose if s.name != "title")
    return fold(document.title), fold(body), fold("\n".join(document.keyphrases))


def _content(document: Document) -> str:
    row: dict[str, Any] = {f.name: getattr(document, f.name) for f in fields(document)}
    row["sections"] = [(s.name, s.start, s.end) for s in document.sections]
    row["sources"] = [(o.file, o.record) for o in document.sources]
    return json.dumps(row, ensure_ascii=False)


def _document(content: str) -> Document:
    row = json.loads(content)
    return Document(
        row["text"], tuple(Section(*s) for s in row["sections"]), tuple(Origin(*o) for o in row["sources"]),
        row["title"], tuple(row["authors"]), row["journal"], row["year"], row["doi"], row["pmid"],
        tuple(row["keyphrases"]),
    )  # fmt: skip
