"""What a drafted field rests on: the facts of the record behind it, and why it says what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stormwatch.facts import Exposure, Fact, Measurement, Stay


@dataclass(frozen=True, slots=True)
class Source:
    """One fact of the record: the file, the resource or row in it, and what it says and when."""

    file: str
    record: str
    recorded: str = ""
    time: str = ""

    def payload(self) -> dict[str, str]:
        return {"file": self.file, "record": self.record, "recorded": self.recorded, "time": self.time}


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a field was drafted as it is. ``by`` is ``record``, ``stated`` (whoever drafts said it) or ``document``."""

    why: str
    sources: tuple[Source, ...] = ()
    by: str = "record"

    def payload(self) -> dict[str, Any]:
        return {"by": self.by, "why": self.why, "sources": [one.payload() for one in self.sources]}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Basis:
        """The basis that ``payload`` described.

        >>> Basis.from_payload(Basis("as recorded", (Source("a.json", "row 1"),)).payload()).sources[0].record
        'row 1'
        """
        return cls(payload["why"], tuple(Source(**one) for one in payload["sources"]), payload["by"])


def sources(facts: Iterable[Fact], most: int = 12) -> tuple[Source, ...]:
    """Where facts stand in the record, each once, at most so many; a derived value gives what it was derived from."""
    found: dict[Source, None] = {}
    for fact in facts:
        for one in fact.parts if isinstance(fact, Measurement) and fact.parts else (fact,):
            found[Source(one.origin.file, one.origin.record, _recorded(one), one.time.text)] = None
    return tuple(found)[:most]


def stay_source(stay: Stay, file: str) -> Source:
    """Where a stay in hospital stands in the record."""
    return Source(file, stay.record, stay.kind, stay.time.text)


def _recorded(fact: Fact) -> str:
    if isinstance(fact, Exposure):
        return " ".join(part for part in (fact.recorded, fact.dose or fact.rate) if part)
    return fact.recorded
