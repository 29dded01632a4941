"""Inputs: the questions an instrument puts to the record, each with how far back it looks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from enum import Enum
from math import inf

from stormwatch.facts import Interval


class Take(Enum):
    """Which of several values inside the window counts."""

    LATEST = "latest"
    HIGHEST = "highest"
    LOWEST = "lowest"
    ANY = "any"


class Relative(Enum):
    """What a value is divided by before it is compared."""

    ULN = "uln"
    LLN = "lln"
    BASELINE = "baseline"


def _remembered(self: object) -> int:
    """The hash of a frozen dataclass, computed once: inputs are looked up very often."""
    known = self.__dict__.get("_hash")
    if known is None:
        known = hash((type(self), *(getattr(self, part.name) for part in fields(self))))  # type: ignore[arg-type]
        self.__dict__["_hash"] = known
    return int(known)


@dataclass(frozen=True)
class Baseline:
    """The value a patient had before treatment: the latest one before the first dose of any of ``drugs``.

    ``within`` limits how long before the dose it may have been taken.
    """

    drugs: frozenset[str]
    label: str
    within: timedelta | None = None


@dataclass(frozen=True)
class LabInput:
    """One number about the patient: a measurement in its canonical unit, or its ratio to a limit or a baseline.

    ``within`` is the age at which a value stops counting (exactly that old no longer counts); None means it never
    does. ``at_baseline`` asks for the value before treatment itself instead of the present one. ``baseline`` says what
    before treatment means, and stands exactly where that is asked. ``domain`` is every value the answer could have
    while nothing is recorded.
    """

    __hash__ = _remembered

    analyte: str
    take: Take
    within: timedelta | None
    relative_to: Relative | None = None
    baseline: Baseline | None = None
    at_baseline: bool = False
    domain: Interval = Interval(0, inf, True, False)

    def __post_init__(self) -> None:
        if (self.baseline is not None) != (self.at_baseline or self.relative_to is Relative.BASELINE):
            raise ValueError("a rule for the baseline stands exactly where a baseline is asked for")


@dataclass(frozen=True)
class FindingInput:
    """Whether something is present: by the latest statement in the window, or by any."""

    __hash__ = _remembered

    finding: str
    take: Take
    within: timedelta | None


@dataclass(frozen=True)
class DrugInput:
    """How many different drugs of a group were running or given within the window.

    ``stated`` names the finding by which a record can say outright that none is running.
    """

    __hash__ = _remembered

    label: str
    drugs: frozenset[str]
    within: timedelta
    stated: str = ""
    domain: Interval = Interval(0, inf, True, False)


@dataclass(frozen=True)
class AgeInput:
    """Age in completed years."""

    __hash__ = _remembered

    domain: Interval = Interval(0, inf, True, False)


@dataclass(frozen=True)
class SexInput:
    """Whether the recorded sex is this one."""

    __hash__ = _remembered

    sex: str


@dataclass(frozen=True)
class DeathInput:
    """Whether the patient has died. A record that learns new facts about a patient shows that not."""

    __hash__ = _remembered


NumberInput = LabInput | DrugInput | AgeInput
TruthInput = FindingInput | SexInput | DeathInput
Input = NumberInput | TruthInput
