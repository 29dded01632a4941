"""The rows of a CSV, TSV, Parquet or XLSX file, each with its number as a person counts it."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from stormwatch.errors import InputError, UsageError
from stormwatch.sources.mapped.arrow import BATCH, column_values, opened_parquet
from stormwatch.sources.opening import StrPath, file_name, opened
from stormwatch.sources.table.lines import lines, rows

Cells = Sequence[Any]
"""One row: texts, or the numbers and times that the file stores as such."""


def grid(path: StrPath, header_row: int = 1, sheet: str = "") -> Iterator[tuple[str, Cells | None]]:
    """The header and then every row that is not empty, as its place in the file and its cells.

    A row that is not proper CSV, or has more or fewer fields than the header, has None for its cells.

    Raises:
        InputError: the file or the sheet cannot be read.
        UsageError: the library for this kind of file is not installed.
    """
    kind = Path(path).suffix.lower()
    if kind == ".parquet":
        return _parquet_rows(path)
    if kind in {".xlsx", ".xlsm"}:
        return _sheet_rows(path, header_row, sheet)
    return _text_rows(path, header_row)


def _text_rows(path: StrPath, header_row: int) -> Iterator[tuple[str, Cells | None]]:
    file = file_name(path)
    with opened(path) as stream:
        source = islice(lines(stream, file), header_row - 1, None)
        width = None
        for line, cells in rows(source, file):
            width = width or len(cells or ())
            if cells is None or any(cell.strip() for cell in cells):
                yield f"line {line + header_row - 1}", cells if cells and len(cells) == width else None


def _parquet_rows(path: StrPath) -> Iterator[tuple[str, Cells | None]]:
    with opened_parquet(path) as file:
        yield "header", file.schema_arrow.names
        number = 0
        for batch in file.iter_batches(BATCH):
            for cells in zip(*(column_values(column) for column in batch.columns), strict=True):
                number += 1
                yield f"row {number}", cells


def _sheet_rows(path: StrPath, header_row: int, sheet: str) -> Iterator[tuple[str, Cells | None]]:
    with _workbook(path) as book:
        pages = [page for page in book.worksheets if sheet in ("", page.title)]
        if not pages:
            raise InputError(f"{file_name(path)}: no sheet has the name in the map; check its spelling")
        pages[0].reset_dimensions()  # some programs write a range that is too small, and rows would be lost
        width = None
        for number, row in enumerate(pages[0].iter_rows(), start=1):
            cells = [_shown(cell) for cell in row]
            if number >= header_row and any(cell not in (None, "") for cell in cells):
                width = width or len(cells)
                yield f"row {number}", (cells + [None] * width)[:width]


@contextmanager
def _workbook(path: StrPath) -> Iterator[Any]:
    try:
        import openpyxl
    except ImportError:
        raise UsageError('XLSX needs openpyxl: pip install "stormwatch[excel]"') from None
    try:
        with open(path, "rb") as file:
            yield openpyxl.load_workbook(file, read_only=True, data_only=True)
    except FileNotFoundError:
        raise InputError(f"{file_name(path)}: there is no such file; check the path") from None
    except (OSError, EOFError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile, zlib.error):
        # SyntaxError: XML that breaks off.
        raise InputError(f"{file_name(path)}: this is no XLSX workbook, or it is broken; save it again") from None


def _shown(cell: Any) -> Any:
    """A cell as the sheet shows it where that changes its meaning: a date without a clock time, a percentage."""
    value, form = cell.value, str(getattr(cell, "number_format", "") or "").casefold()
    if cell.data_type == "d" and "h" not in form and hasattr(value, "date"):
        return value.date()
    if cell.data_type == "n" and form.rstrip().endswith("%") and value is not None:
        return f"{value * 100:.12g}%"
    return value
