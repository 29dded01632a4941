"""The feed for every source the readers know: patient by patient through timelines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormwatch.cohort.feeds.feed import Chunk, Ready
from stormwatch.cohort.feeds.joining import joined
from stormwatch.cohort.feeds.limit import check_whole, portion_without, timelines_limit, too_many
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.portion import Account, LeftOut, Portion
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.facts import Accounting, Timeline
from stormwatch.sources import iterate
from stormwatch.sources.derived import with_derived
from stormwatch.sources.fhir_store.bulk import iterate_bulk
from stormwatch.sources.formats import Kind, Options, code_map, kind_of

FACTS = 20_000
"""Facts in a chunk, whole patients: timelines take about a kilobyte a fact while they are held."""


class TimelineFeed:
    """Chunks of whole patients in the order of the reader. The source is read from the beginning each time."""

    rows = None

    def __init__(self, source: Source) -> None:
        self._source = source

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        limit, rest = timelines_limit(self._source), Accounting()
        for number, group in enumerate(grouped(self._timelines(rest))):
            portion = None if number in done else portion_within(group, limit)
            if portion is not None and number == 0:
                portion.account.take(rest)
            yield None if portion is None else Ready(portion)

    def _timelines(self, rest: Accounting) -> Iterator[Timeline]:
        """Every record; ``rest`` receives what is about nobody before the first of them."""
        one = self._source
        options = Options(one.clock, frozenset(one.complete), one.map, one.schema)
        kind = kind_of(one.path, options)
        if kind in (Kind.FILE, Kind.TEXT):
            check_whole(one.path)
        if kind is not Kind.BULK:
            yield from iterate(
                one.path, zone=one.clock, complete=one.complete, map=one.map, schema=one.schema, derive=one.derive
            )
            return
        for timeline in iterate_bulk(one.path, options.zone, options.complete, rest, codes=code_map(options)):
            yield with_derived(timeline) if one.derive else timeline


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


def portion_within(timelines: list[Timeline], limit: int) -> Portion:
    """The same as ``portion_of``, without the patients who have more rows than ``limit``."""
    large = [one for one in timelines if one.accounting.read > limit]
    if not large:
        return portion_of(timelines)
    left = [LeftOut(one.patient.id, _place(one), one.accounting.read, too_many(limit)) for one in large]
    kept = [one for one in timelines if one.accounting.read <= limit]
    return joined([portion_of(kept), portion_without(left)])


def _place(timeline: Timeline) -> str:
    """Where the first fact of a record stands."""
    for fact in timeline.facts:
        return f"{fact.origin.file} {fact.origin.record}"
    return "the record"


def portion_of(timelines: list[Timeline]) -> Portion:
    """Some timelines as columns, with their accounts added up."""
    account = Account()
    notes: dict[str, None] = {}
    for timeline in timelines:
        account.take(timeline.accounting)
        notes.update(dict.fromkeys(timeline.notes))
    return Portion(tuple(one.patient.id for one in timelines), facts_of(timelines), account, tuple(notes))
