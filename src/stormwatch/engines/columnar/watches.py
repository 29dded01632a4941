"""One input of one patient, kept up to date fact by fact: what counts now, and when that next changes by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any, Protocol

from stormwatch.engines.columnar.cells import Cells
from stormwatch.engines.columnar.history import History, Measured
from stormwatch.facts import Fact, Finding, Interval, Level, Measurement
from stormwatch.logic.inputs import FindingInput, LabInput, Relative, Take
from stormwatch.logic.sweep import FOREVER, expiry

Order = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact while it counts; ``worth`` is its cell or its exact value."""

    order: Order
    stop: datetime
    worth: Any


class Watch(Protocol):
    """What the monitor asks of an input."""

    state: Any

    def learn(self, fact: Fact, now: datetime) -> None:
        """A fact that can be used from now on."""

    def age(self, now: datetime) -> None:
        """Let go of what has become too old."""

    def next(self) -> datetime:
        """When the state can next change by itself."""


Join = Callable[[Any, Any], Any]
ALIKE: dict[Take, Join] = {
    Take.LATEST: lambda a, b: (min(a[0], b[0]), max(a[1], b[1])),
    Take.HIGHEST: lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    Take.ANY: lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    Take.LOWEST: lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
}
"""How two cells that count become one."""
EXACTLY: dict[Take, Join] = {Take.LATEST: Interval.hull, Take.HIGHEST: Interval.larger, Take.LOWEST: Interval.smaller}
"""How two exact values that count become one."""


@dataclass(slots=True)
class Entries:
    """The entries of an input, and what they say together."""

    take: Take
    join: Join
    active: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry, now: datetime) -> None:
        if now < min(entry.stop, FOREVER):
            self.active.append(entry)

    def age(self, now: datetime) -> None:
        self.active = [entry for entry in self.active if entry.stop is FOREVER or entry.stop > now]

    def next(self) -> datetime:
        return min((entry.stop for entry in self.active if entry.stop is not FOREVER), default=FOREVER)

    def worth(self) -> Any:
        """What counts; None when nothing does."""
        if not self.active:
            return None
        if self.take is not Take.LATEST:
            return reduce(self.join, (entry.worth for entry in self.active))
        last = max(entry.order for entry in self.active)
        return reduce(self.join, (entry.worth for entry in self.active if entry.order == last))


def order_of(fact: Fact) -> Order:
    return fact.time.latest, fact.known_at.latest


class _EntryWatch:
    """An input that some entries answer. ``numbered`` turns what they are worth into a state.

    ``silence`` is the state while nothing counts.
    """

    def __init__(self, entries: Entries, numbered: Callable[[Any], Any], silence: Any) -> None:
        self._entries, self._numbered = entries, numbered
        self.state = self._silence = silence

    def age(self, now: datetime) -> None:
        self._entries.age(now)
        self._settle()

    def next(self) -> datetime:
        return self._entries.next()

    def _settle(self) -> None:
        worth = self._entries.worth()
        self.state = self._silence if worth is None else self._numbered(worth)


class FindingWatch(_EntryWatch):
    """A finding; ``silence`` is the state while nothing is stated."""

    def __init__(self, which: FindingInput, cells: Cells, silence: int) -> None:
        entries = Entries(which.take, ALIKE[which.take])
        super().__init__(entries, lambda worth: cells.state_of_regions(*worth), silence)
        self._which = which

    def learn(self, fact: Fact, now: datetime) -> None:
        assert isinstance(fact, Finding)
        region = (int(fact.present), int(fact.present))
        self._entries.add(Entry(order_of(fact), expiry(fact, self._which.within), region), now)
        self._settle()


class LabWatch(_EntryWatch):
    """A measurement. ``worth`` turns an exact value into an entry's worth, ``numbered`` that into a state.

    ``silence`` is the state while no value counts.
    """

    def __init__(
        self,
        which: LabInput,
        history: History,
        join: dict[Take, Join],
        worth: Callable[[Interval], Any],
        numbered: Callable[[Any], Any],
        silence: Any,
    ) -> None:
        super().__init__(Entries(which.take, join[which.take]), numbered, silence)
        self._which, self._history, self._worth = which, history, worth
        self._counting: list[Measured] = []
        self._plain = which.relative_to is None and not which.at_baseline

    def learn(self, fact: Fact, now: datetime) -> None:
        if self._plain:
            assert isinstance(fact, Measurement)
            self._add(fact, fact.value, now)
        else:
            self._again(fact, now)
        self._settle()

    def _add(self, fact: Measured, value: Interval, now: datetime) -> None:
        within = None if self._which.at_baseline else self._which.within
        self._entries.add(Entry(order_of(fact), min(FOREVER, expiry(fact, within)), self._worth(value)), now)

    def _again(self, fact: Fact, now: datetime) -> None:
        """A ratio can change with what it is divided by; where only a row with a limit of its own came, it cannot."""
        relative = self._which.relative_to
        if isinstance(fact, Measurement | Level):
            self._counting.append(fact)
        if self._which.at_baseline or relative is Relative.BASELINE:
            self._over_baseline(now)
            return
        assert relative is not None
        if isinstance(fact, Level) or (isinstance(fact, Measurement) and self._history.stands_alone(fact, relative)):
            value = self._history.over_limit(fact, relative)
            self._all(now, ((fact, value),), anew=False)
            return
        self._all(now, ((one, self._history.over_limit(one, relative)) for one in self._recent(now)))

    def _over_baseline(self, now: datetime) -> None:
        base = self._history.before(self._which, in_words=self._which.at_baseline)
        if self._which.at_baseline:
            found = None if base is None else self._history.at_baseline(base, self._which.relative_to)
            self._all(now, () if base is None else ((base, found),))
            return
        self._all(now, ((one, self._history.over_baseline(one, base, self._which)) for one in self._recent(now)))

    def _recent(self, now: datetime) -> list[Measured]:
        within = self._which.within
        self._counting = [one for one in self._counting if now < min(expiry(one, within), FOREVER)]
        return self._counting

    def _all(self, now: datetime, amounts: Iterable[tuple[Measured, Interval | None]], *, anew: bool = True) -> None:
        if anew:
            self._entries.active = []
        for fact, value in amounts:
            if value is not None:
                self._add(fact, value, now)
