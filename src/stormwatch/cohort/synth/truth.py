"""The truth about synthetic patients, kept apart from their record."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from stormwatch.cohort.synth.dirt import reason
from stormwatch.cohort.synth.record import SyntheticPatient

LABELS = "synthetic-labels.csv"
DIRT = "synthetic-dirt.csv"
_DATA = "synthetic"
_FILES = {
    LABELS: ("patient_id", "arm", "site", "first_dose", "syndrome", "grade", "onset", "peak", "data"),
    DIRT: ("patient_id", "fault", "analyte", "expected_reason", "rows", "data"),
}


class Truth:
    """Two open files: labels, one row for each syndrome of a patient, and the faults put in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._rows: dict[str, Any] = {}

    def __enter__(self) -> Truth:
        self._folder.mkdir()
        for name, columns in _FILES.items():
            file = self._stack.enter_context((self._folder / name).open("w", newline="", encoding="utf-8"))
            self._rows[name] = csv.writer(file, lineterminator="\n")
            self._rows[name].writerow(columns)
        return self

    def __exit__(self, *problem: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stack.close()

    def add(self, patient: SyntheticPatient) -> None:
        who = (patient.number, patient.arm, patient.site, patient.first_dose.isoformat())
        for label in patient.labels:
            times = (label.onset.isoformat(), label.peak.isoformat())
            self._rows[LABELS].writerow((*who, label.syndrome, label.grade or "", *times, _DATA))
        if not patient.labels:
            self._rows[LABELS].writerow((*who, "quiet", "", "", "", _DATA))
        faults = Counter((each.dirt, each.analyte, reason(each)) for each in patient.results if each.dirt)
        self._rows[DIRT].writerows((patient.number, *fault, rows, _DATA) for fault, rows in faults.items())
