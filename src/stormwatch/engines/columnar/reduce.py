"""From the rows that can answer an input to its states: the latest, the highest or the lowest that counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stormwatch.engines.columnar.cells import Cells
from stormwatch.engines.columnar.facts import Bools, Ints, taken
from stormwatch.engines.columnar.passes import Passes
from stormwatch.engines.columnar.passes import latest as latest_row
from stormwatch.engines.columnar.steps import Steps, begins, distinct, moves_only


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Rows while they count: from tick ``start`` to ``stop``, with the regions of their ends.

    ``time`` and ``known`` order rows for ``latest`` (``known`` left out: nothing but the time does).
    """

    patient: Ints
    start: Ints
    stop: Ints
    low: Ints
    high: Ints | None
    time: Ints
    known: Ints | None

    def __len__(self) -> int:
        return len(self.start)

    def taking(self, which: Ints | Bools) -> Spans:
        return taken(self, which)

    def in_use(self) -> Spans:
        """Those that count at all, without a high end where no value needs one."""
        counts = self.start < self.stop
        found = self if counts.all() else self.taking(counts)
        if found.high is None or (found.high != found.low).any():
            return found
        return Spans(found.patient, found.start, found.stop, found.low, None, found.time, found.known)


def extreme(passes: Passes, spans: Spans, cells: Cells, *, highest: bool) -> Steps:
    """The highest (lowest) cell of the spans that count: of the low ends and of the high ends."""
    low = _extreme_region(passes, spans, spans.low, cells.top, highest=highest)
    if spans.high is None:
        return low
    high = _extreme_region(passes, spans, spans.high, cells.top, highest=highest)
    both = passes.merged((low, high), (32, 0))
    level_low, level_high = both.state >> 32, both.state & (2**32 - 1)
    state = np.where(level_low == 0, 0, cells.states(level_low - 1, level_high - 1))
    return moves_only(both.at, state, 0)


def _extreme_region(passes: Passes, spans: Spans, region: Ints, top: int, *, highest: bool) -> Steps:
    if highest:
        return passes.highest(spans.start, spans.stop, region + 1)
    found = passes.highest(spans.start, spans.stop, top + 1 - region)
    return Steps(found.at, np.where(found.state == 0, 0, top + 2 - found.state), 0)


def latest(spans: Spans, cells: Cells) -> tuple[Steps, Ints]:
    """The cell of the latest span that counts, and the patients for whom this pass cannot tell.

    Spans of the same place in the order are taken together, from the lowest to the highest end.
    """
    spans, rank, doubtful = _in_turn(spans)
    first = begins(rank)
    if not first.all():
        spans = _tied(spans, np.flatnonzero(first))
    return latest_row(spans.start, spans.stop, cells.states(spans.low, spans.high)), doubtful


def latest_of_each(spans: Spans, differ: Callable[[Ints, Ints], Bools]) -> tuple[Steps, Ints]:
    """The same for the spans themselves: the ``low`` of the latest one, where ties that differ cannot be told."""
    spans, rank, doubtful = _in_turn(spans)
    tied = np.flatnonzero(rank[1:] == rank[:-1])
    tied = tied[differ(spans.low[tied], spans.low[tied + 1])]
    if len(tied):
        more = distinct(spans.patient[tied])
        spans, doubtful = spans.taking(~np.isin(spans.patient, more)), np.union1d(doubtful, more)
    return latest_row(spans.start, spans.stop, spans.low), doubtful


def _in_turn(spans: Spans) -> tuple[Spans, Ints, Ints]:
    """The spans that are ever the latest, their places, and the patients for whom this pass cannot tell.

    A span is left out when one that stands later in the order began before it: as long as the windows are equally
    long, it then never becomes the latest again. Where spans of the same place begin at different ticks, or a later
    one stops earlier, that is not so, and the patient is named.
    """
    rank = ranks(spans)
    best = np.maximum.accumulate(rank) if len(rank) else rank
    kept = rank == best
    doubtful = _doubtful(spans, rank, best)
    if not kept.all():
        spans, rank = spans.taking(kept), rank[kept]
    if len(doubtful):
        clear = ~np.isin(spans.patient, doubtful)
        spans, rank = spans.taking(clear), rank[clear]
    return spans, rank, doubtful


def ranks(spans: Spans) -> Ints:
    """The place of each span in the order of time, then of when it was known; the same for ties."""
    time, known = spans.time, spans.known
    if len(time) == 0:
        return np.zeros(0, np.int64)
    later = time[1:] > time[:-1]
    same = time[1:] == time[:-1]
    if known is not None:
        later |= same & (known[1:] > known[:-1])
        same &= known[1:] == known[:-1]
    if (later | same).all():
        return np.append(0, np.cumsum(later))
    order = np.lexsort((time,) if known is None else (known, time))
    moved = time[order][1:] != time[order][:-1]
    if known is not None:
        moved |= known[order][1:] != known[order][:-1]
    found = np.empty(len(order), np.int64)
    found[order] = np.append(0, np.cumsum(moved))
    return found


def _doubtful(spans: Spans, rank: Ints, best: Ints) -> Ints:
    """Patients whose spans do not stop in their order, or where equal places begin at different ticks."""
    if len(rank) == 0:
        return rank
    reach = np.maximum.accumulate(spans.stop)
    before = np.append(0, reach[:-1])
    kept = rank == best
    wrong = np.where(kept, spans.stop < before, spans.stop > before)
    patient, start = spans.patient, spans.start
    if not kept.all():
        order = np.argsort(rank, kind="stable")
        rank, patient, start = rank[order], patient[order], start[order]
    apart = np.flatnonzero((rank[1:] == rank[:-1]) & (start[1:] != start[:-1])) + 1
    return distinct(np.concatenate((spans.patient[wrong], patient[apart])))


def _tied(spans: Spans, first: Ints) -> Spans:
    """Spans of the same place as one, from the lowest to the highest end."""
    high = spans.low if spans.high is None else spans.high
    lowest, highest = np.minimum.reduceat(spans.low, first), np.maximum.reduceat(high, first)
    one = spans.taking(first)
    return Spans(one.patient, one.start, one.stop, lowest, highest, one.time, one.known)
