"""A timeline being read: each record becomes facts, a rejection with its reason, or is counted as outside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import ParamSpec

from stormwatch.facts import Accounting, Fact, Origin, Patient, Stay, Timeline, in_order

P = ParamSpec("P")
_LONGEST_LABEL = 40


class Rejected(Exception):
    """This record is needed and cannot be used. The reason holds no value of the patient's."""


class Outside(Exception):
    """This record is not needed; it is counted under the label."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands, the zone for its clock times, and where remarks about it are counted."""

    origin: Origin
    zone: tzinfo | None
    notes: Counter[str]


@dataclass
class Draft:
    """Facts read so far, with an account of every record."""

    file: str
    zone: tzinfo | None = None
    facts: list[Fact] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    labels: tuple[str, ...] = ()
    notes: Counter[str] = field(default_factory=Counter)
    accounting: Accounting = field(default_factory=Accounting)

    def place(self, record: str) -> Place:
        return Place(Origin(self.file, record), self.zone, self.notes)

    def take(self, record: str, reader: Callable[P, Iterable[Fact | Stay]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add what the reader finds in one record, and account for the record exactly once."""
        try:
            found = list(reader(*args, **kwargs))
        except Rejected as refusal:
            self.accounting.reject(record, str(refusal))
        except Outside as reason:
            self.leave(str(reason))
        else:
            self.accounting.used += 1
            self.facts.extend(f for f in found if not isinstance(f, Stay))
            self.stays.extend(f for f in found if isinstance(f, Stay))

    def leave(self, label: str, records: int = 1) -> None:
        """Count records that are outside what is needed."""
        self.accounting.outside[short(label)] += records

    def timeline(self, patient: Patient, complete: frozenset[str]) -> Timeline:
        notes = tuple(note if count == 1 else f"{note} ({count} times)" for note, count in self.notes.items())
        stays = tuple(sorted(self.stays, key=lambda stay: (stay.time.latest, stay.record)))
        return Timeline(patient, in_order(self.facts), stays, complete, self.labels, notes, self.accounting)


def short(label: str) -> str:
    """A code or a name as a label: printable, on one line, at most 40 characters."""
    printable = "".join(c if c.isprintable() else " " for c in label[: 2 * _LONGEST_LABEL])
    return " ".join(printable.split())[:_LONGEST_LABEL] or "no name"
