"""Rows of condition_occurrence, procedure_occurrence and device_exposure -> findings.

A procedure or a device is present until its end. The end of a condition is not read: stores write the end of the visit
there, which does not say that the condition is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.facts import Fact, Finding
from stormwatch.sources import charted
from stormwatch.sources.draft import Place
from stormwatch.sources.omop.row import Row
from stormwatch.sources.omop.targets import Target
from stormwatch.terms import Scale, Term


def happened_facts(row: Row, target: Target, place: Place) -> Iterator[Fact]:
    """Present from the start, absent from the end; a device of a scale also tells which others are not in use."""
    time = row.start(place.zone)
    found: list[Finding] = []
    if isinstance(target, Scale):
        found += charted.scale_findings(target, [row["source"]], time, time, place)
    elif isinstance(target, Term):
        found += charted.finding(target, True, row["source"], time, time, place)
    yield from found
    end = row.stop(time, place.zone)
    if end is not None:
        present = (finding for finding in found if finding.present)
        yield from (Finding(each.name, False, each.recorded, end, end, place.origin) for each in present)
