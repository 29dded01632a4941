"""One synthetic patient: what a record would say, and apart from it what is true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Result:
    """One result as the laboratory prints it: ``value`` and ``unit`` are texts, the limits are in the same unit.

    ``dirt`` names what went wrong on the way, and is empty where nothing did. A result without a number has a remark as
    its value; one whose time was lost has none.
    """

    analyte: str
    value: str
    unit: str
    time: datetime | None
    known_at: datetime
    low: str = ""
    high: str = ""
    dirt: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Something stated to be present or absent."""

    finding: str
    present: bool
    time: datetime


@dataclass(frozen=True, slots=True)
class Category:
    """A charted category, such as the oxygen device."""

    scale: str
    text: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Dose:
    """A drug ``given`` or ``ordered``; without ``stop`` at a single moment, without ``amount`` no dose is recorded."""

    drug: str
    said: str
    time: datetime
    stop: datetime | None = None
    amount: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """The truth: a syndrome the patient has, its grade where it has one (else 0), its onset and its peak."""

    syndrome: str
    grade: int
    onset: datetime
    peak: datetime


@dataclass(frozen=True, slots=True)
class SyntheticPatient:
    """A patient, by number: with the same seed the same number is the same patient, however many are made."""

    number: int
    arm: str
    site: str
    sex: str
    birth: date
    death: datetime | None
    first_dose: datetime
    admitted: datetime
    discharged: datetime
    labels: tuple[Label, ...]
    results: tuple[Result, ...]
    answers: tuple[Answer, ...]
    categories: tuple[Category, ...]
    doses: tuple[Dose, ...]
    history: tuple[Answer, ...]

    @property
    def rows(self) -> int:
        """How many things the record states."""
        return sum(map(len, (self.results, self.answers, self.categories, self.doses, self.history)))
