"""What an evaluation returns: a verdict, a range, and the tree of reasons down to the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stormwatch.facts import Interval, Timeline
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic.inputs import Input
from stormwatch.logic.nodes import Node
from stormwatch.logic.reading import Reading
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Because:
    """A node, what it was worth, and why: its parts, or the reading it was taken from."""

    node: Node
    value: Truth | Interval
    parts: tuple[Because, ...] = ()
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An input whose answer is open.

    ``matters`` tells whether some answer to it could change the verdict. ``settling`` of its ``answers`` would settle
    the verdict at once. ``swing`` is how much narrower the range of the score becomes at the least when it is answered.
    """

    input: Input
    items: tuple[str, ...]
    why: str
    matters: bool
    answers: int
    settling: int
    swing: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """An instrument evaluated at one moment, on what was known then.

    ``verdict`` and ``score`` are None where the instrument has none. ``statements`` are the sentences that belong on
    the result: population, evidence, confounders.
    """

    instrument: Instrument
    at: datetime
    verdict: Truth | None
    score: Interval | None
    items: tuple[Because, ...]
    tree: Because | None
    missing: tuple[MissingAnswer, ...]
    statements: tuple[str, ...]
    timeline: Timeline
    software: str


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
