"""Where the columns named by a map stand."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from stormwatch.errors import InputError
from stormwatch.sources.draft import short
from stormwatch.sources.mapped.grid import Cells
from stormwatch.sources.mapped.schema import TableMap, TimeColumns
from stormwatch.sources.mapped.values import cell_text


@dataclass(frozen=True, slots=True)
class Header:
    """The place of each column by its name, whatever its case, and the names of those the map does not use."""

    index: dict[str, int]
    unused: tuple[str, ...]

    def cell(self, cells: Cells, column: str) -> object:
        """The cell as stored; None for a column the map does not name."""
        return cells[self.index[folded(column)]] if column else None

    def text(self, cells: Cells, column: str) -> str:
        return cell_text(self.cell(cells, column))


def header_of(cells: Cells, table: TableMap, file: str) -> Header:
    """Find every column that the map names.

    Raises:
        InputError: one is missing (the nearest header is named), or stands twice.
    """
    names = [folded(cell_text(cell)) for cell in cells]
    index: dict[str, int] = {}
    for column in _named(table):
        count = names.count(folded(column))
        if count == 0:
            raise InputError(f"{file}: no column {short(column)!r}, which the map names{_nearest(column, cells)}")
        if count > 1:
            raise InputError(f"{file}: {count} columns are called {short(column)!r}; give each its own name")
        index[folded(column)] = names.index(folded(column))
    unused = tuple(short(cell_text(c)) for c, n in zip(cells, names, strict=True) if n and n not in index)
    return Header(index, unused)


def folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _named(table: TableMap) -> list[str]:
    columns = [table.patient.column]
    for times in (table.time, table.known_at, table.stop):
        columns += times.columns if isinstance(times, TimeColumns) else ()
    if table.columns is not None:
        columns += [column for column in table.columns.model_dump().values() if column]
    for header, target in table.values.items():
        columns += [header, target.unit_column] if target.unit_column else [header]
    return list(dict.fromkeys(columns))


def _nearest(column: str, cells: Cells) -> str:
    headers = [cell_text(cell) for cell in cells]
    found = get_close_matches(column, headers, n=1, cutoff=0.6)
    return f"; nearest: {short(found[0])!r}" if found else "; check header_row and the name"
