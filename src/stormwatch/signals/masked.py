"""Drugs and events whose many reports hide a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stormwatch.signals.measures import masking
from stormwatch.signals.measuring import number

if TYPE_CHECKING:
    from stormwatch.signals.comparison import Comparison
    from stormwatch.signals.measures.masking import By


def masked_by(comparison: Comparison, most: int = 5) -> list[dict[str, Any]]:
    """What hides the pair most: by how much its PRR rises when the reports of that drug or event are taken out."""
    return [*_one(comparison, "drug", most), *_one(comparison, "event", most)]


def _one(comparison: Comparison, by: By, most: int) -> list[dict[str, Any]]:
    reports = comparison.reports
    drug, event = len(reports.drug_names) - 1, len(reports.event_names) - 1
    names = reports.drug_names if by == "drug" else reports.event_names
    found = masking(*(reports.drugs, reports.events, drug, event), reports=reports.total, n_items=len(names), by=by)
    return [
        {"by": by, "name": names[place], "ratio": number(found.ratio[place]), "prr": number(found.prr.value[place]),
         "rule": found.rule}
        for place in found.strongest(most)
    ]  # fmt: skip
