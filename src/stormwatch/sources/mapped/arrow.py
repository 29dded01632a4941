"""Parquet files, batch by batch. pyarrow is loaded only here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from stormwatch.errors import InputError, UsageError
from stormwatch.sources.mapped.values import shortest_float32
from stormwatch.sources.opening import StrPath, file_name

BATCH = 65_536
"""Rows held at a time."""


@contextmanager
def opened_parquet(path: StrPath, dictionaries: Sequence[str] = ()) -> Iterator[Any]:
    """A ``pyarrow.parquet.ParquetFile``; what goes wrong while it is open is an InputError.

    ``dictionaries``: columns whose texts are wanted as places in a list.

    Raises:
        InputError: there is no such file, it is no Parquet file, or it is broken.
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise UsageError('Parquet needs pyarrow: pip install "stormwatch[parquet]"') from None
    name = file_name(path)
    try:
        with parquet.ParquetFile(path, pre_buffer=False, read_dictionary=list(dictionaries)) as file:
            yield file
    except FileNotFoundError:
        raise InputError(f"{name}: there is no such file; check the path") from None
    except (pyarrow.ArrowException, OSError):
        raise InputError(f"{name}: this is no Parquet file, or it is broken or cut short; copy it again") from None


def column_values(column: Any) -> list[Any]:
    """A column as Python values. float32 becomes the shortest decimal; times keep microseconds.

    Arrow gives a float32 as the double of the same value, whose decimals nobody wrote.
    """
    import pyarrow

    if pyarrow.types.is_float32(column.type):
        return [None if v is None or v != v else Decimal(shortest_float32(v)) for v in column.to_pylist()]
    if pyarrow.types.is_timestamp(column.type):
        return list(column.cast(pyarrow.timestamp("us", column.type.tz), safe=False).to_pylist())
    return list(column.to_pylist())
