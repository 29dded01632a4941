"""What the record says to each input along one patient's timeline, computed once for all instruments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from stormwatch.facts import Timeline
from stormwatch.logic.inputs import Input
from stormwatch.logic.knowledge import Knowledge
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.windows import steps


class Readings:
    """The readings of every input asked for so far, over the whole timeline of one patient.

    With ``at`` they are those of one moment, and only that moment may be asked for.
    """

    def __init__(self, timeline: Timeline, at: datetime | None = None) -> None:
        self.timeline = timeline
        self._at = at
        self._steps: dict[Input, list[Step]] = {}

    def of(self, which: Input) -> list[Step]:
        """All readings of an input in time order."""
        found = self._steps.get(which)
        if found is None:
            found = self._steps[which] = steps(self.timeline, which, self._at)
        return found

    def reading(self, which: Input, at: datetime) -> Reading:
        """The reading of an input as known at a moment."""
        track = self.of(which)
        return track[bisect_right(track, at, key=_moment) - 1].reading

    def between(self, which: Input, start: datetime, stop: datetime) -> list[Step]:
        """The readings that begin after ``start`` and not after ``stop``."""
        track = self.of(which)
        return track[bisect_right(track, start, key=_moment) : bisect_right(track, stop, key=_moment)]

    def readings(self, which: Iterable[Input], at: datetime) -> dict[Input, Reading]:
        return {one: self.reading(one, at) for one in which}


def knowledge(readings: dict[Input, Reading]) -> Knowledge:
    """Readings in the form that nodes are evaluated on."""
    values = {which: reading.value for which, reading in readings.items()}
    return Knowledge(values, {which for which, reading in readings.items() if reading.recorded})


def _moment(step: Step) -> datetime:
    return step.moment
