"""Bulk Data folders: NDJSON files of an export, read patient by patient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.errors import InputError
from stormwatch.facts import Accounting, Timeline
from stormwatch.sources.draft import Draft, Outside, Rejected
from stormwatch.sources.fhir.local_codes import name_local_codes
from stormwatch.sources.fhir.reader import SUPPORTED, read_entries
from stormwatch.sources.fhir.subjects import ANOTHER, Subjects, choose
from stormwatch.sources.fhir_store.folder import is_unfinished
from stormwatch.sources.fhir_store.ndjson import Progress, resources
from stormwatch.sources.fhir_store.sorting import PatientSorter, subject_of
from stormwatch.sources.opening import StrPath

if TYPE_CHECKING:
    from stormwatch.sources.mapped.code_map import CodeMap

UNFINISHED = "the download into this folder is not finished; fetch again to complete it"


def read_bulk(
    folder: StrPath,
    patient: str | None = None,
    zone: tzinfo | None = None,
    complete: frozenset[str] = frozenset(),
    progress: Progress | None = None,
    codes: CodeMap | None = None,
) -> Timeline:
    """One patient's record from a folder of NDJSON files (``*.ndjson``, ``*.ndjson.gz``), whatever their names.

    Every line of the folder is accounted for, those about other patients as outside. A resource that stands in the
    folder twice counts once, and only its newest version is used. A line that is no resource is a rejection that names
    file and line.

    Raises:
        InputError: a file cannot be read to its end, or the folder holds several patients and none is named.
        UnknownName: the folder has no such patient.
    """
    with closing(PatientSorter(folder, progress)) as sorter:
        chosen = choose(sorter.patients(), patient, Path(folder).name)
        timeline = _timeline(sorter, chosen, Draft("", zone), complete, codes, is_unfinished(folder))
        others = sorter.lines_of_others(chosen)
    if others:
        timeline.accounting.outside[ANOTHER] += others
    timeline.accounting.rejected += sorter.rest.rejected
    timeline.accounting.outside += sorter.rest.outside
    return timeline


def iterate_bulk(
    folder: StrPath,
    zone: tzinfo | None = None,
    complete: frozenset[str] = frozenset(),
    rest: Accounting | None = None,
    progress: Progress | None = None,
    codes: CodeMap | None = None,
) -> Iterator[Timeline]:
    """The record of every patient of a folder, one at a time, in bounded memory.

    Each timeline accounts for the lines about its own patient. ``rest`` receives the account of all other lines before
    the first timeline comes, so that together they account for every line once.

    Raises:
        InputError: a file cannot be read to its end.
    """
    with closing(PatientSorter(folder, progress)) as sorter:
        if rest is not None:
            rest.rejected += sorter.rest.rejected
            rest.outside += sorter.rest.outside
        unfinished = is_unfinished(folder)
        for patient in sorter.patients():
            yield _timeline(sorter, patient, Draft("", zone), complete, codes, unfinished)


def patients_of_bulk(folder: StrPath) -> list[str]:
    """Ids of all patients a folder holds or refers to, in order of appearance.

    Raises:
        InputError: a file cannot be read to its end, or the folder names nobody.
    """
    found: dict[str, None] = {}
    for entry, _, _ in resources(folder, Accounting()):
        try:
            found[subject_of(entry)] = None
        except (Rejected, Outside):
            continue
    if not found:
        raise InputError(f"{Path(folder).name}: no patient; the record names nobody it is about")
    return list(found)


def _timeline(
    sorter: PatientSorter,
    patient: str,
    draft: Draft,
    complete: frozenset[str],
    codes: CodeMap | None,
    unfinished: bool,
) -> Timeline:
    found = sorter.of(patient)
    if codes is not None:
        name_local_codes(found, codes)
    if unfinished:
        draft.notes[UNFINISHED] += 1
    medications = list(sorter.medications_for(found))
    return read_entries(found, Subjects(found, SUPPORTED), patient, draft, complete, medications)
