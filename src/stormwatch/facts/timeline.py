"""All facts of one patient in time order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property

from stormwatch.facts.accounting import Accounting
from stormwatch.facts.fact import Exposure, Fact, Finding, Level, Measurement, usable_from
from stormwatch.facts.when import When


@dataclass(frozen=True, slots=True)
class Patient:
    """Whom the record is about. ``sex`` is ``female``, ``male``, ``other`` or empty when not stated."""

    id: str
    sex: str = ""
    birth: When | None = None
    death: When | None = None

    def age_years(self, at: datetime) -> tuple[int, int] | None:
        """Lowest and highest age in completed years at a moment, or None when the birth date is not recorded."""
        if self.birth is None:
            return None
        today = at.astimezone(UTC).date()
        return _completed(self.birth.latest.date(), today), _completed(self.birth.earliest.date(), today)


@dataclass(frozen=True, slots=True)
class Stay:
    """A contact with a hospital: its class (inpatient, emergency ...) and its time."""

    kind: str
    time: When
    stop: When | None
    record: str


@dataclass(frozen=True)
class Timeline:
    """All facts of one patient in time order: by the time they are about, then by when they were known.

    ``complete`` names the kinds of fact (``"exposures"``, ``"findings"``) for which whoever gave the record vouches
    that silence means no. Without that word, silence means unknown. ``labels`` are what the record says of itself as a
    whole, such as that its values are illustrative; they are shown wherever results are. ``notes`` are for whoever
    reads the record in: what was left out of it, and how often.
    """

    patient: Patient
    facts: tuple[Fact, ...]
    stays: tuple[Stay, ...] = ()
    complete: frozenset[str] = frozenset()
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    accounting: Accounting = field(default_factory=Accounting, compare=False)

    @cached_property
    def measurements(self) -> dict[str, tuple[Measurement, ...]]:
        """Measurements by analyte."""
        found: dict[str, list[Measurement]] = defaultdict(list)
        for fact in self.facts:
            if isinstance(fact, Measurement):
                found[fact.analyte].append(fact)
        return {name: tuple(facts) for name, facts in found.items()}

    @cached_property
    def levels(self) -> dict[str, tuple[Level, ...]]:
        """Levels in words by analyte."""
        found: dict[str, list[Level]] = defaultdict(list)
        for fact in self.facts:
            if isinstance(fact, Level):
                found[fact.analyte].append(fact)
        return {name: tuple(facts) for name, facts in found.items()}

    @cached_property
    def findings(self) -> dict[str, tuple[Finding, ...]]:
        """Findings by name."""
        found: dict[str, list[Finding]] = defaultdict(list)
        for fact in self.facts:
            if isinstance(fact, Finding):
                found[fact.name].append(fact)
        return {name: tuple(facts) for name, facts in found.items()}

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        return tuple(f for f in self.facts if isinstance(f, Exposure))

    @cached_property
    def zone(self) -> tzinfo:
        """The zone the record was kept in (of its first exact time), in which moments are shown."""
        return next((f.time.zone for f in self.facts if f.time.is_exact), UTC)

    @cached_property
    def begin(self) -> datetime | None:
        """The first moment at which the record knew anything. None for an empty record."""
        return min((usable_from(f) for f in self.facts), default=None)

    @cached_property
    def end(self) -> datetime | None:
        """The data cut: the last moment at which the record learnt anything. None for an empty record."""
        return max((usable_from(f) for f in self.facts), default=None)


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts by the time they are about, then by when they were known, then by where they came from."""
    return tuple(sorted(facts, key=lambda f: (f.time.latest, f.known_at.latest, f.origin.file, f.origin.record)))


def _completed(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
