"""What the rows ask of a patient: values that may be unknown, answers with their reasons, doses, breaks, reactions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from stormwatch.facts import Fact, Interval
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Value:
    """A number with the facts it comes from; None when the record has none, and then ``missing`` says what is."""

    number: Interval | None
    unit: str
    facts: tuple[Fact, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """The answer to one condition of a row: why, on which facts, and what is missing when it is unknown."""

    answer: Truth
    why: str
    facts: tuple[Fact, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """One dose or infusion of a drug that was given. ``mg`` and ``mcg_per_day`` are None where they cannot be read."""

    drug: str
    at: datetime
    stop: datetime | None
    mg: Fraction | None
    mcg_per_day: Fraction | None
    recorded: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Break:
    """An interruption of a drug; ``stop`` and ``restart`` are None while the record has no restart."""

    number: int
    start: datetime
    stop: datetime | None
    cycle: int | None
    restart: Given | None

    def lasted(self, until: datetime) -> timedelta:
        """Its length; while it goes on, its length so far."""
        return (self.stop or until) - self.start


@dataclass(frozen=True, slots=True)
class DrugGiven:
    """One T-cell-engaging drug of the record: its doses, its breaks, and the start of each of its cycles by number."""

    drug: str
    doses: tuple[Given, ...]
    breaks: tuple[Break, ...]
    cycles: dict[int, datetime]

    @property
    def first(self) -> Given:
        return self.doses[0]


@dataclass(frozen=True, slots=True)
class Reaction:
    """An adverse reaction in the record: when it began, how long it lasted, its grade and who graded.

    ``grade`` is None where nothing grades it; ``grading`` is the instrument, empty when there is none.
    """

    toxicity: str
    name: str
    number: int
    onset: datetime
    end: datetime | None
    grade: Interval | None
    grading: str
    facts: tuple[Fact, ...] = ()
    missing: str = ""


def all_of(checks: Iterable[Check]) -> Truth:
    """Not met when one is not met; else unknown when one is unknown; else met."""
    answers = {check.answer for check in checks}
    if Truth.NOT_MET in answers:
        return Truth.NOT_MET
    return Truth.UNKNOWN if Truth.UNKNOWN in answers else Truth.MET


def compared(number: Interval, *, low: Fraction | None = None, below: Fraction | None = None) -> Truth:
    """Whether a number is at least ``low`` and under ``below``; unknown when its range holds both answers.

    >>> compared(Interval.point(45), low=Fraction(45))
    <Truth.MET: 'met'>
    """
    if (low is not None and _under(number, low)) or (below is not None and number.low >= below):
        return Truth.NOT_MET
    certain = (low is None or number.low >= low) and (below is None or _under(number, below))
    return Truth.MET if certain else Truth.UNKNOWN


def _under(number: Interval, limit: Fraction) -> bool:
    return number.high < limit or (number.high == limit and not number.high_closed)
