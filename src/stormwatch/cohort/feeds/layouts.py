"""Tables of which rows can be given out one by one and read later, elsewhere, as the readers read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from stormwatch.cohort.feeds.source import Source
from stormwatch.errors import InputError
from stormwatch.facts import Patient, Timeline
from stormwatch.sources.draft import Draft
from stormwatch.sources.mapped import reader as mapped
from stormwatch.sources.mapped.record import Reading
from stormwatch.sources.opening import file_name, is_json, opened
from stormwatch.sources.table import reader as long
from stormwatch.sources.table.header import Header, header_of
from stormwatch.sources.table.lines import lines, rows

Row = tuple[str, str, Any]
"""Whose it is (empty: nobody's), where it stands, and what the layout needs to read it."""


class Layout(Protocol):
    """How a table is read. It can be sent to another process."""

    def timeline(self, patient: str, found: Iterable[tuple[str, Any]]) -> Timeline:
        """The record of one patient from the rows with their places; without a patient only their account counts."""


@dataclass(frozen=True, slots=True)
class LongTable:
    """Our own long table: see ``stormwatch.sources.table``."""

    source: Source
    header: Header

    def timeline(self, patient: str, found: Iterable[tuple[str, Any]]) -> Timeline:
        draft = Draft(file_name(self.source.path), self.source.clock)
        for place, cells in found:
            if patient:
                long.take_row(cells, int(place.removeprefix("line ")), self.header, draft)
            else:
                draft.accounting.reject(place, long.why_nobodys(cells, self.header.width))
        return draft.timeline(Patient(patient), frozenset(self.source.complete))


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A local table and its map: see ``stormwatch.sources.mapped``."""

    source: Source
    reading: Reading

    def timeline(self, patient: str, found: Iterable[tuple[str, Any]]) -> Timeline:
        draft = Draft(file_name(self.source.path), self.reading.table.place)
        for _, row in found:
            mapped.take_row(row, self.reading, draft)
        return mapped.finished(draft, patient, self.reading, frozenset(self.source.complete))


def opened_table(source: Source) -> tuple[Layout, Iterator[Row]]:
    """The layout of a table, and its rows in their order. Raises InputError when it cannot be read."""
    if source.map is None:
        return _long_table(source)
    reading, found = mapped.open_table(source.path, source.map)
    return MappedTable(source, reading), ((owner, row.place, row) for owner, row in mapped.rows_of_blocks(found))


def is_long_table(path: str) -> bool:
    """Whether a single file is a long table, and no bundle."""
    with opened(path) as stream:
        return not is_json(path, stream)


def _long_table(source: Source) -> tuple[Layout, Iterator[Row]]:
    found = _lines(source)
    _, first = next(found, (0, None))
    header = header_of(first or [], file_name(source.path))
    return LongTable(source, header), _named(found, header)


def _lines(source: Source) -> Iterator[tuple[int, list[str] | None]]:
    file = file_name(source.path)
    with opened(source.path) as stream:
        yield from rows(lines(stream, file), file)


def _named(found: Iterator[tuple[int, list[str] | None]], header: Header) -> Iterator[Row]:
    position = header.index["patient_id"]
    for line, cells in found:
        whose = cells[position].strip() if cells is not None and len(cells) == header.width else ""
        yield whose, f"line {line}", cells


def nobody(source: Source) -> InputError:
    return InputError(f"{file_name(source.path)}: no patient; the table has no row that names one")
