"""The rows of a stretch as columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from stormwatch.cohort.feeds.meds.float32 import written
from stormwatch.cohort.feeds.meds.stretches import Stretch
from stormwatch.engines.columnar.facts import Bools, Floats, Ints
from stormwatch.engines.columnar.times import BEGINNING, FOREVER
from stormwatch.errors import InputError
from stormwatch.sources.mapped.arrow import BATCH, opened_parquet

_NUMBERS = ("numeric_value", "value")


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Rows in the order of their file.

    ``code`` is a place in ``words``. ``time`` is in microseconds as the clock showed, or since 1970 where ``zoned``;
    ``timeless`` rows have none. ``number`` is the decimal that was written, not a number where there is none.
    ``text`` is None where no row has any. ``row`` counts from 1 in the file, which is a place in ``files``. ``rank``
    orders rows of one time: written as a text, as the reader does.
    """

    subject: Ints
    code: Ints
    words: tuple[str, ...]
    time: Ints
    timeless: Bools
    zoned: bool
    number: Floats
    text: Any
    row: Ints
    rank: Ints
    file: Ints
    files: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.subject)


def events_of(stretch: Stretch) -> Events:
    """Read the rows of a stretch.

    Raises:
        InputError: the shard is broken, lacks a column, or has a row without a code.
    """
    with opened_parquet(stretch.path), parquet.ParquetFile(stretch.path, read_dictionary=["code"]) as file:
        table = pa.Table.from_batches(_batches(file, stretch, columns_of(file, stretch.name)))
    row = np.arange(stretch.start + 1, stretch.stop + 1)
    return from_table(table, Places(row, row, np.zeros(len(row), np.int64), (stretch.name,)))


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where rows stand: see ``Events``."""

    row: Ints
    rank: Ints
    file: Ints
    files: tuple[str, ...]


def from_table(table: Any, places: Places) -> Events:
    """The columns of some rows: subject, time, code, number and, where there is one, text."""
    if table.column(2).null_count:
        name = places.files[0] if len(places.files) == 1 else "the record"
        raise InputError(f"{name}: {table.column(2).null_count} rows have no code; MEDS asks for it")
    code = table.column(2)
    if not pa.types.is_dictionary(code.type):
        code = code.dictionary_encode()
    code = code.unify_dictionaries().combine_chunks()
    time, timeless, zoned = _times(table.column(1))
    return Events(
        subject=table.column(0).to_numpy().astype(np.int64, copy=False),
        code=code.indices.to_numpy().astype(np.int64, copy=False),
        words=tuple(code.dictionary.to_pylist()),
        time=time,
        timeless=timeless,
        zoned=zoned,
        number=_numbers(table.column(3)),
        text=table.column(4) if table.num_columns > 4 and table.column(4).null_count < len(table) else None,
        row=places.row,
        rank=places.rank,
        file=places.file,
        files=places.files,
    )


def columns_of(file: Any, name: str) -> list[str]:
    """The columns that are read, in the order of ``from_table``. Raises InputError when one is missing."""
    have = set(file.schema_arrow.names)
    number = next((column for column in _NUMBERS if column in have), None)
    missing = [column for column in ("subject_id", "time", "code") if column not in have]
    if missing or number is None:
        lacking = ", ".join([*missing, *([] if number else [_NUMBERS[0]])])
        raise InputError(f"{name}: no column {lacking}; a MEDS shard must have them")
    return ["subject_id", "time", "code", number, *(["text_value"] if "text_value" in have else [])]


def _batches(file: Any, stretch: Stretch, columns: list[str]) -> Iterator[Any]:
    """The record batches of the stretch, from the row groups it lies in."""
    start = 0
    for group in range(file.metadata.num_row_groups):
        stop = start + file.metadata.row_group(group).num_rows
        if start < stretch.stop and stop > stretch.start:
            yield from _of_group(file, group, start, stretch, columns)
        start = stop


def _of_group(file: Any, group: int, start: int, stretch: Stretch, columns: list[str]) -> Iterator[Any]:
    for batch in file.iter_batches(2 * BATCH, row_groups=[group], columns=columns, use_threads=False):
        first, last = max(stretch.start - start, 0), min(stretch.stop - start, batch.num_rows)
        if last <= 0:
            return
        if first < last:
            yield batch.slice(first, last - first)
        start += batch.num_rows


def _times(column: Any) -> tuple[Ints, Bools, bool]:
    """Microseconds, where there is none, and whether they are counted in UTC already."""
    kind = column.type
    if not pa.types.is_timestamp(kind):
        raise InputError("the column time holds no times; MEDS asks for timestamps")
    moments = pc.cast(column, pa.timestamp("us", kind.tz), safe=False).combine_chunks().cast(pa.int64())
    timeless = moments.is_null().to_numpy(zero_copy_only=False)
    found = moments.fill_null(0).to_numpy()
    if len(found) and not (found.min() >= BEGINNING and found.max() <= FOREVER):
        raise InputError("the column time holds times outside the calendar (years 1 to 9999)")
    return found, timeless, kind.tz is not None


def _numbers(column: Any) -> npt.NDArray[np.float64]:
    """float32 becomes the decimal that was written; whole numbers and float64 are what they are."""
    values = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if pa.types.is_float32(values.type):
        return written(values.to_numpy(zero_copy_only=False))
    found: npt.NDArray[np.float64] = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found
