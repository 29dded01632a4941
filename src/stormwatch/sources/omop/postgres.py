"""OMOP tables in a PostgreSQL schema: one read-only transaction, so that all tables show the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from stormwatch.errors import InputError, UsageError
from stormwatch.sources.omop.store import so_far
from stormwatch.sources.omop.tables import Table

_BATCH = 2000
_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = COALESCE(NULLIF(?, ''), current_schema())
"""


class PostgresStore:
    """Rows come through server-side cursors. Tables have the data model's own lower-case names."""

    name = "the PostgreSQL database"

    def __init__(self, address: str, schema: str) -> None:
        self._psycopg = _psycopg()
        self._numbers = count()
        self._open: list[Any] = []
        self._read: Counter[str] = Counter()
        self._connection = self._connect(address)
        try:
            self._prepare(schema)
            self._columns = self._find_columns(schema)
        except InputError:
            self.close()
            raise

    def columns(self, table: Table) -> frozenset[str]:
        return self._columns.get(table.name, frozenset())

    def rows(self, table: str, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self._connection.cursor(name=f"stormwatch_{next(self._numbers)}")
            self._open.append(cursor)
            cursor.itersize = _BATCH
            cursor.execute(sql.replace("?", "%s"), list(parameters))
            for row in cursor:
                yield row
                self._read[table] += 1
            cursor.close()
            self._open.remove(cursor)
        except self._psycopg.Error as problem:
            raise InputError(
                f"{self.name}: {_reason(problem)} while table {table} was read; rows read until then: "
                f"{so_far(self._read)}"
            ) from None

    def close(self) -> None:
        self._connection.close()
        for cursor in self._open:
            cursor.close()

    def _connect(self, address: str) -> Any:
        # What the driver says of an address may repeat it, and with it the password: only its kind is told.
        try:
            return self._psycopg.connect(address, application_name="stormwatch")
        except self._psycopg.ProgrammingError:
            problem = "the address is not of the form postgresql://user@host:port/database"
        except self._psycopg.Error:
            problem = "no connection; check host, port, database, user and password"
        raise InputError(f"{self.name}: {problem}")

    def _find_columns(self, schema: str) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for table, column in self.rows("information_schema.columns", _COLUMNS, [schema]):
            found.setdefault(table, set()).add(column)
        self._read.clear()
        return {table: frozenset(columns) for table, columns in found.items()}

    def _prepare(self, schema: str) -> None:
        from psycopg import IsolationLevel
        from psycopg.sql import SQL, Identifier

        self._connection.read_only = True
        self._connection.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            self._connection.execute("SET datestyle TO ISO, YMD")
            self._connection.execute("SET timezone TO 'UTC'")
            if schema:
                self._connection.execute(SQL("SET search_path TO {}").format(Identifier(schema)))
        except self._psycopg.Error as problem:
            raise InputError(f"{self.name}: {_reason(problem)} while the session was prepared") from None


def _reason(problem: Any) -> str:
    state = getattr(problem, "sqlstate", None) or ""
    if state == "42501":
        return "the user has no right to read"
    # 080.. is a broken connection, 57P.. a server that ends it; a connection that is simply gone has no state.
    return "the connection was lost" if state[:3] in {"", "080", "57P"} else f"the server refused (SQLSTATE {state})"


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError:
        raise UsageError(
            'reading PostgreSQL needs the package psycopg; install it: pip install "stormwatch[postgres]"'
        ) from None
    return psycopg
