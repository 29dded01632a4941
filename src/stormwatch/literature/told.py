"""The cases that publications tell, read once and kept in the library for as long as they would be read the same."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.abc import Traversable
from importlib.resources import files

from stormwatch._version import version
from stormwatch.literature.case import Case, case_of_report
from stormwatch.literature.library import Library
from stormwatch.sources.text import Document, read_document
from stormwatch.sources.text.records import patients_of_reading

_TABLE = """
CREATE TABLE IF NOT EXISTS told (
    document INTEGER PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,
    content TEXT NOT NULL, reader TEXT NOT NULL, cases TEXT NOT NULL
)
"""
_READING = ("facts", "terms", "analytes", "logic", "sources", "literature/case.py", "literature/told.py")
"""Where the rules and tables are that decide how a report is read."""

_KEPT_EVERY = 100


class Told:
    """The cases of a library's publications. What is kept of another text or another reader is not used.

    A library that cannot be written is read anew each time; that is slower and no error.
    """

    def __init__(self, library: Library) -> None:
        self.library = library
        self._new: list[tuple[int, str, str, str]] = []

    def __enter__(self) -> Told:
        return self

    def __exit__(self, *_: object) -> None:
        self._keep()

    def cases(self, number: int) -> tuple[Case, ...]:
        """Every patient of one entry, without its document and year. Raises UnknownName without such an entry."""
        document = self.library.document(number)
        content = fingerprint(document)
        kept = self._kept(number, content)
        if kept is not None:
            return tuple(_cases(kept))
        found = tuple(read_cases(document))
        self._new.append((number, content, reader(), _json(found)))
        if len(self._new) == _KEPT_EVERY:
            self._keep()
        return found

    def _kept(self, number: int, content: str) -> str | None:
        question = "SELECT cases FROM told WHERE document = ? AND content = ? AND reader = ?"
        try:
            row = self.library.base.execute(question, (number, content, reader())).fetchone()
        except sqlite3.OperationalError:  # no such table yet
            return None
        return None if row is None else str(row[0])

    def _keep(self) -> None:
        if not self._new:
            return
        try:
            with self.library.base as base:
                base.execute(_TABLE)
                base.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)", self._new)
        except sqlite3.OperationalError:  # read-only, or in use: what was read is right all the same
            pass
        self._new.clear()


def read_cases(document: Document) -> Iterator[Case]:
    """Every patient of a publication, read from its text."""
    reading = read_document(document)
    for patient in patients_of_reading(reading):
        case = case_of_report(reading, patient)
        yield Case(case.facts, case.drugs, case.events, patient=case.patient, prior_reports=case.prior_reports)


def fingerprint(document: Document) -> str:
    """Of what is read of a document: title, text and where its parts are."""
    parts = [document.title, document.text, *((s.name, s.start, s.end) for s in document.sections), document.keyphrases]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@cache
def reader() -> str:
    """What tells one reader from another: the version of the software, and every rule and table that reading uses."""
    found = hashlib.sha256(version().encode())
    for part in _READING:
        for file in _files(files("stormwatch").joinpath(part)):
            found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def _files(place: Traversable) -> Iterator[Traversable]:
    if place.is_file():
        if place.name.endswith((".py", ".toml")):
            yield place
        return
    for inside in sorted(place.iterdir(), key=lambda one: one.name):
        yield from _files(inside)


def _json(cases: Iterable[Case]) -> str:
    return json.dumps(
        [
            {
                "facts": [[*statement, sorted(words)] for statement, words in sorted(case.facts.items())],
                "drugs": sorted(case.drugs),
                "events": sorted(case.events),
                "patient": case.patient,
                "prior_reports": case.prior_reports,
            }
            for case in cases
        ]
    )


def _cases(text: str) -> Iterator[Case]:
    for row in json.loads(text):
        facts = {(kind, name): frozenset(words) for kind, name, words in row["facts"]}
        yield Case(
            facts, frozenset(row["drugs"]), frozenset(row["events"]), patient=row["patient"],
            prior_reports=row["prior_reports"],
        )  # fmt: skip
