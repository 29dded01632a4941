"""Files of literature as records: whom they describe, and the timeline of each.

A report of one patient has patient 1; one of several has 1, 2 and so on. In a file of many documents a patient is named
by the number of the document, from 1, with the patient's own behind it where the document describes several: ``3.2``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from stormwatch.errors import InputError, UnknownName
from stormwatch.facts import Timeline
from stormwatch.sources.opening import StrPath, file_name
from stormwatch.sources.text.document import Document
from stormwatch.sources.text.documents import read_documents
from stormwatch.sources.text.reading import Reading, read_document
from stormwatch.sources.text.saved import load_reading
from stormwatch.sources.text.timeline import timeline_of

_ID = re.compile(r"(?P<document>\d+)(?:\.(?P<patient>\d+))?")


def read_literature(path: StrPath, patient: str | None = None, complete: Iterable[str] = ()) -> Timeline:
    """One patient of a file of literature.

    Raises:
        InputError: the file cannot be read, or describes several patients and none is named.
        UnknownName: it describes no such patient.
        UsageError: XML is to be read and lxml is not installed.
    """
    documents = read_documents(path)
    if len(documents) == 1:
        return timeline_of(read_document(documents[0]), patient, complete)
    number, own = _chosen(patient, len(documents), file_name(path))
    reading = read_document(documents[number - 1])
    if own is None and len(reading.patients) > 1:
        raise InputError(
            f"{file_name(path)}: document {number} describes several patients; "
            f"name one of {', '.join(_ids(number, reading))}"
        )
    return _named(timeline_of(reading, own, complete), patient or "")


def patients_of_literature(path: StrPath) -> list[str]:
    """The patients of a file of literature, each by the id that ``read_literature`` takes. Raises as it does."""
    documents = read_documents(path)
    if len(documents) == 1:
        return patients_of_reading(read_document(documents[0]))
    return [one for number, reading in _readings(documents) for one in _ids(number, reading)]


def iterate_literature(path: StrPath, complete: Iterable[str] = ()) -> Iterator[Timeline]:
    """Every patient of a file of literature, one at a time. Raises as ``read_literature``."""
    documents = read_documents(path)
    for number, reading in _readings(documents):
        for own in patients_of_reading(reading):
            timeline = timeline_of(reading, own, complete)
            several = len(reading.patients) > 1
            id_ = own if len(documents) == 1 else f"{number}.{own}" if several else str(number)
            yield _named(timeline, id_)


def read_saved_text(content: str, file: str, patient: str | None = None, complete: Iterable[str] = ()) -> Timeline:
    """One patient of a saved reading at hand, with the corrections made. Raises as ``read_saved``."""
    return timeline_of(load_reading(content, file).corrected, patient, complete)


def patients_of_saved(content: str, file: str) -> list[str]:
    """The patients of a saved reading."""
    return patients_of_reading(load_reading(content, file).corrected)


def patients_of_reading(reading: Reading) -> list[str]:
    """The numbers of the patients a report describes; 1 where there is one.

    >>> from stormwatch.sources.text import read_prose
    >>> patients_of_reading(read_prose("A 40-year-old man had fever."))
    ['1']
    """
    return [patient or "1" for patient in reading.patients]


def _readings(documents: Iterable[Document]) -> Iterator[tuple[int, Reading]]:
    return ((number, read_document(document)) for number, document in enumerate(documents, 1))


def _ids(number: int, reading: Reading) -> list[str]:
    own = patients_of_reading(reading)
    return [str(number)] if len(own) == 1 else [f"{number}.{patient}" for patient in own]


def _chosen(patient: str | None, count: int, file: str) -> tuple[int, str | None]:
    """The document, and the patient in it, that an id names."""
    if patient is None:
        raise InputError(f"{file}: {count} documents in this file; name one by its number, from 1")
    match = _ID.fullmatch(patient)
    if match is None or not 1 <= int(match["document"]) <= count:
        raise UnknownName(f"{file}: no such document; it holds {count}, named by their numbers, from 1")
    return int(match["document"]), match["patient"]


def _named(timeline: Timeline, id_: str) -> Timeline:
    return replace(timeline, patient=replace(timeline.patient, id=id_))
