"""What the events say of the patients themselves: birth, death and sex."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from stormwatch.cohort.feeds.meds.chapter import Chapter
from stormwatch.cohort.portion import Account
from stormwatch.engines.columnar.facts import Ints, People
from stormwatch.engines.columnar.gather import people_of
from stormwatch.facts import Patient, Timeline
from stormwatch.sources.draft import Rejected
from stormwatch.sources.meds.person import Person
from stormwatch.sources.meds.shards import Event

_COLUMNS = ("born_first", "born_last", "sex", "death", "findings_complete", "exposures_complete")


def people(chapter: Chapter, account: Account) -> tuple[People, Ints]:
    """The patients, and the rows with a code of this kind that describe nobody; the others are accounted for here."""
    rows, complete = chapter.describing, frozenset(chapter.source.complete)
    zone = chapter.source.clock
    described, first = np.unique(chapter.patient_of(rows), return_index=True)
    bounds = np.append(first, len(rows)).tolist()
    found = [Timeline(Patient(""), (), complete=complete)]
    nobodys: list[int] = []
    for start, stop in itertools.pairwise(bounds):
        person = Person("", zone)
        for row in rows[start:stop].tolist():
            nobodys += _untaken(person, chapter, row, account)
        found.append(Timeline(person.patient(), (), complete=complete))
    place = np.zeros(len(chapter.starts), np.int64)  # whoever is not described is the first
    place[described] = np.arange(len(described)) + 1
    every = people_of(found)
    return People(*(getattr(every, name)[place] for name in _COLUMNS)), np.array(nobodys, np.int64)


def _untaken(person: Person, chapter: Chapter, row: int, account: Account) -> Iterator[int]:
    """Let the reader take a row; the row again when it describes nobody."""
    events = chapter.events
    word = events.words[events.code[row]]
    try:
        if person.take(Event("", word, chapter.clock(row), "", "", chapter.file(row), int(events.row[row]))):
            account.used += 1
        else:
            yield row
    except Rejected as refusal:
        account.reject(chapter.record(row), str(refusal))
