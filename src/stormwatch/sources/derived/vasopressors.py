"""How many vasopressors run, where whoever gave the record vouches that it has every drug."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from stormwatch import terms
from stormwatch.facts import Exposure, Given, Interval, Measurement, Origin
from stormwatch.sources.derived.rule import DERIVED, Description, origins

COUNT = "vasopressor_count"

DESCRIPTION = Description(
    COUNT,
    "infusions of drugs of the class vasopressor (vasopressin counts too)",
    "at every start and stop; single doses do not run, and nothing is said before the first start",
    "number of different drugs running; only where the record is vouched complete in exposures",
    "A count; the class is that of the drug table",
)


def vasopressor_counts(exposures: Sequence[Exposure]) -> Iterator[Measurement]:
    """The count from each moment at which it, or what it counts, changes."""
    infusions = sorted((one for one in exposures if _runs(one)), key=_place)
    before: frozenset[str] = frozenset()
    for moment in sorted({when.latest for one in infusions for when in (one.time, one.stop) if when is not None}):
        running = frozenset(one.drug for one in infusions if _covers(one, moment))
        if running != before:
            yield _count(len(running), moment, infusions)
        before = running


def _runs(exposure: Exposure) -> bool:
    if exposure.given is not Given.GIVEN or exposure.drug not in terms.drugs_in_class("vasopressor"):
        return False
    return exposure.running if exposure.stop is None else exposure.stop.latest > exposure.time.latest


def _place(exposure: Exposure) -> tuple[datetime, datetime, str, str]:
    return exposure.time.latest, exposure.known_at.latest, exposure.origin.file, exposure.origin.record


def _covers(exposure: Exposure, moment: datetime) -> bool:
    return exposure.time.latest <= moment and (exposure.stop is None or moment < exposure.stop.latest)


def _count(number: int, moment: datetime, infusions: list[Exposure]) -> Measurement:
    """Rests on what runs, and on what starts or stops at the moment."""
    basis = tuple(one for one in infusions if _covers(one, moment) or _ends(one, moment))
    edges = [when for one in basis for when in (one.time, one.stop) if when is not None and when.latest == moment]
    known = max([*(one.known_at for one in basis), edges[0]], key=lambda when: when.latest)
    origin = Origin(DERIVED, f"{COUNT} from {origins(basis)}")
    return Measurement(COUNT, Interval.point(number), f"{number} running (derived)", edges[0], known, origin)


def _ends(exposure: Exposure, moment: datetime) -> bool:
    return exposure.stop is not None and exposure.stop.latest == moment
