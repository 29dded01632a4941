"""What a patient's earlier facts are needed for: reference limits and the value before treatment, as known now."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from stormwatch.facts import Exposure, Fact, Given, Interval, Level, Measurement, usable_from
from stormwatch.logic.inputs import LabInput, Relative
from stormwatch.logic.sweep import BEGINNING, FOREVER, shifted

Place = tuple[datetime, datetime, str, str, int]
Measured = Measurement | Level


class History:
    """The measurements and doses learnt so far, in the order of a timeline."""

    def __init__(self) -> None:
        self._measured: dict[str, list[tuple[Place, Measurement]]] = defaultdict(list)
        self._limited: dict[tuple[str, bool], list[tuple[Place, Measurement]]] = defaultdict(list)
        self._told: dict[tuple[str, str], list[tuple[Place, Level]]] = defaultdict(list)
        self._doses: dict[str, datetime] = {}
        self._places: dict[int, Place] = {}
        self._learnt = 0

    def learn(self, fact: Fact) -> None:
        """Keep a fact."""
        self._learnt += 1
        if isinstance(fact, Measurement):
            place = (fact.time.latest, fact.known_at.latest, fact.origin.file, fact.origin.record, self._learnt)
            self._places[id(fact)] = place
            insort(self._measured[fact.analyte], (place, fact), key=_place)
            for relative in (Relative.ULN, Relative.LLN):
                if self.limit(fact, relative) is not None:
                    insort(self._limited[fact.analyte, relative is Relative.ULN], (place, fact), key=_place)
        elif isinstance(fact, Level):
            place = (fact.time.latest, fact.known_at.latest, fact.origin.file, fact.origin.record, self._learnt)
            insort(self._told[fact.analyte, fact.relative_to.value], (place, fact), key=_place)
        elif isinstance(fact, Exposure) and fact.given is Given.GIVEN:
            begun = fact.time.earliest
            self._doses[fact.drug] = min(begun, self._doses.get(fact.drug, FOREVER))

    def stands_alone(self, fact: Measurement, relative: Relative) -> bool:
        """Whether a measurement has a limit of its own, and no other can need that limit."""
        last = self._measured[fact.analyte][-1][1]
        return last is fact and self.limit(fact, relative) is not None

    @staticmethod
    def limit(fact: Measurement, relative: Relative) -> Fraction | None:
        """The limit printed with a measurement, if it can divide."""
        printed = fact.high if relative is Relative.ULN else fact.low
        return printed if printed is not None and printed > 0 else None

    def over_limit(self, fact: Measured, relative: Relative) -> Interval | None:
        """A measurement over its own limit, or over the one of the latest earlier measurement known to have one.

        A level in words is such a ratio already.
        """
        if isinstance(fact, Level):
            return fact.value
        own = self.limit(fact, relative)
        if own is None:
            before = self._limited[fact.analyte, relative is Relative.ULN]
            own = self._latest(before[: bisect_left(before, self._places[id(fact)], key=_place)], fact, relative)
        return None if own is None else fact.value.affine(1 / own)

    def over_baseline(self, fact: Measured, base: Measured | None, which: LabInput) -> Interval | None:
        """A measurement over the value before treatment. A level in words counts after the first dose."""
        if isinstance(fact, Level):
            first = self._first_dose(which)
            return fact.value if first != FOREVER and fact.time.latest > first else None
        if base is None or not base.value.is_point or base.value.low <= 0:
            return None
        return fact.value.affine(1 / base.value.low) if fact.time.latest > base.time.latest else None

    def at_baseline(self, base: Measured, relative: Relative | None) -> Interval | None:
        """The value before treatment, over its limit where that is asked."""
        if relative is None or isinstance(base, Level):
            return base.value
        own = self.limit(base, relative)
        if own is None:
            before = self._limited[base.analyte, relative is Relative.ULN]
            stop = bisect_left(before, (base.time.latest, base.known_at.latest), key=lambda pair: pair[0][:2])
            own = self._latest(before[:stop], base, relative)
        return None if own is None else base.value.affine(1 / own)

    def _latest(
        self, before: list[tuple[Place, Measurement]], fact: Measurement, relative: Relative
    ) -> Fraction | None:
        """The limit of the latest of those that count beside a fact: back to the first that was known before it."""
        best: tuple[Any, Measurement] | None = None
        for place, one in reversed(before):
            if best is None or place[:2] >= best[0]:
                best = (place[:2], one)
            if usable_from(one) <= usable_from(fact):
                break
        return None if best is None else self.limit(best[1], relative)

    def before(self, which: LabInput, *, in_words: bool) -> Measured | None:
        """The latest measurement before the first dose known of; ``in_words``: or level, a measurement first."""
        assert which.baseline is not None
        first, within = self._first_dose(which), which.baseline.within
        if first == FOREVER:
            return None
        earliest = BEGINNING if within is None else shifted(first, -within)
        found = self._last_between(self._measured[which.analyte], earliest, first)
        if in_words and which.relative_to is not None:
            told = self._last_between(self._told[which.analyte, which.relative_to.value], earliest, first)
            if told is not None and (found is None or told[0][:2] > found[0][:2]):
                found = told
        return None if found is None else found[1]

    def _first_dose(self, which: LabInput) -> datetime:
        assert which.baseline is not None
        return min((self._doses.get(drug, FOREVER) for drug in which.baseline.drugs), default=FOREVER)

    @staticmethod
    def _last_between(
        facts: Sequence[tuple[Place, Measured]], earliest: datetime, last: datetime
    ) -> tuple[Place, Measured] | None:
        for place, fact in reversed(facts):
            if place[0] <= last:
                return (place, fact) if place[0] >= earliest else None
        return None


def _place(pair: tuple[Place, Any]) -> Place:
    return pair[0]
