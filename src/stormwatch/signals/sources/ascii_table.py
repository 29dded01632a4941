"""One ``$``-separated file into Parquet: DuckDB reads the sound lines; the others are mended or rejected by rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.errors import InputError
from stormwatch.signals.duck import interruptible, name, text, write_parquet
from stormwatch.signals.sources.account import FileAccount
from stormwatch.signals.sources.layouts import Table
from stormwatch.signals.sources.members import Unpacked
from stormwatch.signals.sources.mending import Mended, Mender

if TYPE_CHECKING:
    import duckdb

NO_NUMBER = "no report number"
_OPTIONS = "delim = '$', quote = '', escape = '', header = false, skip = 1, auto_detect = false"


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


def read_table(
    connection: duckdb.DuckDBPyConnection, unpacked: Unpacked, table: Table, shape: Shape, target: Path, where: str
) -> FileAccount:
    """Write one table of a quarter as Parquet, in our columns, all as text.

    Raises:
        InputError: a column without which the table has no meaning is not there, or lines got lost.
    """
    try:
        columns = table.find(shape.header)
    except KeyError as missing:
        wanted = " or ".join(table.columns[missing.args[0]])
        raise InputError(f"{where}: the header has no column {wanted}; this is not a {table.file} file") from None
    mended = _write(connection, unpacked, shape, columns, target, where)
    return _account(connection, unpacked, table, columns, target, where, mended)


def _write(
    connection: duckdb.DuckDBPyConnection,
    unpacked: Unpacked,
    shape: Shape,
    columns: dict[str, str | None],
    target: Path,
    where: str,
) -> Mended:
    import duckdb

    types = ", ".join(f"{text(column)}: 'VARCHAR'" for column in shape.fields)
    scan = f"read_csv({text(unpacked.path)}, {_OPTIONS}, columns = {{{types}}})"
    try:
        write_parquet(connection, f"SELECT {_cells(columns)} FROM {scan}", target)
    except (duckdb.InvalidInputException, duckdb.IOException):
        raise InputError(f"{where}: the file cannot be read as a table; fetch the quarter again") from None
    mended = Mender(shape.header, extra=shape.extra).mend(unpacked.broken)
    if mended.rows:
        _write_mended(connection, mended, shape, columns, target)
    return mended


def _cells(columns: dict[str, str | None]) -> str:
    """Our columns from theirs, as the file has them; a row without a usable report number keeps none."""
    return ", ".join(f"{_cell(ours, theirs)} AS {name(ours)}" for ours, theirs in columns.items())


def _cell(ours: str, theirs: str | None) -> str:
    if theirs is None:
        return "NULL::VARCHAR"
    value = name(theirs)
    return f"CASE WHEN TRY_CAST({value} AS BIGINT) >= 0 THEN trim({value}) END" if ours == "report" else value


def _write_mended(
    connection: duckdb.DuckDBPyConnection, mended: Mended, shape: Shape, columns: dict[str, str | None], target: Path
) -> None:
    """The mended rows stand in a file of their own beside the others."""
    fields = ", ".join(f"{name(column)} VARCHAR" for column in shape.header)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE mended ({fields})")
    marks = ", ".join("?" for _ in shape.header)
    connection.executemany(f"INSERT INTO mended VALUES ({marks})", mended.rows)
    write_parquet(connection, f"SELECT {_cells(columns)} FROM mended", mended_file(target))


def mended_file(target: Path) -> Path:
    """Where the mended rows of a table stand."""
    return target.with_name(f"{target.stem}-mended{target.suffix}")


def _account(
    connection: duckdb.DuckDBPyConnection,
    unpacked: Unpacked,
    table: Table,
    columns: dict[str, str | None],
    target: Path,
    where: str,
    mended: Mended,
) -> FileAccount:
    files = [target, mended_file(target)] if mended.rows else [target]
    counts = "SELECT count(*), count(report) FROM read_parquet([{}])".format(", ".join(text(one) for one in files))
    with interruptible():
        rows, used = connection.execute(counts).fetchall()[0]
    rejected = Counter(mended.rejected)
    if rows > used:
        rejected[NO_NUMBER] = rows - used
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
