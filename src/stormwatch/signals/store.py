"""A database of spontaneous reports: a folder of Parquet files, and a connection in which each is a view.

raw/source=.../        every table of every source as it was read, with its account
raw/withdrawn.parquet  the union of all lists of withdrawn cases
reports.parquet        every report that was read, with what became of it: nothing is deleted
drugs.parquet ...      the tables of the reports that are cases, with names made one
names.parquet          what each drug name was taken for, by which rule
matches.parquet        pairs of reports that look like one case, with the weight of each field
duplicates.parquet     which of them stands for which
manifest.json          what was read and done, with the counts of every step
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stormwatch.errors import InputError
from stormwatch.signals.duck import connect, text

if TYPE_CHECKING:
    import duckdb

FORMAT = 1
MANIFEST = "manifest.json"
TABLES = (
    *("reports", "drugs", "reactions", "outcomes", "report_sources", "therapies", "indications"),
    *("names", "matches", "duplicates"),
)


class Store:
    """An open database. Use it as a context manager, or close it."""

    def __init__(self, folder: str | Path) -> None:
        """Open a database that ``build`` has written.

        Raises:
            InputError: the folder is no database, or is of another format.
        """
        self.folder = Path(folder)
        self.manifest = _manifest(self.folder)
        self.connection: duckdb.DuckDBPyConnection = connect()
        for table in TABLES:
            self.connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet({text(self.file(table))})")

    def file(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def rows(self, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.connection.execute(query, parameters or []).fetchall()

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    if not file.is_file():
        raise InputError(
            f"{folder.name}: this is no signal database (it has no {MANIFEST}); make one with "
            "`stormwatch signals build RAW -o DB`"
        )
    held: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if held.get("format") != FORMAT:
        raise InputError(f"{folder.name}: the database is of format {held.get('format')}, not {FORMAT}; build it anew")
    return held
