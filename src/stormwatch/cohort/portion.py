"""Some patients of a cohort: who they are, their facts in columns, and what became of every row that was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from stormwatch.engines.columnar.facts import Facts
from stormwatch.facts import Accounting


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A patient none of whose rows is evaluated: who, where the rows begin, how many there are, and why."""

    patient: str
    place: str
    rows: int
    reason: str


@dataclass(slots=True)
class Account:
    """What became of the rows read, as in ``Accounting``, in a form that is added up over many patients.

    ``places`` and ``reasons`` are of the rows rejected one by one, ``left_out`` of patients rejected as a whole; none
    has a value of a patient's.
    """

    used: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    places: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.used + len(self.places) + sum(one.rows for one in self.left_out) + self.outside.total()

    def reject(self, place: str, reason: str) -> None:
        self.places.append(place)
        self.reasons.append(reason)

    def take(self, one: Accounting) -> None:
        """Add the account of one patient's timeline."""
        self.used += one.used
        self.outside.update(one.outside)
        for rejection in one.rejected:
            self.reject(rejection.record, rejection.reason)

    def numbers(self) -> dict[str, Any]:
        """The counts alone."""
        rejected = Counter(self.reasons)
        for one in self.left_out:
            rejected[one.reason] += one.rows
        return {
            "used": self.used,
            "rejected": dict(sorted(rejected.items())),
            "outside": dict(sorted(self.outside.items())),
        }


@dataclass(frozen=True, slots=True)
class Portion:
    """Patients with their facts; ``ids`` names them in the order of the facts' patient indexes."""

    ids: tuple[str, ...]
    facts: Facts
    account: Account
    notes: tuple[str, ...] = ()


def added(numbers: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The counts of several accounts as one."""
    used, rejected, outside = 0, Counter[str](), Counter[str]()
    for one in numbers:
        used += one["used"]
        rejected.update(one["rejected"])
        outside.update(one["outside"])
    return {"used": used, "rejected": dict(sorted(rejected.items())), "outside": dict(sorted(outside.items()))}
