"""What a drug's administrations amount to: infusions joined from bags, dose steps, holds and cycles.

Every moment is the latest one the record's text allows, in UTC. Rates and doses are exact; None is a rate or dose the
record does not give in a unit that can be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Literal

from stormwatch.facts import Exposure, When

Kind = Literal["t_cell_engager", "car_t", "other"]
WhyHeld = Literal["recorded as stopped", "recorded as on hold", "gap in the administrations"]

Span = tuple[datetime, datetime | None]
"""A stretch of time; its end is None while it goes on."""


@dataclass(frozen=True, slots=True)
class Infusion:
    """A drug given without a break: one dose, or the bags of one rate that follow each other.

    ``stop`` is None for a single moment, for an infusion still ``running``, and where the record gives no end;
    ``open_ended`` is the last of these. ``mg`` is the dose of a single administration. ``recorded`` is the dose or rate
    as written, ``status`` what the record says became of the last bag, ``facts`` the administrations it is made of,
    ``spans`` the stretches in which it ran, without the gaps between bags. ``ends`` is ``stop`` as recorded.
    """

    drug: str
    start: datetime
    stop: datetime | None
    running: bool
    mcg_per_day: Fraction | None
    mg: Fraction | None
    recorded: str
    status: str
    facts: tuple[Exposure, ...]
    open_ended: bool = False
    spans: tuple[Span, ...] = ()
    ends: When | None = None

    @property
    def fact(self) -> Exposure:
        """The administration it began with."""
        return self.facts[0]

    @property
    def last(self) -> datetime:
        """The last moment at which the record says it was given; for a running one, its start."""
        return self.stop or self.start


@dataclass(frozen=True, slots=True)
class Step:
    """A change of dose from one infusion or dose to the next, in mcg/day for a continuous infusion, else in mg."""

    at: datetime
    before: Fraction
    after: Fraction
    unit: Literal["mcg/day", "mg"] = "mcg/day"


@dataclass(frozen=True, slots=True)
class Hold:
    """The drug was stopped before its cycle was over; ``stop`` and ``restart`` are None when the record has no restart.

    ``cycle`` is the one in which it began.
    """

    start: datetime
    stop: datetime | None
    why: WhyHeld
    restart: Infusion | None
    cycle: int | None

    @property
    def length(self) -> timedelta | None:
        """How long it lasted; None when the record has no restart."""
        return None if self.stop is None else self.stop - self.start


@dataclass(frozen=True, slots=True)
class Cycle:
    """Infusions that the label counts as one cycle. ``stop`` is None while one of them is running or open-ended.

    ``number`` counts from the first cycle in the record, unless the record states a number (``stated``).
    """

    number: int
    start: datetime
    stop: datetime | None
    infusions: tuple[Infusion, ...]
    steps: tuple[Step, ...]
    holds: tuple[Hold, ...]
    infused: timedelta = timedelta()
    stated: bool = False


@dataclass(frozen=True, slots=True)
class DrugCourse:
    """One drug under suspicion, from its first to its last administration in the record.

    ``cycles`` are numbered only where the label says what a cycle is. ``steps`` are all changes of dose but those from
    one cycle to the next. ``last`` is the last moment at which it is known to have been given. ``infused`` is the time
    it ran, without infusions whose end is not recorded. ``assumptions`` say what was chosen in reading the record.
    """

    drug: str
    kind: Kind
    infusions: tuple[Infusion, ...]
    cycles: tuple[Cycle, ...]
    holds: tuple[Hold, ...]
    first: datetime
    last: datetime
    running: bool
    infused: timedelta
    assumptions: tuple[str, ...] = ()
    steps: tuple[Step, ...] = field(default=())
