"""The feed for OMOP stores: pages of persons, each read by whichever process asks, through timelines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from stormwatch.cohort.feeds.feed import Chunk, Ready
from stormwatch.cohort.feeds.joining import joined
from stormwatch.cohort.feeds.limit import portion_without, timelines_limit, too_many
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.timelines import grouped, portion_of
from stormwatch.cohort.portion import LeftOut, Portion
from stormwatch.engines.columnar.facts import Ints
from stormwatch.facts import Timeline
from stormwatch.sources.derived import with_derived
from stormwatch.sources.omop import reader
from stormwatch.sources.omop.selection import Persons
from stormwatch.sources.omop.store import Store, open_store
from stormwatch.sources.omop.tables import CODED, VISITS

PERSONS = 1000
"""Persons in a chunk, at most."""
ROWS = 150_000
"""Rows of these persons in the tables that are read, more or less: fewer persons where they have many."""

_COUNT = "SELECT person_id, COUNT(*) FROM {} WHERE person_id IS NOT NULL GROUP BY person_id"
_PERSONS = "SELECT DISTINCT person_id FROM person WHERE person_id IS NOT NULL ORDER BY person_id"


@dataclass(frozen=True, slots=True)
class Page:
    """Some persons by ascending id, and the notes on the store as a whole where they are the first."""

    source: Source
    persons: tuple[int, ...]
    first: bool

    def portion(self) -> Portion:
        return joined([portion_of(group) for group in grouped(self._timelines())])

    def _timelines(self) -> Iterator[Timeline]:
        one, persons = self.source, Persons(self.persons[0], self.persons[-1])
        with closing(open_store(one.path, one.schema)) as store:
            notes = reader.strays(store) if self.first else []
            found = reader.timelines_of(store, persons, list(self.persons), one.clock, frozenset(one.complete), notes)
            for timeline in found:
                yield with_derived(timeline) if one.derive else timeline


class OmopFeed:
    """Chunks of persons with about so many rows together. Raises InputError when the store cannot be read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        with closing(open_store(source.path, source.schema)) as store:
            self._persons = np.fromiter((person for (person,) in store.rows("person ids", _PERSONS)), np.int64)
            self._counts = _rows_of(store, self._persons)

    @property
    def rows(self) -> int:
        return int(self._counts.sum()) + len(self._persons)

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        limit = timelines_limit(self._source)
        large = np.flatnonzero(self._counts > limit)
        number = 0
        for start, stop in pages(self._counts, limit):
            page = tuple(self._persons[start:stop].tolist())
            yield None if number in done else Page(self._source, page, number == 0)
            number += 1
        if len(large):
            yield None if number in done else Ready(portion_without([self._left(int(k), limit) for k in large]))

    def _left(self, place: int, limit: int) -> LeftOut:
        person = str(self._persons[place])
        return LeftOut(person, f"person {person}", int(self._counts[place]), too_many(limit))


def pages(counts: Ints, limit: int) -> Iterator[tuple[int, int]]:
    """From which person up to which each page goes; a person with more rows than ``limit`` is on none."""
    start, rows = 0, 0
    for place, count in enumerate(counts.tolist()):
        full = place - start >= PERSONS or (rows and rows + count > ROWS)
        if start < place and (full or count > limit):
            yield start, place
            start, rows = place, 0
        if count > limit:
            start, rows = place + 1, 0
        else:
            rows += count
    if start < len(counts):
        yield start, len(counts)


def _rows_of(store: Store, persons: Ints) -> Ints:
    """How many rows each person has in the tables that are read."""
    found = np.zeros(len(persons), np.int64)
    for table in (*CODED, VISITS):
        if "person_id" in store.columns(table):
            for person, rows in store.rows(table.name, _COUNT.format(table.name)):
                place = int(np.searchsorted(persons, person))
                if place < len(persons) and persons[place] == person:
                    found[place] += rows
    return found
