"""The feed for every source the readers know: patient by patient through timelines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormwatch.cohort.feeds.feed import Chunk, Ready
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.portion import Account, Portion
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.facts import Timeline
from stormwatch.sources import iterate

FACTS = 100_000
"""Facts in a chunk, whole patients: timelines take about a kilobyte a fact while they are held."""


class TimelineFeed:
    """Chunks of whole patients in the order of the reader. The source is read from the beginning each time."""

    rows = None

    def __init__(self, source: Source) -> None:
        self._source = source

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        one = self._source
        found = iterate(
            one.path, zone=one.clock, complete=one.complete, map=one.map, schema=one.schema, derive=one.derive
        )
        for number, group in enumerate(grouped(found)):
            yield None if number in done else Ready(portion_of(group))


def grouped(timelines: Iterable[Timeline]) -> Iterator[list[Timeline]]:
    """Patients together until they have enough facts."""
    held: list[Timeline] = []
    facts = 0
    for timeline in timelines:
        held.append(timeline)
        facts += len(timeline.facts) + 1
        if facts >= FACTS:
            yield held
            held, facts = [], 0
    if held:
        yield held


def portion_of(timelines: list[Timeline]) -> Portion:
    """Some timelines as columns, with their accounts added up."""
    account = Account()
    notes: dict[str, None] = {}
    for timeline in timelines:
        account.take(timeline.accounting)
        notes.update(dict.fromkeys(timeline.notes))
    return Portion(tuple(one.patient.id for one in timelines), facts_of(timelines), account, tuple(notes))
