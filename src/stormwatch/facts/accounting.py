"""What became of every row read: used, rejected with a reason, or outside what is needed. The three add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that could not be used: where it stands, and why. It carries no value of the patient's."""

    record: str
    reason: str


@dataclass
class Accounting:
    """Counts for one reading. A row is a line of a table, or a resource of a bundle (each component counts as one)."""

    used: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    outside: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        return self.used + len(self.rejected) + self.outside.total()

    def reject(self, record: str, reason: str) -> None:
        self.rejected.append(Rejection(record, reason))

    def summary(self) -> str:
        """One line for people: how many rows, and what became of them."""
        parts = (
            f"{self.read:,} rows read = {self.used:,} used",
            f"{len(self.rejected):,} rejected",
            f"{self.outside.total():,} outside what is needed",
        )
        return " + ".join(parts)

    def reasons(self) -> list[tuple[str, int]]:
        """Reasons for rejection, most frequent first."""
        return Counter(r.reason for r in self.rejected).most_common()
