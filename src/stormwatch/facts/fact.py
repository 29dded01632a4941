"""What was recorded about one patient: measurements, levels, findings and exposures, each with its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from fractions import Fraction

from stormwatch.facts.interval import Interval
from stormwatch.facts.when import When


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact came from: the file, and the resource id or row inside it."""

    file: str
    record: str

    def __str__(self) -> str:
        return f"{self.file}#{self.record}"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A laboratory or bedside quantity.

    ``value`` is in the analyte's canonical unit; ``recorded`` is the value and unit as the record has them, for
    people. ``low`` and ``high`` are the reference limits printed with the result, in the canonical unit, when it has
    them. ``parts`` are the measurements a derived value was computed from; a measured value has none.
    """

    analyte: str
    value: Interval
    recorded: str
    time: When
    known_at: When
    origin: Origin
    low: Fraction | None = None
    high: Fraction | None = None
    parts: tuple[Measurement, ...] = ()


class Limit(Enum):
    """What a level in words is relative to: a reference limit, or the patient's own value before treatment."""

    ULN = "uln"
    LLN = "lln"
    BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Level:
    """What words say of a quantity whose number nobody printed: "elevated AST", "platelets below the lower limit".

    ``value`` is in multiples of the limit, which the record need not state: elevated is more than 1. It answers
    questions about a multiple of that same limit and no others.

    >>> from stormwatch.facts import Interval, When
    >>> day = When.parse("2024-01-23")
    >>> str(Level("ast", Limit.ULN, Interval.above(1), "elevated AST", day, day, Origin("report", "1")).value)
    '> 1'
    """

    analyte: str
    relative_to: Limit
    value: Interval
    recorded: str
    time: When
    known_at: When
    origin: Origin


@dataclass(frozen=True, slots=True)
class Finding:
    """Something stated to be present or absent. What nobody stated has no Finding at all."""

    name: str
    present: bool
    recorded: str
    time: When
    known_at: When
    origin: Origin


class Given(Enum):
    """Whether the record says that a drug was given, only ordered, or expressly not given."""

    GIVEN = "given"
    ORDERED = "ordered"
    NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class Exposure:
    """A drug, from ``time`` until ``stop``.

    ``stop`` is missing for a single moment (a bolus) and for an infusion still running; ``running`` tells them apart.
    ``dose`` and ``rate`` are as recorded. ``status`` is what the record says became of it (completed, stopped,
    on-hold ...), empty when it says nothing.
    """

    drug: str
    given: Given
    recorded: str
    time: When
    known_at: When
    origin: Origin
    stop: When | None = None
    running: bool = False
    dose: str = ""
    rate: str = ""
    route: str = ""
    status: str = ""


Fact = Measurement | Level | Finding | Exposure


def usable_from(fact: Fact) -> datetime:
    """The first moment at which the fact can be used: it has happened, and it is known."""
    happened, known = fact.time.latest, fact.known_at.latest
    return happened if happened >= known else known
