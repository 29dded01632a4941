"""Files that are there whole or not at all: written beside their name, forced to the disk, then given the name."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyarrow import parquet

from stormwatch.errors import UsageError

_LEVEL = 1


@contextmanager
def stored(path: Path) -> Iterator[Path]:
    """A path to write to; when the block ends without an error the file takes its name.

    Raises:
        UsageError: it cannot be written, because the disk is full or for another reason of the system's.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        _force(unfinished)
        os.replace(unfinished, path)
        _force(path.parent)
    except OSError as problem:
        unfinished.unlink(missing_ok=True)
        why = problem.strerror or "the disk may be full"
        raise UsageError(
            f"{path.parent.name}/{path.name} cannot be written ({why}); what is finished is kept"
        ) from None
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _force(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def parquet_part(path: Path, schema: Any) -> Iterator[Any]:
    """A Parquet file to write tables to."""
    form = {"compression": "zstd", "compression_level": _LEVEL}
    with (
        stored(path) as unfinished,
        open(unfinished, "wb") as file,
        parquet.ParquetWriter(file, schema, **form) as writer,
    ):
        yield writer


def store_table(path: Path, table: Any) -> None:
    """One whole table."""
    with parquet_part(path, table.schema) as writer:
        writer.write_table(table)


def store_json(path: Path, content: dict[str, Any]) -> None:
    with stored(path) as unfinished:
        unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
