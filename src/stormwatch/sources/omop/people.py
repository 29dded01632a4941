"""Rows of person, death and visit_occurrence -> the patient and the stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo

from stormwatch.facts import Patient, Stay, When
from stormwatch.sources.draft import Draft, Place, Rejected
from stormwatch.sources.omop.concepts import meaning
from stormwatch.sources.omop.row import Row
from stormwatch.sources.times import when


def patient(person: int, rows: list[Row], deaths: list[Row], draft: Draft) -> Patient:
    """The person as recorded. A date that cannot be read is rejected and stays unknown; the first death counts."""
    births = [_date(draft, row, _birth) for row in rows[:1]]
    for row in rows[1:]:
        draft.accounting.reject(row.record, "a second row of the same person")
    died = [date for row in deaths if (date := _date(draft, row, Row.start)) is not None]
    sex = meaning("genders", rows[0]["gender"]) if rows else ""
    return Patient(str(person), sex, next(iter(births), None), min(died, key=lambda date: date.latest, default=None))


def stay(row: Row, place: Place) -> Iterator[Stay]:
    time = row.start(place.zone)
    kind = meaning("visits", row["concept"]) or f"visit concept {row['concept'] or 0}"
    yield Stay(kind, time, row.stop(time, place.zone), row.record)


def _birth(row: Row, zone: tzinfo | None) -> When | None:
    """As precise as recorded: to the day, the month or the year."""
    year, month, day = (row[part] for part in ("year", "month", "day"))
    if row["birth"] and not (year and month and day):
        return when(row["birth"][:10], zone)
    if not year:
        return None
    parts = [year.zfill(4), *((month.zfill(2), day.zfill(2)) if month and day else (month.zfill(2),) if month else ())]
    return when("-".join(parts), zone)


def _date(draft: Draft, row: Row, read: Callable[[Row, tzinfo | None], When | None]) -> When | None:
    """A date of the person, with an account of the row it stands in."""
    try:
        found = read(row, draft.zone)
    except Rejected as refusal:
        draft.accounting.reject(row.record, str(refusal))
        return None
    draft.accounting.used += 1
    return found
