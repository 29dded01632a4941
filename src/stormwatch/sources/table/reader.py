"""A long table, read row by row for one patient."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import tzinfo

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Patient, Rejection, Timeline
from stormwatch.sources.draft import Draft
from stormwatch.sources.table.header import Header, header_of
from stormwatch.sources.table.lines import Progress, lines, rows
from stormwatch.sources.table.row import Row, facts

ANOTHER = "another patient"
_MISSHAPEN = "not as many fields as the first line has columns"


def read_table(
    stream: io.BufferedReader,
    file: str,
    asked: str | None,
    zone: tzinfo | None,
    complete: frozenset[str],
    progress: Progress | None = None,
) -> Timeline:
    """The timeline of one patient of a table. Every row after the first is one record; empty lines are none.

    Raises:
        InputError: the table cannot be read, names nobody, or names several patients and none is asked for.
        UnknownName: the patient asked for is in no row.
    """
    header, found = _open(stream, file, progress)
    draft = Draft(file, zone)
    seen = _take_rows(found, header, draft, asked)
    if not seen and asked is not None:
        raise UnknownName(f"{file}: the table has no row of this patient; list its patient ids to see them")
    if not seen:
        raise InputError(f"{file}: no patient; the table has no row that names one")
    if header.ignored:
        draft.notes[f"columns not read: {', '.join(header.ignored)}"] += 1
    return draft.timeline(Patient(seen), complete)


def iterate_table(
    stream: io.BufferedReader, file: str, zone: tzinfo | None, complete: frozenset[str]
) -> Iterator[Timeline]:
    """The timelines of all patients of a table, in order of appearance, from one pass over it.

    Rows may stand in any order, so the facts of all patients are held until the table ends. Together the accounts add
    up to its rows; a row that names nobody is in the first.
    """
    header, found = _open(stream, file, None)
    position, width = header.index["patient_id"], header.width
    drafts: dict[str, Draft] = {}
    nobodys: list[Rejection] = []
    for line, cells in found:
        patient = cells[position].strip() if cells is not None and len(cells) == width else ""
        if cells is None or len(cells) != width or not patient:
            nobodys.append(Rejection(f"line {line}", why_nobodys(cells, width)))
        else:
            take_row(cells, line, header, drafts.setdefault(patient, Draft(file, zone)))
    if not drafts:
        raise InputError(f"{file}: no patient; the table has no row that names one")
    for patient, draft in drafts.items():
        draft.accounting.rejected += nobodys
        nobodys = []
        yield draft.timeline(Patient(patient), complete)


def why_nobodys(cells: list[str] | None, width: int) -> str:
    """Why a row belongs to nobody."""
    if not cells:
        return "not a proper CSV row"
    return _MISSHAPEN if len(cells) != width else "no patient id"


def patients_of_table(stream: io.BufferedReader, file: str) -> list[str]:
    """Ids of all patients of a table, in order of appearance."""
    header, found = _open(stream, file, None)
    position = header.index["patient_id"]
    named = (cells[position].strip() for _, cells in found if cells is not None and len(cells) == header.width)
    return list(dict.fromkeys(name for name in named if name))


def _open(
    stream: io.BufferedReader, file: str, progress: Progress | None
) -> tuple[Header, Iterator[tuple[int, list[str] | None]]]:
    found = rows(lines(stream, file, progress), file)
    _, first = next(found, (0, None))
    return header_of(first or [], file), found


def _take_rows(found: Iterator[tuple[int, list[str] | None]], header: Header, draft: Draft, asked: str | None) -> str:
    """Read the rows of the patient asked for, or of the only one. Returns the id, or nothing if no row has it."""
    position, width, others, chosen, seen = header.index["patient_id"], header.width, 0, asked, ""
    for line, cells in found:
        patient = cells[position].strip() if cells is not None and len(cells) == width else ""
        if cells is None or len(cells) != width or not patient:
            draft.accounting.reject(f"line {line}", why_nobodys(cells, width))
        elif chosen is None or patient == chosen:
            chosen = seen = patient
            take_row(cells, line, header, draft)
        elif asked is None:
            raise InputError(f"{draft.file}: line {line} names a second patient; name one patient with --patient")
        else:
            others += 1
    if others:
        draft.leave(ANOTHER, others)
    return seen


def take_row(cells: list[str], line: int, header: Header, draft: Draft) -> None:
    row = Row({column: cells[position].strip() for column, position in header.index.items()})
    record = f"line {line}"
    place = draft.place(row["source_id"] or record)
    draft.take(record, facts, row, place)
