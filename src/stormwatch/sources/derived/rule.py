"""What a rule is: which parts it needs, how old each may be, and how it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from stormwatch.facts import Fact, Interval

DERIVED = "derived"
"""Stands for the file in the origin of every derived fact."""

SAME_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Part:
    """An analyte a rule needs; ``within`` is how long before the derived value it may have been measured."""

    analyte: str
    within: timedelta


@dataclass(frozen=True, slots=True)
class Description:
    """A rule for people: what it derives, from what, how close in time, how, and who says so."""

    name: str
    parts: str
    window: str
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """How one analyte is computed from measurements of others.

    ``compute`` takes the values of the parts in their order, in canonical units, and gives every value the result can
    have; None where the parts contradict each other. The windows are ours: ``why`` gives the reason.
    """

    analyte: str
    parts: tuple[Part, ...]
    formula: str
    compute: Callable[..., Interval | None]
    why: str
    source: str

    @property
    def yields(self) -> timedelta:
        """A value measured this close, before or after, wins over the derived one: the window of the newest part."""
        return min(part.within for part in self.parts)

    @property
    def description(self) -> Description:
        parts = ", ".join(part.analyte for part in self.parts)
        ages = ", ".join(f"{part.analyte} {_age(part.within)}" for part in self.parts)
        return Description(self.analyte, parts, f"{ages} (ours: {self.why})", self.formula, self.source)


def origins(facts: tuple[Fact, ...]) -> str:
    """Where the parts stand in the record, so that a person can find them again."""
    return ", ".join(dict.fromkeys(str(fact.origin) for fact in facts))


def _age(within: timedelta) -> str:
    if within == SAME_TIME:
        return "at the same time"
    hours = within.total_seconds() / 3600
    return f"up to {hours:g} h before" if hours <= 24 else f"up to {hours / 24:g} d before"
