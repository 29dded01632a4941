"""The events of a MEDS record, batch by batch, with their place.

MEDS asks that the events of a subject stand together in one shard. Row groups whose statistics rule a subject out are
not read when that subject is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from stormwatch.errors import InputError
from stormwatch.sources.mapped.arrow import BATCH, column_values, opened_parquet
from stormwatch.sources.mapped.values import cell_text
from stormwatch.sources.opening import StrPath, file_name

_NEEDED = ("subject_id", "time", "code")
_NUMBERS = ("numeric_value", "value")  # the second in tables made flat from MEDS


@dataclass(frozen=True, slots=True)
class Event:
    """One row: ``number`` and ``text`` are empty where the row has none, ``time`` where it is of no moment."""

    subject: str
    code: str
    time: datetime | None
    number: str
    text: str
    file: str
    row: int


def shards(path: StrPath) -> list[tuple[Path, str]]:
    """The Parquet files of a record, each with its name inside it.

    Raises:
        InputError: a folder without ``data/**/*.parquet``.
    """
    root = Path(path)
    if not root.is_dir():
        return [(root, file_name(path))]
    found = sorted((root / "data").rglob("*.parquet"))
    if not found:
        raise InputError(f"{file_name(path)}: the folder has no data/**/*.parquet; give the root of the MEDS data set")
    return [(each, each.relative_to(root).as_posix()) for each in found]


def events(path: StrPath) -> Iterator[Event]:
    """All events. Raises InputError when a shard is broken, lacks a column, or has a row without a subject."""
    for shard, name in shards(path):
        with opened_parquet(shard) as file:
            columns = _columns(file, name)
            start = 0
            for batch in file.iter_batches(BATCH, columns=columns):
                yield from _batch_events(batch, range(start, start + batch.num_rows), name)
                start += batch.num_rows


def events_of(path: StrPath, subject: str) -> Iterator[Event]:
    """The events of one subject, wherever they stand. Raises as ``events``."""
    for shard, name in shards(path):
        with opened_parquet(shard) as file:
            columns = _columns(file, name)
            wanted = _as_id(subject, file)
            for start, group in _groups(file) if wanted is not None else ():
                if _may_hold(file, group, wanted):
                    yield from _group_events(file, group, start, columns, wanted, name)


def number_of_rows(path: StrPath) -> int:
    """How many events the record has, by the footers of its files."""
    total = 0
    for shard, _ in shards(path):
        with opened_parquet(shard) as file:
            total += file.metadata.num_rows
    return total


def subjects(path: StrPath) -> Iterator[str]:
    """The subject of every event; no other column is read."""
    for shard, name in shards(path):
        with opened_parquet(shard) as file:
            _columns(file, name)
            for batch in file.iter_batches(BATCH, columns=["subject_id"]):
                found = batch.column("subject_id")
                if found.null_count:
                    raise InputError(f"{name}: {found.null_count} rows have no subject_id; MEDS asks for it")
                yield from map(str, found.unique().to_pylist())


def _columns(file: Any, name: str) -> list[str]:
    have = set(file.schema_arrow.names)
    missing = [column for column in _NEEDED if column not in have]
    number = next((column for column in _NUMBERS if column in have), None)
    if number is None:
        missing.append(_NUMBERS[0])
    if missing or number is None:
        raise InputError(f"{name}: no column {', '.join(missing)}; a MEDS shard must have them")
    return [*_NEEDED, number, *(["text_value"] if "text_value" in have else [])]


def _groups(file: Any) -> Iterator[tuple[int, int]]:
    """The first row of each row group, and its number."""
    start = 0
    for group in range(file.metadata.num_row_groups):
        yield start, group
        start += file.metadata.row_group(group).num_rows


def _as_id(subject: str, file: Any) -> Any:
    """The subject as the column stores it, or None where the column cannot hold it."""
    import pyarrow

    kind = file.schema_arrow.field("subject_id").type
    if not pyarrow.types.is_integer(kind):
        return pyarrow.scalar(subject, kind)
    return pyarrow.scalar(int(subject), kind) if subject.isdecimal() and str(int(subject)) == subject else None


def _may_hold(file: Any, group: int, wanted: Any) -> bool:
    row_group = file.metadata.row_group(group)
    column = next(i for i in range(row_group.num_columns) if row_group.column(i).path_in_schema == "subject_id")
    found = row_group.column(column).statistics
    return found is None or not found.has_min_max or found.min <= wanted.as_py() <= found.max


def _group_events(file: Any, group: int, start: int, columns: list[str], wanted: Any, name: str) -> Iterator[Event]:
    import pyarrow.compute as arrow

    for batch in file.iter_batches(BATCH, row_groups=[group], columns=columns):
        rows = arrow.indices_nonzero(arrow.equal(batch.column("subject_id"), wanted))
        yield from _batch_events(batch.take(rows), [start + row for row in rows.to_pylist()], name)
        start += batch.num_rows


def _batch_events(batch: Any, rows: Iterable[int], name: str) -> Iterator[Event]:
    subjects, times, codes, numbers, *texts = (column_values(column) for column in batch.columns)
    stated = texts[0] if texts else [None] * len(codes)
    for subject, time, code, number, text, row in zip(subjects, times, codes, numbers, stated, rows, strict=True):
        if subject is None or code is None:
            raise InputError(f"{name}: row {row + 1} has no subject_id or no code; MEDS asks for both")
        yield Event(str(subject), code, time, cell_text(number), cell_text(text), name, row + 1)
