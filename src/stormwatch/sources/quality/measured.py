"""What was measured of each analyte: how often, in whom, in which units, how far apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from stormwatch import analytes
from stormwatch.facts import Measurement, Timeline
from stormwatch.sources.quality.account import Accounts, analyte_of
from stormwatch.sources.quality.units import OTHER, conversion, recorded_unit


@dataclass
class Tally:
    """Counts of one analyte. ``rows`` are recorded values; ``duplicates`` those that repeat another origin's result."""

    rows: int = 0
    patients: int = 0
    derived: int = 0
    censored: int = 0
    duplicates: int = 0
    units: Counter[str] = field(default_factory=Counter)
    gaps: list[float] = field(default_factory=list)

    def add(self, measured: Sequence[Measurement]) -> None:
        """Count one patient's measurements. Derived ones are counted apart."""
        recorded = [one for one in measured if not one.parts]
        self.derived += len(measured) - len(recorded)
        if not recorded:
            return
        self.patients += 1
        self.rows += len(recorded)
        self.censored += sum(not one.value.is_point for one in recorded)
        self.units.update(map(recorded_unit, recorded))
        self.duplicates += repeats(recorded)
        moments = sorted({one.time.latest for one in recorded})
        self.gaps += [(later - earlier).total_seconds() / 3600 for earlier, later in pairwise(moments)]


def repeats(measured: Sequence[Measurement]) -> int:
    """How many results stand again under another origin: same value, same time, as in laboratory and chart."""
    origins = defaultdict(set)
    for one in measured:
        origins[one.time.latest, one.value].add(one.origin)
    return sum(len(found) - 1 for found in origins.values())


class Measured:
    """The tallies of all analytes."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = defaultdict(Tally)

    def add(self, timeline: Timeline) -> None:
        for analyte, measured in timeline.measurements.items():
            self._tallies[analyte].add(measured)

    def payload(self, accounts: Accounts) -> list[dict[str, Any]]:
        """In the order of the catalogue; analytes of which every value was rejected are listed too."""
        refused = {analyte_of(reason) for reason in accounts.rejected}
        listed = [name for name in analytes.catalogue() if name in self._tallies or name in refused]
        return [_row(name, self._tallies[name], accounts.rejected_of(name)) for name in listed]


def _row(name: str, tally: Tally, rejected: list[dict[str, Any]]) -> dict[str, Any]:
    analyte = analytes.analyte(name)
    return {
        "analyte": name,
        "title": analyte.title,
        "unit": analyte.unit,
        "rows": tally.rows,
        "patients": tally.patients,
        "results": tally.rows - tally.duplicates,
        "duplicates": tally.duplicates,
        "derived": tally.derived,
        "censored": tally.censored,
        "units": [_unit(name, unit, rows) for unit, rows in tally.units.most_common()],
        "rejected": rejected,
        "gap_hours": _gap(tally.gaps),
    }


def _unit(analyte: str, unit: str, rows: int) -> dict[str, Any]:
    said = "" if unit == OTHER else conversion(analyte, unit)
    return {"unit": unit, "rows": rows, "conversion": said}


def _gap(gaps: list[float]) -> dict[str, Any] | None:
    """Median and 90th percentile of the hours between one patient's successive measurements; None without any."""
    if not gaps:
        return None
    ninth = gaps[0] if len(gaps) == 1 else quantiles(gaps, n=10, method="inclusive")[8]
    return {"gaps": len(gaps), "median": round(median(gaps), 2), "p90": round(ninth, 2)}
