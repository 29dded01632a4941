"""The rows of a stretch as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stormwatch.cohort.feeds.meds.float32 import written
from stormwatch.cohort.feeds.meds.stretches import Stretch
from stormwatch.cohort.feeds.views import flags, numbers
from stormwatch.engines.columnar.facts import Bools, Floats, Ints
from stormwatch.engines.columnar.times import BEGINNING, FOREVER
from stormwatch.errors import InputError
from stormwatch.sources.mapped.arrow import opened_parquet

_NUMBERS = ("numeric_value", "value")
_AT_ONCE = 1_000_000
"""Rows of a row group that are decoded together, at most."""


Order = Ints | range
"""Numbers of rows; a range where they stand one after the other."""


def placed(order: Order, rows: Ints) -> Ints:
    """The numbers of some rows."""
    return order.start + rows if isinstance(order, range) else order[rows]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where rows stand: ``row`` counts from 1 in the file, which is a place in ``files``. ``rank`` orders rows of one
    time: written as a text, as the reader does."""

    row: Order
    rank: Order
    file: Ints
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some of the rows as they were read, without copying; see ``Events``. ``timeless`` is None where all have times.

    ``stored`` are the numbers as they are stored, with 32 bits or 64.
    """

    subject: Ints
    code: npt.NDArray[np.int32]
    time: Ints
    timeless: Bools | None
    stored: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.subject)


class Events:
    """Rows in the order of their file. Whole columns are put together when they are asked for.

    ``code`` is a place in ``words``. ``time`` is in microseconds as the clock showed, or since 1970 where ``zoned``;
    ``timeless`` rows have none. ``number`` is the decimal that was written, not a number where there is none.
    ``text`` is None where no row has any. For ``row``, ``rank``, ``file`` and ``files`` see ``Places``.
    """

    def __init__(
        self, parts: Sequence[Part], words: tuple[str, ...], text: Any, places: Places, *, zoned: bool
    ) -> None:
        self.parts = parts
        self.words = words
        self.text = text
        self.zoned = zoned
        self.row, self.rank, self.file, self.files = places.row, places.rank, places.file, places.files
        self._ends = np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    @cached_property
    def subject(self) -> Ints:
        return self._whole([part.subject for part in self.parts], np.int64)

    @cached_property
    def code(self) -> npt.NDArray[np.int32]:
        return self._whole([part.code for part in self.parts], np.int32)

    @cached_property
    def time(self) -> Ints:
        return self._whole([part.time for part in self.parts], np.int64)

    @cached_property
    def timeless(self) -> Bools:
        return self._whole([_flags(part) for part in self.parts], np.bool_)

    @cached_property
    def number(self) -> Floats:
        return self._whole([_written(part.stored) for part in self.parts], np.float64)

    def subject_of(self, rows: Ints) -> Ints:
        """The subjects of a few rows."""
        return self._some(rows, lambda part: part.subject)

    def code_of(self, rows: Ints) -> Ints:
        """The codes of a few rows."""
        return self._some(rows, lambda part: part.code).astype(np.int64)

    def number_of(self, rows: Ints) -> Floats:
        """The numbers of a few rows."""
        return _written(self._some(rows, lambda part: part.stored))

    def time_of(self, rows: Ints) -> Ints:
        """The times of a few rows."""
        return self._some(rows, lambda part: part.time)

    def _whole(self, columns: Sequence[npt.NDArray[Any]], kind: Any) -> npt.NDArray[Any]:
        return columns[0] if len(columns) == 1 else np.concatenate(columns) if columns else np.zeros(0, kind)

    def _some(self, rows: Ints, column: Callable[[Part], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        which = np.searchsorted(self._ends, rows, side="right")
        kind = column(self.parts[0]).dtype if self.parts else np.int64
        found = np.empty(len(rows), kind)
        for place in np.unique(which).tolist():
            here = np.flatnonzero(which == place)
            start = self._ends[place] - len(self.parts[place])
            found[here] = column(self.parts[place])[rows[here] - start]
        return found


def _flags(part: Part) -> Bools:
    return np.zeros(len(part), np.bool_) if part.timeless is None else part.timeless


def _written(stored: npt.NDArray[Any]) -> Floats:
    """float32 becomes the decimal that was written; float64 is what it is."""
    return written(stored) if stored.dtype == np.float32 else stored


def events_of(stretch: Stretch) -> Events:
    """Read the rows of a stretch.

    Raises:
        InputError: the shard is broken, lacks a column, or has a row without a code.
    """
    with opened_parquet(stretch.path, dictionaries=["code"]) as file:
        table = pa.Table.from_batches(_pieces(file, stretch, columns_of(file, stretch.name)))
    rows = range(stretch.start + 1, stretch.stop + 1)
    return from_table(table, Places(rows, rows, np.zeros(len(rows), np.int64), (stretch.name,)))


def from_table(table: Any, places: Places) -> Events:
    """The columns of some rows: subject, time, code, number and, where there is one, text."""
    code, time, number = table.column(2), table.column(1), table.column(3)
    if code.null_count:
        name = places.files[0] if len(places.files) == 1 else "the record"
        raise InputError(f"{name}: {code.null_count} rows have no code; MEDS asks for it")
    if not pa.types.is_timestamp(time.type):
        raise InputError("the column time holds no times; MEDS asks for timestamps")
    code = (code if pa.types.is_dictionary(code.type) else code.dictionary_encode()).unify_dictionaries()
    zone = time.type.tz
    columns = {
        "subject": pc.cast(table.column(0), pa.int64()),
        "code": code,
        "time": pc.cast(time, pa.timestamp("us", zone), safe=False),
        "stored": number if pa.types.is_float32(number.type) else pc.cast(number, pa.float64()),
    }
    parts = [_part(batch) for batch in pa.table(columns).to_batches()]
    words = tuple(code.chunk(0).dictionary.to_pylist()) if code.num_chunks else ()
    text = table.column(4) if table.num_columns > 4 and table.column(4).null_count < len(table) else None
    return Events(parts, words, text, places, zoned=zone is not None)


def _part(batch: Any) -> Part:
    subject, code, time, stored = batch.columns
    timeless = flags(time.is_null()) if time.null_count else None
    moments = numbers(time.cast(pa.int64()).fill_null(0) if time.null_count else time.cast(pa.int64()))
    if len(moments) and not (moments.min() >= BEGINNING and moments.max() <= FOREVER):
        raise InputError("the column time holds times outside the calendar (years 1 to 9999)")
    indices = numbers(code.indices).astype(np.int32, copy=False)
    return Part(numbers(subject), indices, moments, timeless, numbers(stored))


def columns_of(file: Any, name: str) -> list[str]:
    """The columns that are read, in the order of ``from_table``. Raises InputError when one is missing."""
    have = set(file.schema_arrow.names)
    number = next((column for column in _NUMBERS if column in have), None)
    missing = [column for column in ("subject_id", "time", "code") if column not in have]
    if missing or number is None:
        lacking = ", ".join([*missing, *([] if number else [_NUMBERS[0]])])
        raise InputError(f"{name}: no column {lacking}; a MEDS shard must have them")
    return ["subject_id", "time", "code", number, *(["text_value"] if "text_value" in have else [])]


def _pieces(file: Any, stretch: Stretch, columns: list[str]) -> Iterator[Any]:
    """The record batches of the stretch, from the row groups it lies in."""
    start = 0
    for group in range(file.metadata.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        first, last = max(stretch.start - start, 0), min(stretch.stop - start, rows)
        if first < last:
            yield from _of_group(file, group, first, last, columns)
        start += rows


def _of_group(file: Any, group: int, first: int, last: int, columns: list[str]) -> Iterator[Any]:
    """Rows of one row group. Of a short beginning no more is decoded than is needed."""
    at_once = min(last, _AT_ONCE)
    start = 0
    for batch in file.iter_batches(at_once, row_groups=[group], columns=columns, use_threads=False):
        if first < start + batch.num_rows:
            skipped = max(first - start, 0)
            yield batch.slice(skipped, last - start - skipped)
        start += batch.num_rows
        if start >= last:
            return
