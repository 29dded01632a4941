"""The tables of the library file, and how it is opened."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from stormwatch.errors import InputError, UsageError

APPLICATION = 0x53744C69  # "StLi": tells a library from any other SQLite file
VERSION = 1

_TABLES = """
CREATE TABLE document (
    id INTEGER PRIMARY KEY, content TEXT NOT NULL,
    title TEXT NOT NULL, folded_title TEXT NOT NULL, journal TEXT NOT NULL, year INTEGER,
    doi TEXT NOT NULL, pmid TEXT NOT NULL
);
CREATE INDEX document_title ON document (folded_title);
CREATE INDEX document_doi ON document (doi) WHERE doi != '';
CREATE INDEX document_pmid ON document (pmid) WHERE pmid != '';
CREATE VIRTUAL TABLE words USING fts5 (title, body, keyphrases, tokenize = 'ascii');
CREATE TABLE decision (
    id INTEGER PRIMARY KEY, query TEXT NOT NULL, document INTEGER NOT NULL REFERENCES document (id),
    relevant INTEGER NOT NULL, UNIQUE (query, document)
);
CREATE TABLE sample (
    query TEXT NOT NULL, document INTEGER NOT NULL REFERENCES document (id), drawn INTEGER NOT NULL,
    UNIQUE (query, document)
);
"""


def connect(path: Path | None, *, create: bool) -> sqlite3.Connection:
    """The open library; without a path one in memory. Its folder is made where it is missing.

    Raises:
        UsageError: the file cannot be written here, or this Python's SQLite has no full-text search.
        InputError: there is no such library yet, or the file is something else.
    """
    if path is not None and not create and not path.is_file():
        raise InputError(f"{path}: there is no library here yet; add files to it with `stormwatch literature add`")
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(":memory:" if path is None else path)
        _prepare(base)
    except OSError as problem:
        raise UsageError(f"{path}: the library cannot be kept here ({problem.strerror})") from None
    except sqlite3.OperationalError as problem:
        raise UsageError(
            f"{path or 'the library'}: it cannot be opened ({problem}); check path and permissions"
        ) from None
    except sqlite3.DatabaseError:
        raise InputError(f"{path}: this file is no library of Stormwatch; name another with --library") from None
    return base


def _prepare(base: sqlite3.Connection) -> None:
    base.execute("PRAGMA foreign_keys = ON")
    (application,) = base.execute("PRAGMA application_id").fetchone()
    (version,) = base.execute("PRAGMA user_version").fetchone()
    (tables,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and (application, version) != (APPLICATION, VERSION):
        raise sqlite3.DatabaseError
    if not tables:
        base.executescript(
            f"BEGIN; {_TABLES} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
        )
