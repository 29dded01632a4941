"""What an evaluation returns: a verdict, a range, and the tree of reasons down to the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from stormwatch.engines.missing import MissingAnswer, missing_answers
from stormwatch.engines.readings import knowledge
from stormwatch.engines.reasons import Because, because
from stormwatch.facts import Interval, Timeline
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic.inputs import Input
from stormwatch.logic.reading import Reading
from stormwatch.logic.truth import Truth


@dataclass(frozen=True)
class Assessment:
    """An instrument evaluated at one moment, on what was known then.

    ``verdict`` and ``score`` are None where the instrument has none. ``readings`` are what the record said to each
    question of the instrument at that moment. ``statements`` are the sentences that belong on
    the result: population, evidence, confounders.
    """

    instrument: Instrument
    at: datetime
    verdict: Truth | None
    score: Interval | None
    readings: dict[Input, Reading]
    statements: tuple[str, ...]
    timeline: Timeline
    software: str

    @cached_property
    def items(self) -> tuple[Because, ...]:
        """Every item, with its reasons."""
        known = knowledge(self.readings)
        return tuple(because(item, known, self.readings) for item in self.instrument.items)

    @cached_property
    def tree(self) -> Because | None:
        """The verdict (or the score, where there is no verdict) with its reasons."""
        root = self.instrument.verdict or self.instrument.score
        return None if root is None else because(root, knowledge(self.readings), self.readings)

    @cached_property
    def missing(self) -> tuple[MissingAnswer, ...]:
        """Every open answer, those that would settle most first."""
        return missing_answers(self.instrument, knowledge(self.readings), self.readings)


@dataclass(frozen=True, slots=True)
class Moment:
    """The answer from this moment on, until the next one."""

    moment: datetime
    verdict: Truth | None
    score: Interval | None


@dataclass(frozen=True, slots=True)
class Track:
    """An instrument along a patient's timeline: every moment at which its answer changed, up to ``until``.

    ``first_met`` is the first moment at which the criteria were certainly met (None if they never were), ``worst`` the
    moment of the highest certain score, ``now`` the answer at ``until``.
    """

    instrument: Instrument
    until: datetime
    moments: tuple[Moment, ...]
    first_met: Assessment | None
    worst: Assessment
    now: Assessment
