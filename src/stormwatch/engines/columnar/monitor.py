"""The ward monitor: one patient, one fact at a time, every answer up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from stormwatch.engines.columnar.facts import EXPOSURE, FINDING, LEVELS, MEASUREMENT, Name
from stormwatch.engines.columnar.history import History
from stormwatch.engines.columnar.network import Network, watch_of
from stormwatch.engines.columnar.plan import Plan
from stormwatch.engines.columnar.rebuild import names_of
from stormwatch.engines.columnar.watches import Watch
from stormwatch.engines.result import Moment
from stormwatch.facts import Fact, Finding, Level, Measurement, Patient, usable_from
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic.inputs import AgeInput
from stormwatch.logic.sweep import BEGINNING, FOREVER


@dataclass(frozen=True, slots=True)
class Change:
    """An instrument's answer from a moment on. It takes the place of an earlier change of the same moment."""

    instrument: str
    moment: Moment


class Monitor:
    """One patient's answers, carried from fact to fact.

    A fact changes answers from the moment on at which it can be used. Facts are added in that order; a fact about the
    past that is learnt of now is one that can be used from now. One that could have been used before the last fact
    added makes the monitor start again, and the answers since then are given anew. ``complete`` is as in ``Timeline``:
    the kinds of fact for which silence means no.

    >>> from stormwatch.facts import Patient
    >>> from stormwatch.instruments.catalogue import instrument
    >>> from stormwatch.testing.records import measured
    >>> monitor = Monitor(Patient("a"), [instrument("ohi")])
    >>> [str(change.moment.score) for change in monitor.add(measured("ferritin", 20000, 1))]
    ['<= 2', '1 to 2']
    >>> [change.moment.verdict.value for change in monitor.add(measured("sil2r", 9000, 2))]
    ['met']
    """

    def __init__(
        self, patient: Patient, instruments: Sequence[Instrument] | Plan, *, complete: Iterable[str] = ()
    ) -> None:
        self._plan = instruments if isinstance(instruments, Plan) else Plan(instruments)
        self._patient, self._complete = patient, frozenset(complete)
        self._facts: list[Fact] = []
        self._begin()

    def _begin(self) -> None:
        self._now: datetime | None = None
        self._network = Network(self._plan)
        self._history = History()
        self._watches: list[Watch] = [
            watch_of(leaf, self._patient, self._complete, self._history) for leaf in self._network.leaves
        ]
        self._by_name: dict[Name, list[int]] = defaultdict(list)
        for place, leaf in enumerate(self._network.leaves):
            for name in names_of(leaf.input):
                self._by_name[name].append(place)
        self._ages = [place for place, leaf in enumerate(self._network.leaves) if isinstance(leaf.input, AgeInput)]
        self._due: list[tuple[datetime, int]] = []
        self._pending: list[datetime | None] = [None] * len(self._watches)
        self._moments: list[list[Moment]] = [[] for _ in self._plan.answers]

    def moments(self, instrument: str) -> tuple[Moment, ...]:
        """Every moment at which the instrument's answer changed so far, up to the last fact."""
        ids = [answers.instrument.id for answers in self._plan.answers]
        return tuple(self._moments[ids.index(instrument)])

    def add(self, fact: Fact) -> list[Change]:
        """Learn one fact. The answers that this, and the time that has passed since the last one, have changed."""
        self._facts.append(fact)
        since = usable_from(fact)
        if self._now is not None and since < self._now:
            return self._again(since)
        return self._learn(fact, since)

    def _again(self, since: datetime) -> list[Change]:
        facts = sorted(self._facts, key=usable_from)
        self._begin()
        for fact in facts:
            self._learn(fact, usable_from(fact))
        return [
            Change(answers.instrument.id, moment)
            for answers, moments in zip(self._plan.answers, self._moments, strict=True)
            for moment in moments
            if moment.moment >= since
        ]

    def _learn(self, fact: Fact, now: datetime) -> list[Change]:
        found: list[Change] = []
        if self._now is None:
            self._first(fact, now, found)
        while self._due and self._due[0][0] < now:
            found += self._settle(self._due[0][0], self._aged(self._due[0][0]))
        moved = self._aged(now)
        self._history.learn(fact)
        for place in self._by_name[_name(fact)]:
            self._watches[place].learn(fact, now)
            self._plan_next(place)
            moved.append(place)
        self._now = now
        return found + self._settle(now, moved)

    def _first(self, fact: Fact, now: datetime, found: list[Change]) -> None:
        for place in self._ages:
            self._watches[place].learn(fact, now)
        for place in range(len(self._watches)):
            self._plan_next(place)
        self._network.fill([watch.state for watch in self._watches])
        found += self._answered(BEGINNING)

    def _plan_next(self, place: int) -> None:
        moment = self._watches[place].next()
        if moment is not FOREVER and moment != self._pending[place]:
            heappush(self._due, (moment, place))
        self._pending[place] = None if moment is FOREVER else moment

    def _aged(self, now: datetime) -> list[int]:
        """Let every input that is due at this moment let go of what is too old."""
        moved = []
        while self._due and self._due[0][0] <= now:
            moment, place = heappop(self._due)
            if moment == self._pending[place]:
                self._pending[place] = None
                self._watches[place].age(moment)
                self._plan_next(place)
                moved.append(place)
        return moved

    def _settle(self, now: datetime, moved: list[int]) -> list[Change]:
        changed = self._network.update({place: self._watches[place].state for place in moved})
        return self._answered(now) if changed else []

    def _answered(self, now: datetime) -> list[Change]:
        found = []
        for answers, moments, roots in zip(self._plan.answers, self._moments, self._network.roots, strict=True):
            verdict, score = (None if root is None else self._network.worth(root) for root in roots)
            if moments and (moments[-1].verdict, moments[-1].score) == (verdict, score):
                continue
            moment = Moment(now, verdict, score)
            _put(moments, moment)
            found.append(Change(answers.instrument.id, moment))
        return found


def _put(moments: list[Moment], moment: Moment) -> None:
    """The last moment anew where it is the same one, and none where nothing has changed after all."""
    if moments and moments[-1].moment == moment.moment:
        moments.pop()
    last: Any = moments[-1] if moments else None
    if last is None or (last.verdict, last.score) != (moment.verdict, moment.score):
        moments.append(moment)


def _name(fact: Fact) -> Name:
    if isinstance(fact, Measurement):
        return MEASUREMENT, fact.analyte
    if isinstance(fact, Level):
        return LEVELS[fact.relative_to], fact.analyte
    return (FINDING, fact.name) if isinstance(fact, Finding) else (EXPOSURE, fact.drug)
