"""Which facts belong together: at every moment a part was measured, the newest of each part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from stormwatch.facts import Finding, Measurement, When
from stormwatch.sources.derived.rule import Rule

F = TypeVar("F", Measurement, Finding)
Recorded = Mapping[str, Sequence[Measurement]]


def groups(rule: Rule, recorded: Recorded) -> Iterator[tuple[Measurement, ...]]:
    """The parts of every value the rule can derive, in time order.

    A moment has a value when each part was measured at most its window before, however its time is read: a part dated
    only to a day may be as old as the beginning of that day. Where the newest measurements of a part stand at one time
    and differ, nothing is derived from either.
    """
    parts = [Newest(recorded.get(part.analyte, ()), part.within) for part in rule.parts]
    for moment in sorted({moment for part in parts for moment in part.moments}):
        found = tuple(agreed(part.at(moment)) for part in parts)
        if None not in found:
            yield tuple(one for one in found if one is not None)


class Newest(Generic[F]):
    """Facts looked up by moment: the newest ones, unless they may be older than ``within``."""

    def __init__(self, facts: Iterable[F], within: timedelta) -> None:
        self._within = within
        self._by_moment: dict[datetime, list[F]] = defaultdict(list)
        for fact in facts:
            self._by_moment[fact.time.latest].append(fact)
        self.moments = sorted(self._by_moment)

    def at(self, moment: datetime) -> list[F]:
        place = bisect_right(self.moments, moment)
        together = self._by_moment[self.moments[place - 1]] if place else []
        return [] if any(moment - fact.time.earliest > self._within for fact in together) else together


class Standing:
    """The times at which a value was measured, and wins over a derived one."""

    def __init__(self, measured: Iterable[Measurement]) -> None:
        times = [one.time for one in measured]
        self._exact = sorted(time.latest for time in times if time.is_exact)
        self._vague = [time for time in times if not time.is_exact]

    def near(self, time: When, within: timedelta) -> bool:
        """Whether a value may have been measured at most ``within`` before or after."""
        first, last = time.latest - within, time.latest + within
        place = bisect_left(self._exact, first)
        exact = place < len(self._exact) and self._exact[place] <= last
        return exact or any(one.earliest <= last and first <= one.latest for one in self._vague)


def agreed(together: Sequence[Measurement]) -> Measurement | None:
    """The one known first of measurements that say the same; None where they differ, or there is none."""
    same = all(one.value == together[0].value for one in together)
    return known_first(together) if together and same else None


def known_first(together: Sequence[F]) -> F:
    return min(together, key=lambda one: (one.known_at.latest, one.origin.file, one.origin.record, one.recorded))
