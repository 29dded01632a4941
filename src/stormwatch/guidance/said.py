"""What a row of a document says for one patient on one occasion, with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stormwatch.facts import Fact, Origin
from stormwatch.guidance.computed import Computed
from stormwatch.guidance.known import Check, Given, all_of
from stormwatch.guidance.person import aged, indicated, states, weighs
from stormwatch.guidance.population import population
from stormwatch.guidance.schema import Document, Row
from stormwatch.guidance.situation import Situation
from stormwatch.logic.truth import Truth

_SAYS = {"label": "The label says", "guideline": "The guideline says", "protocol": "The protocol has"}


@dataclass(frozen=True, slots=True)
class Occasion:
    """What in the course a row is held against: the treatment, a cycle, an interruption, a reaction, a dose."""

    key: str
    title: str
    at: datetime
    drug: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A row, whether it applies, and what it says for this patient.

    ``applies`` is MET when every condition of the row holds on the record's facts, NOT_MET when one does not, UNKNOWN
    when the record does not tell: then ``missing`` names what would. ``text`` reports the document and what follows for
    this patient from its own numbers; ``values`` has the same as data. ``because`` are the conditions
    with their answers. It is a report of a document, never advice.
    """

    document: Document
    row: Row
    occasion: Occasion
    applies: Truth
    text: str
    because: tuple[str, ...]
    facts: tuple[Fact, ...]
    missing: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def section(self) -> str:
        """The section of the document, with its revision."""
        return f"section {self.row.section} ({self.document.revision}; seen {self.document.seen})"

    @property
    def evidence(self) -> str:
        """Primary, secondary or unconfirmed."""
        return self.row.evidence

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where the facts stand in the record."""
        return tuple(dict.fromkeys(fact.origin for fact in self.facts))


@dataclass(slots=True)
class Findings:
    """What an evaluation of one row gathers.

    ``observed`` is what the record has (a grade, a length of time); ``values`` and ``sentences`` are what follows for
    this patient, told only where the row can be about this patient.
    """

    checks: list[Check] = field(default_factory=list)
    observed: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def dose(self, name: str, computed: Computed, lead: str) -> None:
        """Add a computed dose under a name, with a sentence that begins with ``lead``."""
        self.values[name] = computed.data
        self.sentences.append(f"{lead}: {computed.text}")
        self.facts += computed.facts
        self.missing += [computed.missing] if computed.missing else []


def said(document: Document, row: Row, patient: Situation, occasion: Occasion, found: Findings) -> Said:
    """Put a row, its conditions and what was computed together. An unconfirmed row never applies."""
    about = list(population(document, patient))
    own = [*_conditions(document, row, patient, occasion), *found.checks]
    checks = [*about, *own]
    if row.evidence == "unconfirmed":
        checks.append(Check(Truth.UNKNOWN, "confirmed by a source", (), "a source that confirms the row"))
    applies = all_of(checks)
    told = row.evidence != "unconfirmed" and _told(all_of(about), all_of(own))
    opened = [check.missing for check in checks if check.answer is Truth.UNKNOWN and check.missing]
    facts = [*(fact for check in checks for fact in check.facts), *occasion.facts, *(found.facts if told else ())]
    sentences = [f"{_SAYS.get(document.kind, 'The text says')}: {row.text}"]
    sentences += _outside(document, about) + (found.sentences if told else [])
    return Said(
        document=document,
        row=row,
        occasion=occasion,
        applies=applies,
        text=" ".join(sentences),
        because=tuple(f"{check.why}: {_ANSWERS[check.answer]}" for check in checks),
        facts=tuple(dict.fromkeys(facts)),
        missing=() if applies is Truth.NOT_MET else tuple(dict.fromkeys(opened + found.missing)),
        values={**found.observed, **(found.values if told else {})},
    )


_ANSWERS = {Truth.MET: "yes", Truth.NOT_MET: "no", Truth.UNKNOWN: "cannot tell"}


def _told(about: Truth, own: Truth) -> bool:
    """Whether doses and dates are told: never where a condition of the row fails, and outside the document's
    population only where all conditions of the row hold."""
    return own is Truth.MET if about is Truth.NOT_MET else own is not Truth.NOT_MET


def _outside(document: Document, about: list[Check]) -> list[str]:
    if all_of(about) is not Truth.NOT_MET:
        return []
    return [f"This patient is outside what the document is about: {document.population}"]


def _conditions(document: Document, row: Row, patient: Situation, occasion: Occasion) -> Iterator[Check]:
    if row.indication is not None:
        yield indicated(patient, patient.drug(document.drug), row.indication)
    if row.weight_from is not None or row.weight_below is not None:
        yield weighs(patient, occasion.at, row.weight_from, row.weight_below)
    if row.age is not None:
        yield aged(patient, occasion.at, row.age)
    if row.finding:
        yield states(patient, occasion.at, row.finding)


def facts_of(parts: Iterable[Given]) -> tuple[Fact, ...]:
    """The facts behind doses given."""
    return tuple(part.fact for part in parts)
