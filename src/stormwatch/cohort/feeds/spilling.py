"""Rows of a table brought together by patient: on disk, whatever their number and order."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

from stormwatch.cohort.feeds.layouts import Row
from stormwatch.errors import UsageError

_MEMORY = "120MB"
_BATCH = 5_000
_SCHEMA = pa.schema({"owner": pa.string(), "number": pa.int64(), "place": pa.string(), "held": pa.binary()})
_GROUPS = """
CREATE TABLE patient AS
SELECT owner, min(number) AS first, count(*) AS rows FROM line GROUP BY owner
"""
_LARGE = (
    "SELECT owner, place, rows FROM patient JOIN line USING (owner) WHERE rows > ? AND number = first ORDER BY first"
)
_ROWS = """
SELECT owner, place, held FROM line JOIN patient USING (owner)
WHERE rows <= ? OR owner = '' ORDER BY owner <> '', first, number
"""


@dataclass(frozen=True, slots=True)
class Large:
    """A patient with too many rows: who, the place of the first of them, and how many."""

    patient: str
    place: str
    rows: int


class Spilled:
    """Rows in a database of its own, which is there as long as the block.

    Raises:
        UsageError: the folder cannot be written to, or the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        settings: Any = {"memory_limit": _MEMORY, "threads": 1, "temp_directory": str(folder / "spill")}
        try:
            self._connection = duckdb.connect(str(folder / "rows.duckdb"), config=settings)
        except duckdb.Error:
            raise _unwritable() from None

    def __enter__(self) -> Spilled:
        return self

    def __exit__(self, kind: type[BaseException] | None, what: BaseException | None, at: TracebackType | None) -> None:
        with suppress(duckdb.Error):  # what could not be written is told of already
            self._connection.close()

    def take(self, rows: Iterable[Row]) -> int:
        """Keep rows, in the order in which they come; how many they are."""
        self._run("CREATE TABLE line (owner VARCHAR, number BIGINT, place VARCHAR, held BLOB)")
        numbered = ((whose, n, place, pickle.dumps(held)) for n, (whose, place, held) in enumerate(rows))
        while some := list(islice(numbered, _BATCH)):
            self._add(some)
        self._run(_GROUPS)
        return int(self._run("SELECT count(*) FROM line").fetchall()[0][0])

    def patients(self) -> int:
        return int(self._run("SELECT count(*) FROM patient WHERE owner <> ''").fetchall()[0][0])

    def large(self, most: int) -> list[Large]:
        """The patients with more rows than this."""
        return [Large(*row) for row in self._run(_LARGE, [most]).fetchall() if row[0]]

    def rows(self, most: int) -> Iterator[tuple[str, str, bytes]]:
        """Nobody's rows, then those of each other patient, by first appearance."""
        try:
            for batch in self._connection.sql(_ROWS, params=[most]).to_arrow_reader(_BATCH):
                yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
        except duckdb.Error:
            raise _unwritable() from None

    def _add(self, rows: list[tuple[str, int, str, bytes]]) -> None:
        columns = [pa.array(column, kind.type) for column, kind in zip(zip(*rows, strict=True), _SCHEMA, strict=True)]
        self._connection.register("more", pa.Table.from_arrays(columns, schema=_SCHEMA))
        self._run("INSERT INTO line SELECT * FROM more")
        self._connection.unregister("more")

    def _run(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        try:
            return self._connection.execute(sql, list(parameters))
        except duckdb.Error:
            raise _unwritable() from None


def _unwritable() -> UsageError:
    return UsageError(
        "the rows cannot be brought together by patient: the folder cannot be written to, or the disk is full; "
        "what is finished is kept"
    )
