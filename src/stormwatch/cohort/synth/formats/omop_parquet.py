"""The same OMOP tables as Parquet files, with numbers, dates and times typed as such."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from stormwatch.cohort.synth.formats.omop import OMOP, begun
from stormwatch.cohort.synth.formats.omop_tables import COLUMNS
from stormwatch.cohort.synth.formats.writer import SYNTHETIC, Format, Writer, check_pyarrow

_ROWS_OF_GROUP = 20_000
_DECIMALS = frozenset({"value_as_number", "range_low", "range_high", "quantity"})
_TEXTS = frozenset({"domain_id", "vocabulary_id", "concept_class_id"})  # keys of the vocabulary that are words


class ParquetRows:
    """Rows of one table, which wait until a row group is full."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        from pyarrow import parquet

        self._schema = _schema(columns)
        self._file = parquet.ParquetWriter(path, self._schema)
        self._waiting: list[Sequence[str | int]] = []

    def writerow(self, cells: Sequence[str | int]) -> None:
        self._waiting.append(cells)
        if len(self._waiting) >= _ROWS_OF_GROUP:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._file.close()

    def _flush(self) -> None:
        import pyarrow

        if not self._waiting:
            return
        columns = zip(*self._waiting, strict=True)
        arrays = [_array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._file.write_table(pyarrow.Table.from_arrays(arrays, schema=self._schema))
        self._waiting.clear()


@contextmanager
def opened(folder: Path) -> Iterator[Writer]:
    check_pyarrow()
    folder.mkdir()
    with ExitStack() as stack:
        tables = {name: ParquetRows(folder / f"{name}.parquet", columns) for name, columns in COLUMNS.items()}
        for rows in tables.values():
            stack.callback(rows.close)
        yield begun(tables)


def _array(cells: Sequence[str | int], kind: Any) -> Any:
    """Cells as texts first: Arrow reads numbers, dates and times from them. An empty cell is no value."""
    import pyarrow

    return pyarrow.array([None if cell == "" else str(cell) for cell in cells], pyarrow.string()).cast(kind)


def _schema(columns: Sequence[str]) -> Any:
    import pyarrow

    return pyarrow.schema([(column, _kind(column)) for column in columns], metadata={"synthetic": SYNTHETIC})


def _kind(column: str) -> Any:
    import pyarrow

    if column in _DECIMALS:
        return pyarrow.float64()
    if column.endswith(("_id", "_of_birth")) and column not in _TEXTS:
        return pyarrow.int64()
    if column.endswith("_datetime"):
        return pyarrow.timestamp("us")
    return pyarrow.date32() if column.endswith("_date") else pyarrow.string()


OMOP_PARQUET = Format(OMOP.name, opened, OMOP.read_with, OMOP.lost)
