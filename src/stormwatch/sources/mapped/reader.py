"""A mapped table: one patient of it, or all of them one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Patient, Timeline
from stormwatch.sources.complete import complete_kinds
from stormwatch.sources.draft import Draft
from stormwatch.sources.mapped.grid import Cells, grid
from stormwatch.sources.mapped.grouping import by_patient
from stormwatch.sources.mapped.header import header_of
from stormwatch.sources.mapped.record import Reading, record_facts, records
from stormwatch.sources.mapped.schema import load_map
from stormwatch.sources.opening import StrPath, file_name
from stormwatch.sources.table.reader import ANOTHER

_MISSHAPEN = "not a proper row: not as many fields as the header has columns"


@dataclass(frozen=True, slots=True)
class _Row:
    place: str
    patient: str
    cells: Cells | None


def read_mapped(
    path: StrPath, map_path: StrPath, *, patient: str | None = None, complete: Iterable[str] = ()
) -> Timeline:
    """Read one patient of a local table (CSV, TSV, Parquet, XLSX) as its map describes it.

    A record is a row of a long table, and a filled cell of a mapped column of a wide one. Times, units, values and
    what is rejected are those of ``read``; clock times without an offset are in the map's zone.

    Args:
        path: the table.
        map_path: the map, in TOML; ``draft_map`` proposes one.
        patient: id of the patient to read; needed when the table holds several.
        complete: ``"exposures"`` or ``"findings"``, where you vouch that silence means no.

    Raises:
        InputError: the table or its map cannot be read, the map has a ``?`` left or names a column that is not
            there, or the table is about nobody, or about several patients and none is named.
        UnknownName: the table has no such patient.
        UsageError: ``complete`` names something else, or the library for such files is not installed.
    """
    vouched, (reading, rows) = complete_kinds(complete), open_table(path, map_path)
    draft = Draft(file_name(path), reading.table.place)
    chosen, others = patient, 0
    seen = False
    for row in rows:
        if not row.patient or row.patient == chosen:
            seen = seen or bool(row.patient)
            take_row(row, reading, draft)
        elif chosen is None:
            chosen, seen = row.patient, True
            take_row(row, reading, draft)
        elif patient is None:
            raise InputError(f"{draft.file}: {row.place} names a second patient; name one patient")
        else:
            others += len(records(row.cells, reading)) if row.cells else 1
    if not seen or chosen is None:
        raise _nobody(draft.file, patient)
    if others:
        draft.leave(ANOTHER, others)
    return finished(draft, chosen, reading, vouched)


def patients_of_mapped(path: StrPath, map_path: StrPath) -> list[str]:
    """Ids of all patients of a mapped table, in order of appearance. Raises as ``read_mapped``."""
    _, rows = open_table(path, map_path)
    return list(dict.fromkeys(row.patient for row in rows if row.patient))


def iterate_mapped(path: StrPath, map_path: StrPath, *, complete: Iterable[str] = ()) -> Iterator[Timeline]:
    """Every patient of a mapped table, one at a time. The table must be sorted, or at least grouped, by patient.

    The accounts of all timelines add up to the rows of the table; rows that name nobody are rejected in the account
    of the patient above them.

    Raises:
        InputError: as ``read_mapped``, or the rows of a patient stand apart.
    """
    vouched, (reading, rows) = complete_kinds(complete), open_table(path, map_path)
    nameless: list[_Row] = []
    found = False
    for patient, group in by_patient(rows_of_blocks(rows), lambda pair: pair[0], path):
        if not patient:
            nameless = [row for _, row in group]
            continue
        found = True
        draft = Draft(file_name(path), reading.table.place)
        for row in chain(nameless, (row for _, row in group)):
            take_row(row, reading, draft)
        nameless = []
        yield finished(draft, patient, reading, vouched)
    if not found:
        raise _nobody(file_name(path), None)


def rows_of_blocks(rows: Iterable[_Row]) -> Iterator[tuple[str, _Row]]:
    """Each row with the patient whose block it stands in."""
    patient = ""
    for row in rows:
        patient = row.patient or patient
        yield patient, row


def open_table(path: StrPath, map_path: StrPath) -> tuple[Reading, Iterator[_Row]]:
    table, codes = load_map(map_path)
    found = grid(path, table.header_row, table.sheet)
    _, first = next(found, ("", None))
    if first is None:
        raise InputError(f"{file_name(path)}: no header in row {table.header_row}; correct header_row in the map")
    reading = Reading(table, codes, header_of(first, table, file_name(path)))
    return reading, _rows(found, reading)


def _rows(found: Iterator[tuple[str, Cells | None]], reading: Reading) -> Iterator[_Row]:
    column, fill_down = reading.table.patient.column, reading.table.patient.fill_down
    above = ""
    for place, cells in found:
        # A misshapen row may have begun the block of another patient: what follows belongs to nobody known.
        own = reading.header.text(cells, column) if cells is not None else ""
        above = own or (above if fill_down and cells is not None else "")
        yield _Row(place, above, cells)


def take_row(row: _Row, reading: Reading, draft: Draft) -> None:
    if row.cells is None or not row.patient:
        draft.accounting.reject(row.place, _MISSHAPEN if row.cells is None else "no patient id")
        return
    columns = reading.table.columns
    source_id = reading.header.text(row.cells, columns.source_id) if columns else ""
    for column in records(row.cells, reading):
        record = f"{row.place}, column {column}" if column else row.place
        draft.take(record, record_facts, row.cells, column, reading, draft.place(source_id or record))


def finished(draft: Draft, patient: str, reading: Reading, vouched: frozenset[str]) -> Timeline:
    if reading.header.unused:
        draft.notes[f"columns not read: {', '.join(reading.header.unused)}"] += 1
    return draft.timeline(Patient(patient), vouched)


def _nobody(file: str, patient: str | None) -> InputError | UnknownName:
    if patient is not None:
        return UnknownName(f"{file}: the table has no row of this patient; list its patient ids to see them")
    return InputError(f"{file}: no patient; the table has no row that names one")
