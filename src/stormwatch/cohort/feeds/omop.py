"""The feed for OMOP stores: pages of persons, each read by whichever process asks, through timelines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from stormwatch.cohort.feeds.feed import Chunk
from stormwatch.cohort.feeds.joining import joined
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.timelines import grouped, portion_of
from stormwatch.cohort.portion import Portion
from stormwatch.facts import Timeline
from stormwatch.sources.derived import with_derived
from stormwatch.sources.omop import iterate_omop, patients_of_omop

PERSONS = 1000
"""Persons in a chunk: as many as the reader asks the store for at once."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some persons, by ascending id, after one."""

    source: Source
    after: str | None
    persons: int

    def portion(self) -> Portion:
        return joined([portion_of(group) for group in grouped(self._timelines())])

    def _timelines(self) -> Iterator[Timeline]:
        one = self.source
        found = iterate_omop(
            one.path, zone=one.clock, complete=frozenset(one.complete), schema=one.schema, after=self.after
        )
        for timeline in islice(found, self.persons):
            yield with_derived(timeline) if one.derive else timeline


class OmopFeed:
    """Chunks of so many persons. Raises InputError when the store cannot be read."""

    rows = None

    def __init__(self, source: Source) -> None:
        self._source = source
        self._persons = patients_of_omop(source.path, source.schema)

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        for number, start in enumerate(range(0, len(self._persons), PERSONS)):
            page = self._persons[start : start + PERSONS]
            after = self._persons[start - 1] if start else None
            yield None if number in done else Page(self._source, after, len(page))
