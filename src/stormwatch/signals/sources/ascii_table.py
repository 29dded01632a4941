"""One ``$``-separated file into Parquet: Arrow reads the sound lines; the others are mended or rejected by rule.

Arrow takes two thirds of the processor time that DuckDB needs to read and write the same lines. Columns whose texts
repeat are written once per text (a dictionary); in the others, looking for repeats is work for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.errors import InputError
from stormwatch.signals.sources.account import FileAccount
from stormwatch.signals.sources.layouts import Table
from stormwatch.signals.sources.members import Unpacked
from stormwatch.signals.sources.mending import Mended, Mender

if TYPE_CHECKING:
    import pyarrow as pa

NO_NUMBER = "no report number"
_BLOCK = 1 << 23
"""Bytes parsed at once; each block becomes a group of rows in the Parquet file."""
_REPEATING = ("name", "ingredient", "role", "term", "route", "dechallenge", "rechallenge", "outcome")


@dataclass(frozen=True, slots=True)
class Shape:
    """The header of a file, and whether its lines end in a delimiter that the header lacks (as legacy AERS has it)."""

    header: tuple[str, ...]
    extra: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """One name for each field of a line."""
        return (*self.header, "nothing_after_the_last_delimiter") if self.extra else self.header


def shape_of(unpacked: Unpacked, where: str) -> Shape:
    """The columns of a file.

    Raises:
        InputError: the file is empty, two columns have one name, or most lines have other fields than the header.
    """
    names = unpacked.header.decode("utf-8-sig", "replace").split("$")
    header = tuple(column.strip().lower() for column in names)
    header = header if header[-1] else header[:-1]
    if not header:
        raise InputError(f"{where}: the file is empty; fetch the quarter again")
    if len(set(header)) < len(header):
        raise InputError(f"{where}: two columns of the header have one name; the file is not as FDA publishes it")
    fields = unpacked.delimiters + 1
    if fields not in (len(header), len(header) + 1):
        raise InputError(f"{where}: most lines have {fields} fields, but the header has {len(header)}; fetch it again")
    return Shape(header, extra=fields > len(header))


Columns = dict[str, str | None]
"""Our columns, and which of the file each is; None where the file does not have it."""


def read_table(unpacked: Unpacked, table: Table, shape: Shape, target: Path, where: str) -> FileAccount:
    """Write one table of a quarter as Parquet, in our columns, all as text.

    Raises:
        InputError: a column without which the table has no meaning is not there, or lines got lost.
    """
    import pyarrow as pa

    try:
        columns = table.find(shape.header)
    except KeyError as missing:
        wanted = " or ".join(table.columns[missing.args[0]])
        raise InputError(f"{where}: the header has no column {wanted}; this is not a {table.file} file") from None
    try:
        read = _write(_batches(unpacked, shape, columns), columns, target)
    except pa.ArrowInvalid:
        raise InputError(f"{where}: the file cannot be read as a table; fetch the quarter again") from None
    mended = Mender(shape.header, extra=shape.extra).mend(unpacked.broken)
    if mended.rows:
        read += _write([_batch(mended, shape)], columns, mended_file(target))
    return _account(unpacked, table, columns, where, mended, read)


def mended_file(target: Path) -> Path:
    """Where the mended rows of a table stand: in a file of their own beside the others."""
    return target.with_name(f"{target.stem}-mended{target.suffix}")


def _write(batches: Iterable[pa.RecordBatch], columns: Columns, target: Path) -> Counter[bool]:
    """Write rows in our columns; how many have a usable report number, and how many have none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, read = pa.schema([(ours, pa.string()) for ours in columns]), Counter[bool]()
    with pq.ParquetWriter(target, schema, compression="lz4", use_dictionary=_REPEATING) as writer:
        for batch in batches:
            held = _ours(batch, columns, schema)
            writer.write_batch(held)
            read.update(
                {False: held.column("report").null_count, True: held.num_rows - held.column("report").null_count}
            )
    return read


def _batches(unpacked: Unpacked, shape: Shape, columns: Columns) -> Iterator[pa.RecordBatch]:
    """The sound lines in the columns that are wanted, all as text; an empty field is unknown."""
    import pyarrow as pa
    from pyarrow import csv

    if unpacked.lines - 1 <= len(unpacked.broken):
        return
    wanted = [theirs for theirs in dict.fromkeys(columns.values()) if theirs is not None]
    yield from csv.open_csv(
        unpacked.path,
        csv.ReadOptions(block_size=_BLOCK, skip_rows=1, column_names=list(shape.fields)),
        csv.ParseOptions(delimiter="$", quote_char=False, double_quote=False, escape_char=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            include_columns=wanted,
            strings_can_be_null=True,
            null_values=[""],
            check_utf8=False,  # the lines were checked when the broken ones were set aside
        ),
    )


def _batch(mended: Mended, shape: Shape) -> pa.RecordBatch:
    """Mended rows as lines of the file would have come."""
    import pyarrow as pa

    fields = zip(*mended.rows, strict=True)
    arrays = [pa.array([field or None for field in column], pa.string()) for column in fields]
    return pa.RecordBatch.from_arrays(arrays, names=list(shape.header))


def _ours(batch: pa.RecordBatch, columns: Columns, schema: pa.Schema) -> pa.RecordBatch:
    """Our columns from theirs, as the file has them; a row without a usable report number keeps none."""
    import pyarrow as pa

    nothing = pa.nulls(batch.num_rows, pa.string())
    held = {ours: batch.column(theirs) if theirs else nothing for ours, theirs in columns.items()}
    return pa.RecordBatch.from_arrays([*{**held, "report": _numbers(held["report"])}.values()], schema=schema)


def _numbers(reports: pa.Array) -> pa.Array:
    import pyarrow as pa
    from pyarrow import compute

    if not reports.null_count and compute.all(compute.ascii_is_decimal(reports)).as_py():
        return reports
    trimmed = compute.ascii_trim_whitespace(reports)
    return compute.if_else(compute.ascii_is_decimal(trimmed), trimmed, pa.scalar(None, pa.string()))


def _account(
    unpacked: Unpacked, table: Table, columns: Columns, where: str, mended: Mended, read: Counter[bool]
) -> FileAccount:
    rejected, used = Counter(mended.rejected), read[True]
    if read[False]:
        rejected[NO_NUMBER] = read[False]
    absent = tuple(ours for ours, theirs in columns.items() if theirs is None)
    account = FileAccount(
        where, table.name, unpacked.sha256, unpacked.lines - 1, used, dict(rejected), mended.joined, mended.parted,
        dict(mended.done), absent,
    )  # fmt: skip
    if not account.closed:
        raise InputError(
            f"{where}: {account.lines:,} lines are in the file, but {used:,} used + {rejected.total():,} rejected + "
            f"{account.joined:,} joined - {account.parted:,} parted do not add up; please report this as a fault"
        )
    return account
