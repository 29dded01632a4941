"""OMOP CDM 5.4: a folder of CSV files, one for each table that is filled."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from stormwatch.cohort.synth.formats.omop_rows import Cells, rows_of
from stormwatch.cohort.synth.formats.omop_tables import COLUMNS, vocabulary
from stormwatch.cohort.synth.formats.writer import SYNTHETIC, Format, Writer
from stormwatch.cohort.synth.record import SyntheticPatient


class Rows(Protocol):
    """Takes the rows of one table."""

    def writerow(self, cells: Sequence[str | int], /) -> Any: ...


class OmopFolder:
    """Rows of each table; keys are counted over all patients."""

    def __init__(self, tables: Mapping[str, Rows]) -> None:
        self._tables = tables
        self._last = dict.fromkeys(COLUMNS, 0)

    def add(self, patient: SyntheticPatient) -> None:
        for name, cells in rows_of(patient):
            self.write(name, cells)

    def write(self, name: str, cells: Cells) -> None:
        """One row; a table with a key of its own gets the next one."""
        columns = COLUMNS[name]
        if columns[0] == f"{name}_id" and columns[0] not in cells:
            self._last[name] += 1
            cells = {columns[0]: self._last[name], **cells}
        self._tables[name].writerow([cells.get(column, "") for column in columns])


def begun(tables: Mapping[str, Rows]) -> OmopFolder:
    """A folder with what every one begins with: what it is, and its concepts."""
    folder = OmopFolder(tables)
    named = {"cdm_source_name": "Stormwatch synthetic patients", "cdm_source_abbreviation": "synthetic"}
    folder.write("cdm_source", {**named, "cdm_holder": "nobody", "source_description": SYNTHETIC, "cdm_version": "5.4"})
    for concept in vocabulary():
        folder.write("concept", concept)
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[Writer]:
    folder.mkdir()
    with ExitStack() as stack:
        tables = {}
        for name, columns in COLUMNS.items():
            file = stack.enter_context((folder / f"{name}.csv").open("w", newline="", encoding="utf-8"))
            tables[name] = csv.writer(file, lineterminator="\n")
            tables[name].writerow(columns)
        yield begun(tables)


OMOP = Format(
    "synthetic-omop",
    opened,
    "--time-zone UTC",
    "OMOP does not say when a result was known: each counts from the time of its draw.",
)
