"""Rows that are more than a number: each different one is read once, by the reader itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from stormwatch.facts import Fact, Origin
from stormwatch.sources.draft import Outside, Place, Rejected, short
from stormwatch.sources.mapped.code_map import CodeMap
from stormwatch.sources.mapped.target import target_facts
from stormwatch.sources.mapped.values import DIFFER, one_value
from stormwatch.sources.times import when, zone_of

STANDS_FOR = datetime(2000, 1, 1, 12, tzinfo=UTC)
"""The time in place of a row's own, while its code and value are read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: its facts (their time is ``STANDS_FOR``), a reason to reject it, or a label outside."""

    facts: tuple[Fact, ...] = ()
    reason: str = ""
    label: str = ""

    @property
    def before_time(self) -> bool:
        """Whether the reader decides this before it looks at the time of the row."""
        return bool(self.label) or self.reason == DIFFER


def outcome(code: str, number: str, text: str, meanings: CodeMap) -> Outcome:
    """What the reader makes of a row with this code and value."""
    meant = meanings.find(code)
    if meant is None:
        return Outcome(label=short(code))
    target, unit = meant
    place = Place(Origin("", ""), UTC, Counter())
    try:
        cells = {"value": one_value(number, text), "unit": unit, "time": STANDS_FOR.isoformat()}
        return Outcome(tuple(target_facts(target, cells, code, place)))
    except Rejected as refusal:
        return Outcome(reason=str(refusal))
    except Outside as left:
        return Outcome(label=short(str(left)))


@lru_cache(maxsize=4096)
def why_no_moment(clock: str, zone: str | None) -> str:
    """Why a clock time is no moment, in the reader's words."""
    try:
        when(clock, zone_of(zone))
    except Rejected as refusal:
        return str(refusal)
    raise AssertionError("the columns and the reader disagree about a time")
