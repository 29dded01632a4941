"""Rows that come one by one into the Parquet files of a source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stormwatch.signals.sources.layouts import TABLES, layouts

_BATCH = 50_000


def columns_of(table: str) -> tuple[str, ...]:
    """Our columns of a table, whatever the source."""
    return tuple(layouts()["faers"].tables[table].columns)


class RowWriter:
    """Writes all tables of a source; a table without rows is an empty file."""

    def __init__(self, target: Path) -> None:
        self._schemas = {table: pa.schema([(c, pa.string()) for c in columns_of(table)]) for table in TABLES}
        self._writers = {
            table: pq.ParquetWriter(target / f"{table}.parquet", schema, compression="lz4")
            for table, schema in self._schemas.items()
        }
        self._held: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        self.rows: dict[str, int] = dict.fromkeys(TABLES, 0)

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        self.rows[table] += 1
        self._held[table].append(row)
        if len(self._held[table]) >= _BATCH:
            self._write(table)

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for table, writer in self._writers.items():
            if kind is None:
                self._write(table)
            writer.close()

    def _write(self, table: str) -> None:
        rows = self._held.pop(table, [])
        columns = [[row.get(field.name) for row in rows] for field in self._schemas[table]]
        self._writers[table].write_table(pa.table(columns, schema=self._schemas[table]))
