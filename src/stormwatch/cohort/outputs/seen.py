"""The stretch of each record that is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stormwatch.engines.columnar.clock import observed
from stormwatch.engines.columnar.facts import Bools, Facts, Ints
from stormwatch.engines.columnar.times import NEVER


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """For each patient the first fact, the last fact or a death after it, and death (``NEVER``: none recorded)."""

    begin: Ints
    until: Ints
    death: Ints

    def of_rows(self, patient: Ints, moment: Ints) -> tuple[Ints, Ints, Bools]:
        """From when to when each answer of one instrument holds, and which hold after the first fact was there."""
        begin, until = self.begin[patient], self.until[patient]
        ends = np.append(patient[1:] != patient[:-1], True)[: len(patient)]
        stop = np.where(ends, until, np.append(moment[1:], 0)[: len(moment)])
        return np.maximum(moment, begin), stop, ~((stop <= begin) & (begin < until))


def seen(facts: Facts) -> Seen:
    """What is looked at of some patients."""
    first, last = observed(facts)
    death = facts.people.death
    until = np.where((death != NEVER) & (last >= first), np.maximum(last, death), last)
    return Seen(first, until, death)
