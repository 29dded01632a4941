"""What the record says to one input at one moment, and the facts that say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stormwatch.facts import Fact, Interval
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to one input: a value, the facts that decided it, and, where it is open, why.

    ``recorded`` tells whether the record says anything at all; a reading can be recorded and still open (``> 2000``
    against a cut-off of 6000, or a value whose reference limit is missing).
    """

    value: Interval | Truth
    facts: tuple[Fact, ...] = ()
    why_open: str = ""

    @property
    def recorded(self) -> bool:
        return bool(self.facts) or not self.why_open


@dataclass(frozen=True, slots=True)
class Step:
    """A reading and the moment from which it holds, until the next step."""

    moment: datetime
    reading: Reading
