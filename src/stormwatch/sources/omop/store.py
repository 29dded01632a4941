"""Where OMOP tables are kept: one protocol, two implementations, the same SQL text for both."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from stormwatch.errors import InputError
from stormwatch.sources.omop.tables import ALL, PEOPLE, PERSON, Table
from stormwatch.sources.opening import StrPath

_POSTGRES = ("postgresql://", "postgres://")


class Store(Protocol):
    """Tables that can be queried. SQL uses ``?`` for parameters, and runs on DuckDB and on PostgreSQL."""

    name: str
    """The store in messages: never an address, which may hold a password."""

    def columns(self, table: Table) -> frozenset[str]:
        """Names of the columns, in lower case; none when the store has no such table."""

    def rows(self, table: str, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, as a stream.

        Raises:
            InputError: the store cannot be read any further; the message says how many rows were.
        """

    def close(self) -> None: ...


def open_store(where: StrPath, schema: str = "") -> Store:
    """Open a folder, a DuckDB file or a PostgreSQL database, and check that its tables can be read.

    Raises:
        InputError: there is none, it has no table ``person``, or a table lacks a column that is needed.
        UsageError: the package that reads it is not installed.
    """
    from stormwatch.sources.omop.duck import DuckStore
    from stormwatch.sources.omop.postgres import PostgresStore

    address = os.fspath(where)
    store: Store = PostgresStore(address, schema) if address.startswith(_POSTGRES) else DuckStore(address, schema)
    try:
        _check(store)
    except InputError:
        store.close()
        raise
    return store


def so_far(read: Counter[str]) -> str:
    """How many rows of which table were read, for the message of a read that broke off."""
    return ", ".join(f"{table} {rows:,}" for table, rows in read.items() if rows) or "none"


def _check(store: Store) -> None:
    if not store.columns(PEOPLE):
        raise InputError(f"{store.name}: there is no table person; name the folder, file or schema of the OMOP tables")
    for table in ALL:
        have = store.columns(table)
        missing = [c for c in _needed(table) if have and c not in have]
        if missing:
            raise InputError(f"{store.name}: table {table.name} has no column {', '.join(missing)}")


def _needed(table: Table) -> list[str]:
    columns = [table.columns[role] for role in table.needed]
    return columns if "ancestor" in table.columns or table.name == "concept" else [PERSON, *columns]
