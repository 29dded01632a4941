"""The feed for tables: rows are brought together by patient on disk, and read by whichever process asks."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from stormwatch.cohort.feeds.feed import Chunk, Ready
from stormwatch.cohort.feeds.joining import joined
from stormwatch.cohort.feeds.layouts import Layout, nobody, opened_table
from stormwatch.cohort.feeds.limit import portion_without, timelines_limit, too_many
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.spilling import Spilled
from stormwatch.cohort.feeds.timelines import grouped, portion_of
from stormwatch.cohort.portion import Account, LeftOut, Portion
from stormwatch.facts import Timeline
from stormwatch.sources.derived import with_derived
from stormwatch.sources.opening import file_name

ROWS = 20_000
"""Rows in a chunk, more or less."""
WORK = ".work-"
"""How the name of a folder for what is spilt begins; a run that was killed may leave one."""

Held = tuple[str, str, bytes]


@dataclass(frozen=True, slots=True)
class TableChunk:
    """Rows of whole patients, in the form in which they were spilt; nobody's rows may be among them."""

    layout: Layout
    rows: tuple[Held, ...]
    derive: bool

    def portion(self) -> Portion:
        account = Account()
        parts = [portion_of(group) for group in grouped(self._timelines(account))]
        return joined([Portion((), portion_of([]).facts, account), *parts]) if account.places else joined(parts)

    def _timelines(self, account: Account) -> Iterator[Timeline]:
        for patient, found in groupby(self.rows, itemgetter(0)):
            timeline = self.layout.timeline(patient, ((place, pickle.loads(held)) for _, place, held in found))
            if patient:
                yield with_derived(timeline) if self.derive else timeline
            else:
                account.take(timeline.accounting)


class TableFeed:
    """Chunks of whole patients by first appearance. The table is read once, from its beginning, for each call."""

    def __init__(self, source: Source, scratch: Path | None) -> None:
        self.rows: int | None = None  # known when all of them have been seen
        self._source = source
        self._scratch = scratch
        self._layout, self._rows = opened_table(source)

    def chunks(self, done: frozenset[int]) -> Iterator[Chunk | None]:
        source, limit = self._source, timelines_limit(self._source)
        with TemporaryDirectory(prefix=WORK, dir=self._scratch) as work, Spilled(Path(work)) as spilled:
            self.rows = spilled.take(self._rows)
            if not spilled.patients():
                raise nobody(source)
            file = file_name(source.path)
            left = [LeftOut(e.patient, f"{file} {e.place}", e.rows, too_many(limit)) for e in spilled.large(limit)]
            number = 0
            for rows in cut(spilled.rows(limit)):
                yield None if number in done else TableChunk(self._layout, rows, source.derive)
                number += 1
            if left:
                yield None if number in done else Ready(portion_without(left))


def cut(rows: Iterator[Held]) -> Iterator[tuple[Held, ...]]:
    """Rows together until there are enough; those of a patient stay together, nobody's need not."""
    held: list[Held] = []
    for row in rows:
        if len(held) >= ROWS and (not row[0] or row[0] != held[-1][0]):
            yield tuple(held)
            held = []
        held.append(row)
    if held:
        yield tuple(held)
