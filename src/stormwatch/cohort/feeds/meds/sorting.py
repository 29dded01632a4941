"""A MEDS record in any order: DuckDB sorts it by patient, on disk where memory does not suffice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from stormwatch.cohort.feeds.feed import Chunk
from stormwatch.cohort.feeds.meds.alike import NUMBER, columns_of_each
from stormwatch.cohort.feeds.meds.columns import portion_of
from stormwatch.cohort.feeds.meds.events import Places, from_table
from stormwatch.cohort.feeds.meds.feed import code_map
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.views import numbers
from stormwatch.cohort.portion import Portion
from stormwatch.errors import InputError
from stormwatch.sources.meds.shards import number_of_rows, shards

ROWS = 150_000
_ALONE, _SHARED = "300MB", "120MB"
"""What DuckDB may hold while it sorts, so that all processes together stay below 1 GB: with one there is room for more,
which is quicker, for less goes to the disk and back."""
_BATCH = 100_000
_FIRST_RANK = 10**17  # ranks of one length are in the order of their numbers as texts, too


@dataclass(frozen=True, slots=True)
class SortedChunk:
    """Rows that were read already, of whole patients, in order."""

    source: Source
    table: Any
    first: int
    files: tuple[str, ...]

    def portion(self) -> Portion:
        assert self.source.map is not None
        file, row = (numbers(self.table.column(name)) for name in ("file", "row"))
        first = _FIRST_RANK + self.first
        events = from_table(
            self.table.drop_columns(["file", "row"]), Places(row, range(first, first + len(row)), file, self.files)
        )
        return portion_of(events, code_map(self.source.map), self.source)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process is sent these rows alone, not the larger table they are part of."""
        return _unpacked, (self.source, _packed(self.table), self.first, self.files)


def _unpacked(source: Source, packed: bytes, first: int, files: tuple[str, ...]) -> SortedChunk:
    return SortedChunk(source, pa.ipc.open_stream(packed).read_all(), first, files)


class SortedFeed:
    """Chunks of whole patients, by subject. The sort is repeated when a run is taken up.

    ``processes``: how many work on the chunks.
    """

    def __init__(self, source: Source, processes: int = 1) -> None:
        self._source = source
        self._memory = _ALONE if processes == 1 else _SHARED
        self._shards = shards(source.path)
        code_map(source.map or "")
        self.rows = number_of_rows(source.path)

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        files, first = tuple(name for _, name in self._shards), 0
        with TemporaryDirectory(prefix="stormwatch-") as spill:
            for number, table in enumerate(whole_patients(self._sorted(spill))):
                yield None if number in done else SortedChunk(self._source, table, first, files)
                first += len(table)

    def _sorted(self, spill: str) -> Iterator[Any]:
        """The rows in order, batch by batch."""
        settings: Any = {"memory_limit": self._memory, "threads": 2, "temp_directory": spill}
        with duckdb.connect(":memory:", config=settings) as connection:
            try:
                connection.execute("SET GLOBAL TimeZone = 'UTC'")
                every = " UNION ALL ".join(self._selects())
                connection.execute(
                    f"CREATE TYPE word AS ENUM (SELECT DISTINCT code FROM ({every}) WHERE code IS NOT NULL)"
                )
                order = "subject_id, time NULLS FIRST, file, row"
                rows = f"SELECT * REPLACE (code::word AS code) FROM ({every}) ORDER BY {order}"
                yield from connection.sql(rows).to_arrow_reader(_BATCH)
            except duckdb.Error:
                name = Path(self._source.path).name
                raise InputError(
                    f"{name}: the record cannot be sorted: a shard is broken, or the disk is full"
                ) from None

    def _selects(self) -> list[str]:
        """The rows of each file; all files store numbers in the same way."""
        columns = columns_of_each(self._shards, self._source.name, alike=(NUMBER,))
        files = [path for path, _ in self._shards]
        return [_select(path, of, place) for place, (path, of) in enumerate(zip(files, columns, strict=True))]


def _select(shard: Path, columns: list[str], place: int) -> str:
    path = "'" + str(shard).replace("'", "''") + "'"
    number = f"{columns[3]} AS number"
    text = "text_value" if len(columns) > 4 else "NULL::VARCHAR AS text_value"
    return (
        f"SELECT subject_id, time, code, {number}, {text}, {place} AS file, file_row_number + 1 AS row "
        f"FROM read_parquet({path}, file_row_number = true)"
    )


def whole_patients(batches: Iterator[Any]) -> Iterator[Any]:
    """The rows in tables that end with a patient, cut at the same places however the batches come."""
    held: list[Any] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        while rows >= 2 * ROWS:
            table = pa.Table.from_batches(held)
            cut = _cut(table)
            if cut is None:
                break
            yield table.slice(0, cut)
            held, rows = table.slice(cut).to_batches(), rows - cut
    if rows:
        yield pa.Table.from_batches(held)


def _cut(table: Any) -> int | None:
    """The first row of a patient at or after so many rows."""
    subject = numbers(table.column("subject_id"))
    if (subject[1:] < subject[:-1]).any():
        raise InputError("the rows came back from the sort in another order; do not use this version of DuckDB")
    starts = np.flatnonzero(subject[ROWS:] != subject[ROWS - 1 : -1])
    return int(starts[0]) + ROWS if len(starts) else None


def _packed(table: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed
