"""The report as plain data; text and HTML are renderings of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stormwatch._version import version
from stormwatch.facts import Timeline
from stormwatch.sources.quality.account import Accounts
from stormwatch.sources.quality.measured import Measured
from stormwatch.sources.quality.needs import Lacking, Needs
from stormwatch.sources.quality.unmapped import unmapped

Payload = dict[str, Any]


def quality(timelines: Iterable[Timeline], needs: Needs | None = None) -> Payload:
    """What was understood of the timelines of a record, one for each patient, and what was not.

    Each timeline is looked at once and not kept, so they may come from a generator. Counts are exact however small they
    are; the report is for whoever prepares the data. It holds no patient's id and no value.

    Args:
        timelines: all patients of one record, or single patients of records apart.
        needs: by instrument, the analytes, findings, drugs and drug classes it asks about.

    Raises:
        UnknownName: a need is no analyte, finding, drug or drug class.
    """
    accounts, measured, lacking = Accounts(), Measured(), Lacking(needs or {})
    patients = facts = 0
    for timeline in timelines:
        patients += 1
        facts += len(timeline.facts)
        accounts.add(timeline.accounting)
        measured.add(timeline)
        lacking.add(timeline)
    return {
        "software": f"stormwatch {version()}",
        "patients": patients,
        "facts": facts,
        "accounting": accounts.payload(),
        "analytes": measured.payload(accounts),
        "unmapped": unmapped(accounts.outside),
        "needs": lacking.payload(),
    }
