"""Watches of drugs and of the patient's own data."""

from __future__ import annotations

from datetime import datetime, timedelta

from stormwatch.engines.columnar.cells import Cells
from stormwatch.engines.columnar.history import Place
from stormwatch.engines.columnar.watches import order_of
from stormwatch.facts import Exposure, Fact, Finding, Given, Interval, Patient
from stormwatch.logic.inputs import DrugInput
from stormwatch.logic.sweep import FOREVER, expiry, shifted


class DrugWatch:
    """How many drugs of a group were running or given within the window."""

    def __init__(self, which: DrugInput, cells: Cells, *, complete: bool) -> None:
        self._which, self._cells, self._complete = which, cells, complete
        self._courses: list[tuple[str, bool, datetime]] = []
        self._said: list[tuple[Place, Interval, datetime]] = []
        self._learnt = 0
        self.state = self._settled()

    def learn(self, fact: Fact, now: datetime) -> None:
        self._learnt += 1
        if now < FOREVER and isinstance(fact, Exposure) and fact.given is not Given.ORDERED:
            self._courses.append((fact.drug, fact.given is Given.GIVEN, _end(fact, self._which.within)))
        elif now < FOREVER and isinstance(fact, Finding):
            value = Interval.above(1, closed=True) if fact.present else Interval.point(0)
            place = (*order_of(fact), fact.origin.file, fact.origin.record, self._learnt)
            self._said.append((place, value, expiry(fact, self._which.within)))
        self.age(now)

    def age(self, now: datetime) -> None:
        self._courses = [one for one in self._courses if _counts(one[-1], now)]
        self._said = [one for one in self._said if _counts(one[-1], now)]
        self.state = self._settled()

    def next(self) -> datetime:
        stops = [one[-1] for one in (*self._courses, *self._said)]
        return min((stop for stop in stops if stop is not FOREVER), default=FOREVER)

    def _settled(self) -> int:
        given = {drug for drug, is_given, _ in self._courses if is_given}
        denied = {drug for drug, is_given, _ in self._courses if not is_given}
        group = len(self._which.drugs)
        if given or len(denied) == group:
            most = len(given) if self._complete else group - len(denied - given)
            return self._cells.state(Interval(len(given), most))
        if self._said:
            return self._cells.state(max(self._said, key=lambda one: one[0])[1])
        return self._cells.state(Interval.point(0)) if self._complete else 0


def _end(exposure: Exposure, within: timedelta) -> datetime:
    if exposure.running and exposure.stop is None:
        return FOREVER
    return shifted((exposure.stop or exposure.time).latest, within)


def _counts(stop: datetime, now: datetime) -> bool:
    return stop is FOREVER or stop > now


class AgeWatch:
    """Completed years: at the first fact, and again on every birthday."""

    def __init__(self, patient: Patient, cells: Cells) -> None:
        self._patient, self._cells = patient, cells
        self._now: datetime | None = None
        self.state = 0

    def learn(self, fact: Fact, now: datetime) -> None:
        if self._now is None:
            self.age(now)

    def age(self, now: datetime) -> None:
        self._now = now
        years = self._patient.age_years(now)
        self.state = 0 if years is None else self._cells.state(Interval(*years))

    def next(self) -> datetime:
        birth = self._patient.birth
        if birth is None or self._now is None:
            return FOREVER
        dates = {birth.earliest.date(), birth.latest.date()}
        years = (self._now.year, min(self._now.year + 1, datetime.max.year))
        days = (_birthday(year, date.month, date.day) for date in dates for year in years)
        return min((day for day in days if day > self._now), default=FOREVER)


def _birthday(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, min(day, 28) if month == 2 else day, tzinfo=FOREVER.tzinfo)


class DeathWatch:
    """Alive until the last moment the death may have been. ``rest`` is alive, ``dead`` what comes then."""

    def __init__(self, patient: Patient, rest: int, dead: int) -> None:
        self._death = None if patient.death is None else patient.death.latest
        self._dead = dead
        self.state = rest

    def learn(self, fact: Fact, now: datetime) -> None:
        return

    def age(self, now: datetime) -> None:
        if self._death is not None and now >= self._death:
            self.state, self._death = self._dead, None

    def next(self) -> datetime:
        return FOREVER if self._death is None else self._death


class FixedWatch:
    """What never changes, such as the sex."""

    def __init__(self, state: int) -> None:
        self.state = state

    def learn(self, fact: Fact, now: datetime) -> None:
        return

    def age(self, now: datetime) -> None:
        return

    def next(self) -> datetime:
        return FOREVER
