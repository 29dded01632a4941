"""How far a run is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stormwatch.cohort.ledger import Entry
from stormwatch.cohort.portion import added

_WIDTH = 20


@dataclass(slots=True)
class Progress:
    """What is done: patients, rows read, and how many rows there are in all (None: not known beforehand).

    ``before`` are rows that were done by an earlier call; they do not count towards the rate.
    """

    patients: int = 0
    rows: int = 0
    before: int = 0
    of: int | None = None

    def take(self, entry: Entry, *, earlier: bool = False) -> None:
        counted = added([entry.account])
        rows = counted["used"] + sum(counted["rejected"].values()) + sum(counted["outside"].values())
        self.patients += entry.patients
        self.rows += rows
        self.before += rows if earlier else 0

    def line(self, seconds: float) -> str:
        """One line for people."""
        rate = (self.rows - self.before) / max(seconds, 1e-9)
        if self.of is None:
            return f"{self.patients:,} patients, {self.rows:,} rows, {rate:,.0f} rows/s"
        left = "" if rate == 0 else f", {max(self.of - self.rows, 0) / rate:,.0f} s left"
        return f"{self._bar()} {self.patients:,} patients, {self.rows:,} of {self.of:,} rows, {rate:,.0f} rows/s{left}"

    def _bar(self) -> str:
        share = min(self.rows / self.of, 1.0) if self.of else 1.0
        return f"[{'#' * round(_WIDTH * share):<{_WIDTH}}] {share:4.0%}"


Listener = Callable[[Progress], None]
