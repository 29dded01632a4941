"""One clock for all patients of a batch: every patient's time laid end to end, so that one number orders everything.

A patient's stretch begins with one tick that stands for the beginning of time and ends with the last moment asked for.
What would happen after that moment happens at the first tick of the next patient, which is where states are reset.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stormwatch.engines.columnar.facts import Facts, Ints
from stormwatch.engines.columnar.steps import begins
from stormwatch.engines.columnar.times import BEGINNING

ROOM = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """``base`` holds the first tick of each patient and, last, of nobody; ``shift`` turns a moment into a tick."""

    base: Ints
    shift: Ints

    def moments(self, ticks: Ints) -> tuple[Ints, Ints]:
        """Patient and moment of each tick; ticks must be in order and before the last base."""
        bounds = np.searchsorted(ticks, self.base)
        patient = np.repeat(np.arange(len(self.shift)), np.diff(bounds))
        moment = ticks - self.shift[patient]
        moment[ticks == self.base[patient]] = BEGINNING
        return patient, moment


def extent(facts: Facts, until: Ints | None, learnt: tuple[Ints, Ints] | None = None) -> tuple[Ints, Ints]:
    """For each patient the first moment that matters and the last one that is asked for; patients without facts: none.

    Facts about an earlier time that are known later move the first moment, so that their times have a place too.
    ``learnt`` is what ``observed`` gives, where it was asked already.
    """
    first, last = learnt or observed(facts)
    begun = first.copy()
    if facts.time is not None and len(facts):
        starts = np.flatnonzero(begins(facts.patient))
        who = facts.patient[starts]
        begun[who] = np.minimum(begun[who], np.minimum.reduceat(facts.time, starts))
    stop = last if until is None else until
    death = facts.people.death
    begun = np.minimum(np.where(death <= stop, np.minimum(begun, death), begun), stop)
    return begun, np.where(last >= first, stop, begun - 1)


def observed(facts: Facts) -> tuple[Ints, Ints]:
    """First and last moment at which each record learnt anything; last before first where it never did."""
    first, last = np.zeros(len(facts.people), np.int64), np.full(len(facts.people), -1, np.int64)
    if len(facts):
        starts = np.flatnonzero(begins(facts.patient))
        who = facts.patient[starts]
        first[who] = facts.usable[starts]
        last[who] = facts.usable[np.append(starts[1:], len(facts)) - 1]
    people = facts.people
    return (first if people.first is None else people.first, last if people.last is None else people.last)


def clock_of(first: Ints, last: Ints) -> Clock:
    """A patient of whom nothing is known has no tick at all."""
    lengths = np.where(last >= first, last - first + 2, 0)
    base = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    return Clock(base, base[:-1] + 1 - first)


def batches(
    facts: Facts, until: Ints | None, rows: int, learnt: tuple[Ints, Ints] | None = None
) -> Iterator[tuple[int, int]]:
    """Stretches of patients with about so many rows, and never more time than one clock can hold."""
    first, last = extent(facts, until, learnt)
    ticks = np.where(last >= first, last - first + 2, 0)
    if len(facts) < rows and float(ticks.sum(dtype=np.float64)) < ROOM:
        if len(first):
            yield 0, len(first)
        return
    counts = np.bincount(facts.patient, minlength=len(first)) if len(facts) else np.zeros(len(first), np.int64)
    spent = np.cumsum(np.maximum(counts / rows, ticks / ROOM))
    start = 0
    while start < len(first):
        before = spent[start - 1] if start else 0.0
        stop = max(start + 1, int(np.searchsorted(spent, before + 1.0)))
        yield start, stop
        start = stop
