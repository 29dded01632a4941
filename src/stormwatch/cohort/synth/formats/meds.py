"""MEDS: Parquet shards of events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from stormwatch.cohort.synth.formats.meds_metadata import CODE_MAP, write_metadata
from stormwatch.cohort.synth.formats.writer import SYNTHETIC, Format, Writer, check_pyarrow, loinc
from stormwatch.cohort.synth.record import Dose, Result, SyntheticPatient

_PATIENTS_OF_SHARD = 2000
_ROWS_OF_GROUP = 60_000

Event = tuple[datetime | None, str, float | None, str | None]


class MedsFolder:
    """Rows wait until a row group is full; events of a patient stand together, in order of time."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data" / "synthetic"
        self._data.mkdir(parents=True)
        self._waiting: list[tuple[int, Event]] = []
        self._patients = 0
        self._shard: Any = None
        self.codes: dict[str, None] = {}

    def add(self, patient: SyntheticPatient) -> None:
        if self._patients % _PATIENTS_OF_SHARD == 0:
            self._next_shard()
        self._patients += 1
        events = sorted(_events(patient), key=lambda each: (each[0] is not None, each[0] or patient.first_dose))
        self.codes.update(dict.fromkeys(event[1] for event in events))
        self._waiting += [(patient.number, event) for event in events]
        if len(self._waiting) >= _ROWS_OF_GROUP:
            self._flush()

    def close(self) -> None:
        if self._shard is not None:
            self._flush()
            self._shard.close()

    def _next_shard(self) -> None:
        from pyarrow import parquet

        number = self._patients // _PATIENTS_OF_SHARD
        self.close()
        self._shard = parquet.ParquetWriter(self._data / f"synthetic-{number:05}.parquet", _schema())

    def _flush(self) -> None:
        import pyarrow

        if not self._waiting:
            return
        subjects, events = zip(*self._waiting, strict=True)
        columns = (subjects, *zip(*events, strict=True))
        arrays = [pyarrow.array(column, field.type) for column, field in zip(columns, _schema(), strict=True)]
        self._shard.write_table(pyarrow.Table.from_arrays(arrays, schema=_schema()))
        self._waiting.clear()


@contextmanager
def opened(folder: Path) -> Iterator[Writer]:
    check_pyarrow()
    folder.mkdir()
    writer = MedsFolder(folder)
    try:
        yield writer
    finally:
        writer.close()
    write_metadata(folder, list(writer.codes))


def _events(patient: SyntheticPatient) -> Iterator[Event]:
    birth = datetime(patient.birth.year, patient.birth.month, patient.birth.day)
    yield birth, "MEDS_BIRTH", None, None
    yield _naive(patient.first_dose), f"GENDER//{'F' if patient.sex == 'female' else 'M'}", None, None
    if patient.death is not None:
        yield _naive(patient.death), "MEDS_DEATH", None, None
    for each in patient.history:
        yield _naive(each.time), f"CONDITION//{each.finding}", None, None
    for result in patient.results:
        yield _result(result)
    for answer in patient.answers:
        yield _naive(answer.time), f"FINDING//{answer.finding}", None, "present" if answer.present else "absent"
    for category in patient.categories:
        yield _naive(category.time), f"CHART//{category.scale}", None, category.text
    for dose in patient.doses:
        yield _dose(dose)


def _result(one: Result) -> Event:
    code = f"LAB//{loinc(one.analyte) or one.analyte}" + (f"//{one.unit}" if one.unit else "")
    number = float(one.value) if one.value[0].isdecimal() else None
    return None if one.time is None else _naive(one.time), code, number, one.value if number is None else None


def _dose(one: Dose) -> Event:
    code = f"{'ORDER' if one.said == 'ordered' else 'DRUG'}//{one.drug}" + (f"//{one.unit}" if one.unit else "")
    return _naive(one.time), code, float(one.amount) if one.amount else None, None


def _naive(time: datetime) -> datetime:
    return time.replace(tzinfo=None)


def _schema() -> Any:
    import pyarrow

    fields = {
        "subject_id": pyarrow.int64(),
        "time": pyarrow.timestamp("us"),
        "code": pyarrow.string(),
        "numeric_value": pyarrow.float32(),
        "text_value": pyarrow.large_string(),
    }
    return pyarrow.schema(list(fields.items()), metadata={"synthetic": SYNTHETIC})


MEDS = Format(
    "synthetic-meds",
    opened,
    f"--map {CODE_MAP} --time-zone UTC",
    "MEDS says neither when a result was known, nor the end of a drug, nor reference limits; stays are left out.",
)
