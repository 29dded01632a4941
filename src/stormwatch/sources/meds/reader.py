"""A MEDS record: one patient of it, or all of them one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from itertools import chain

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Fact, Origin, Timeline
from stormwatch.sources.complete import complete_kinds
from stormwatch.sources.draft import Draft, Outside, Place
from stormwatch.sources.mapped.code_map import CodeMap, merge_maps
from stormwatch.sources.mapped.grouping import by_patient
from stormwatch.sources.mapped.target import target_facts
from stormwatch.sources.mapped.values import one_value
from stormwatch.sources.meds.person import Person
from stormwatch.sources.meds.shards import Event, events, events_of, number_of_rows, subjects
from stormwatch.sources.opening import StrPath, file_name
from stormwatch.sources.table.reader import ANOTHER
from stormwatch.sources.times import zone_of

CodeMaps = CodeMap | StrPath


def read_meds(
    path: StrPath,
    *,
    code_map: CodeMaps,
    patient: str | None = None,
    zone: str | tzinfo | None = None,
    complete: Iterable[str] = (),
) -> Timeline:
    """Read one patient of a MEDS folder, or of a single Parquet file of events.

    MEDS stores numbers as float32; the decimal that was written is recovered. ``MEDS_BIRTH``, ``MEDS_DEATH`` and
    ``GENDER//...`` describe the patient. A death at midnight is a date, and counts from the end of that day.

    Args:
        path: the folder that holds ``data/``, or one file.
        code_map: what the codes mean: a file, or the result of ``merge_maps``.
        patient: ``subject_id`` of the patient to read; needed when the record holds several.
        zone: where the record was kept. MEDS times have no offset, and without a zone they are rejected.
        complete: ``"exposures"`` or ``"findings"``, where you vouch that silence means no.

    Raises:
        InputError: a shard or the map cannot be read, a column is missing, or the record is about several patients
            and none is named.
        UnknownName: the record has no such patient.
        UsageError: pyarrow is not installed, there is no such zone, or ``complete`` names something else.
    """
    codes, vouched, place = _codes(code_map), complete_kinds(complete), zone_of(zone)
    chosen = patient if patient is not None else _only(path)
    found = events_of(path, chosen)
    first = next(found, None)
    if first is None:
        raise UnknownName(f"{file_name(path)}: no event of this patient; list the patient ids to see them")
    timeline = _timeline(chain([first], found), chosen, path, codes, place, vouched)
    others = number_of_rows(path) - timeline.accounting.read
    if others:
        timeline.accounting.outside[ANOTHER] += others
    return timeline


def patients_of_meds(path: StrPath) -> list[str]:
    """Ids of all patients of a MEDS record, in order of appearance. Raises as ``read_meds``."""
    return list(dict.fromkeys(subjects(path)))


def iterate_meds(
    path: StrPath, *, code_map: CodeMaps, zone: str | tzinfo | None = None, complete: Iterable[str] = ()
) -> Iterator[Timeline]:
    """Every patient of a MEDS record, one at a time: no more than a batch of rows and one patient are held.

    The accounts of all timelines add up to the events of the record.

    Raises:
        InputError: as ``read_meds``, or the events of a patient stand apart, which MEDS forbids.
    """
    codes, vouched, place = _codes(code_map), complete_kinds(complete), zone_of(zone)
    for patient, found in by_patient(events(path), lambda event: event.subject, path):
        yield _timeline(found, patient, path, codes, place, vouched)


def _timeline(
    found: Iterable[Event], patient: str, path: StrPath, codes: CodeMap, zone: tzinfo | None, vouched: frozenset[str]
) -> Timeline:
    draft, person = Draft(file_name(path), zone), Person(patient, zone)
    for event in found:
        record = f"row {event.row}"
        place = Place(Origin(event.file, record), zone, draft.notes)
        draft.take(f"{event.file} {record}", _facts, event, codes, person, place)
    return draft.timeline(person.patient(), vouched)


def _facts(event: Event, codes: CodeMap, person: Person, place: Place) -> Iterable[Fact]:
    meant = codes.find(event.code)
    if meant is None:
        if person.take(event):
            return ()
        raise Outside(event.code)
    target, unit = meant
    time = "" if event.time is None else event.time.isoformat()
    cells = {"value": one_value(event.number, event.text), "unit": unit, "time": time}
    return target_facts(target, cells, event.code, place)


def _codes(code_map: CodeMaps) -> CodeMap:
    return code_map if isinstance(code_map, CodeMap) else merge_maps(code_map)


def _only(path: StrPath) -> str:
    found = patients_of_meds(path)
    if len(found) != 1:
        raise InputError(f"{file_name(path)}: the record has {len(found)} patients; name one of them")
    return found[0]
