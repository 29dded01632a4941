"""The long table: one CSV file, one row for each thing stated, in the order of the patients."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from stormwatch import terms
from stormwatch.cohort.synth.formats.writer import Format, Writer, loinc, name
from stormwatch.cohort.synth.record import Answer, Category, Dose, Result, SyntheticPatient

_COLUMNS = (
    *("patient_id", "time", "code", "name", "value", "unit", "known_at", "low", "high", "stop"),
    "source_id",
)


class LongTable:
    """Rows of one open file."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows
        rows.writerow(_COLUMNS)

    def add(self, patient: SyntheticPatient) -> None:
        for number, row in enumerate(_rows(patient), start=1):
            self._rows.writerow((patient.number, *row, f"synthetic {patient.number}.{number}"))


@contextmanager
def opened(path: Path) -> Iterator[Writer]:
    with path.open("w", newline="", encoding="utf-8") as file:
        yield LongTable(csv.writer(file, lineterminator="\n"))


def _rows(patient: SyntheticPatient) -> Iterator[tuple[str, ...]]:
    yield from map(_answer, patient.history)
    yield from map(_result, patient.results)
    yield from map(_answer, patient.answers)
    yield from map(_category, patient.categories)
    yield from map(_dose, patient.doses)


def _result(one: Result) -> tuple[str, ...]:
    time, known = _text(one.time), _text(one.known_at)
    return time, loinc(one.analyte), name(one.analyte), one.value, one.unit, known, one.low, one.high, ""


def _answer(one: Answer) -> tuple[str, ...]:
    said = "present" if one.present else "absent"
    return _text(one.time), "", terms.findings()[one.finding].names[0], said, "", "", "", "", ""


def _category(one: Category) -> tuple[str, ...]:
    return _text(one.time), "", terms.scales()[one.scale].names[0], one.text, "", "", "", "", ""


def _dose(one: Dose) -> tuple[str, ...]:
    drug = terms.drugs()[one.drug].names[0]
    return _text(one.time), "", drug, one.amount or one.said, one.unit, "", "", "", _text(one.stop)


def _text(time: datetime | None) -> str:
    return "" if time is None else time.isoformat()


CSV = Format(
    "synthetic-table.csv",
    opened,
    "",
    "Sex, birth, death and stays are not in a long table.",
)
