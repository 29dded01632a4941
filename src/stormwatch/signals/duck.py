"""The embedded DuckDB that reads, sorts and writes Parquet. It fetches nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stormwatch.errors import UsageError

if TYPE_CHECKING:
    import duckdb

_SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def connect(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A connection of its own in memory. Rows go to disk only in ``spill``, and only when memory does not hold them.

    Raises:
        UsageError: DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise UsageError('signals need the package duckdb; install it: pip install "stormwatch[signals]"') from None
    connection = duckdb.connect(":memory:", config={**_SETTINGS, "temp_directory": str(spill or "")})
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET enable_progress_bar = false")
    return connection


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C inside a query is the interrupt of the person at the keyboard, like anywhere else."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException:
        raise KeyboardInterrupt from None


def text(value: str | Path) -> str:
    """A text as SQL writes it.

    >>> text("O'Hara")
    "'O''Hara'"
    """
    return "'" + str(value).replace("'", "''") + "'"


def name(value: str) -> str:
    """A column name as SQL writes it.

    >>> name("case")
    '"case"'
    """
    return '"' + value.replace('"', '""') + '"'


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    """Write the rows of a query."""
    with interruptible():
        connection.execute(f"COPY ({query}) TO {text(target)} (FORMAT parquet, COMPRESSION lz4_raw)")


def dicts(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries."""
    with interruptible():
        cursor = connection.execute(query, list(parameters))
        columns = [column[0] for column in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
