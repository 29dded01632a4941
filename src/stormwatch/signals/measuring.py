"""The measures of one pair, or of one drug with every event, in one background: rows that say how they came about."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from stormwatch.signals.comparison import Comparison, Prior
from stormwatch.signals.counts import Counts, Integers
from stormwatch.signals.measures import (
    Cover,
    Screen,
    Tables,
    poisson_mid_p,
    q_values,
    reasons,
    ror_exact,
    screen,
    stratified,
)
from stormwatch.signals.measures.tables import Floats
from stormwatch.signals.selection import Selection

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

MEASURES = (
    *("prr", "prr025", "prr975", "ror", "ror025", "ror975", "chi_squared", "chi_squared_yates"),
    *("ic", "ic025", "ic975", "ebgm", "eb05", "eb95", "p", "q"),
)


def pair_row(comparison: Comparison, selection: Selection, store: Store) -> dict[str, Any]:
    """The two-by-two table of the groups asked for, all measures, and how they were computed."""
    drug, event = len(comparison.reports.drug_names) - 1, len(comparison.reports.event_names) - 1
    found = _screened(comparison, selection, store, np.array([drug]), np.array([event]))
    tables = Tables.from_counts(comparison.counts, found.drug, found.event)
    return {
        "background": comparison.label,
        "reports": comparison.counts.reports,
        "table": {cell: int(getattr(tables, cell)[0]) for cell in "abcd"},
        **rows(found)[0],
        "ebgm_refused": comparison.prior.refused,
        "ror_exact": None if comparison.strata else _exact(tables),
        **method(found, comparison.prior),
    }


def _exact(tables: Tables) -> dict[str, float | None]:
    """The conditional odds ratio with its exact interval; of a crude table only."""
    found = ror_exact(tables)
    return {"value": number(found.value[0]), "low": number(found.low[0]), "high": number(found.high[0])}


def drug_rows(
    comparison: Comparison, selection: Selection, store: Store
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """One row for every event that is reported with the drug, most disproportionate first, and the method of all."""
    drug = len(comparison.reports.drug_names) - 1
    events = comparison.counts.pair_event[comparison.counts.pair_drug == drug]
    events = events[events < len(comparison.reports.event_names) - 1]
    found = _screened(comparison, selection, store, np.full(len(events), drug), events)
    names = comparison.reports.event_names
    refused = {"ebgm_refused": comparison.prior.refused}
    table = [{"event": names[place], **row, **refused} for place, row in zip(events.tolist(), rows(found), strict=True)]
    order = sorted(table, key=lambda row: (-(row["ic025"] if row["ic025"] is not None else -math.inf), row["event"]))
    return order, method(found, comparison.prior)


def rows(found: Screen) -> list[dict[str, Any]]:
    """Plain rows; a measure that is undefined is None, and the row says why."""
    held = []
    for place in range(len(found)):
        row: dict[str, Any] = {"n": int(found["n"][place]), "expected": number(found["expected"][place])}
        row |= {measure: number(found[measure][place]) for measure in MEASURES}
        held.append({**row, "undefined": list(reasons(int(found.reason[place]))), **found.method.row()})
    return held


def method(found: Screen, prior: Prior) -> dict[str, Any]:
    """How a screen was computed, with the fit of its prior, its convergence and its cover."""
    held = plain_numbers(found.method.payload())
    fitted = plain_numbers(_as_dict(prior.cover)) if prior.cover is not None else None
    return {"method": {**held, "cover": fitted, "prior_note": prior.note}}


def number(value: float) -> float | None:
    """A number of JSON: what is undefined or infinite is None."""
    return float(value) if math.isfinite(value) else None


def plain_numbers(held: Any) -> Any:
    """Data with plain Python numbers only."""
    if isinstance(held, dict):
        return {key: plain_numbers(value) for key, value in held.items()}
    if isinstance(held, list | tuple):
        return [plain_numbers(value) for value in held]
    if isinstance(held, np.generic):
        held = held.item()
    return number(held) if isinstance(held, float) else held


def _screened(
    comparison: Comparison, selection: Selection, store: Store, drug: np.ndarray[Any, Any], event: np.ndarray[Any, Any]
) -> Screen:
    counts = comparison.counts
    found = screen(
        counts,
        pairs=(drug.astype(np.int64), event.astype(np.int64)),
        strata=comparison.strata,
        prior=comparison.prior.fit,
        empirical_bayes=comparison.prior.fit is not None,
        check_cover=False,
        tests=counts.cells,
        context=selection.context(store, comparison.label),
    )
    found.columns["q"] = _discovery(comparison)[_places(counts, found)]
    return found


def _discovery(comparison: Comparison) -> Floats:
    """The false discovery rate of every pair of the background, and 1 for any that nobody reported."""
    counts = comparison.counts
    expected = stratified.expected(comparison.strata or (counts,), counts.pair_drug, counts.pair_event)
    return np.append(q_values(poisson_mid_p(counts.n, expected), counts.cells), 1.0)


def _places(counts: Counts, found: Screen) -> Integers:
    """Where the pairs of a screen stand among those of the counts; past the end where they do not."""
    width = len(counts.event_n)
    held = counts.pair_drug.astype(np.int64) * width + counts.pair_event
    wanted = found.drug.astype(np.int64) * width + found.event
    places = np.searchsorted(held, wanted)
    known = np.append(held, -1)[places] == wanted
    return np.where(known, places, len(held))


def _as_dict(cover: Cover) -> dict[str, Any]:
    return {**asdict(cover), "error": cover.error}
