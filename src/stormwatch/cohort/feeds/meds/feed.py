"""The chunks of a MEDS record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stormwatch.cohort.feeds.feed import Chunk
from stormwatch.cohort.feeds.meds.columns import portion_of
from stormwatch.cohort.feeds.meds.events import Events, events_of
from stormwatch.cohort.feeds.meds.stretches import Stretch, stretches
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.portion import Portion
from stormwatch.sources.mapped.code_map import CodeMap, read_code_map


@dataclass(frozen=True, slots=True)
class MedsChunk:
    """Rows of one shard."""

    source: Source
    stretch: Stretch

    def portion(self) -> Portion:
        return self.portion_of(self.events())

    def events(self) -> Events:
        """Its rows as they stand in the file."""
        return events_of(self.stretch)

    def portion_of(self, events: Events) -> Portion:
        """What its rows say."""
        assert self.source.map is not None
        return portion_of(events, code_map(self.source.map), self.source)


class MedsFeed:
    """Chunks are cut at patients, and at row groups where possible. Raises as ``stretches``."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._stretches = stretches(source.path)
        code_map(source.map or "")  # a map that cannot be read should be told of before anything is begun

    @property
    def rows(self) -> int:
        return sum(one.stop - one.start for one in self._stretches)

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        for number, one in enumerate(self._stretches):
            yield None if number in done else MedsChunk(self._source, one)


@lru_cache(maxsize=4)
def code_map(path: str) -> CodeMap:
    return read_code_map(path)
