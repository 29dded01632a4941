"""How well each measure tells known causes from known non-causes in a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from stormwatch.signals.backgrounds import background
from stormwatch.signals.counts import Counts
from stormwatch.signals.measures import NotConverged, Screen, fit_prior, screen
from stormwatch.signals.measures.tables import Floats
from stormwatch.signals.mentions import Reports, load
from stormwatch.signals.ranking import area
from stormwatch.signals.reference_sets import KnownPair
from stormwatch.signals.selection import Drug, Selection

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

SCORES = ("prr", "prr025", "ror", "ror025", "chi_squared_yates", "ic", "ic025", "ebgm", "eb05")
_ONLY_THE_DRUG = 4
UNDEFINED = (
    "where every report with the event has the drug, PRR and ROR count as higher than any number; "
    "otherwise an undefined measure counts as lower than any"
)
NO_DRUG, NO_TERMS, NO_REPORT = (
    "the drug is in no report",
    "no terms are given for the outcome",
    "the event is in no report",
)


def evaluate(
    store: Store,
    known: Sequence[KnownPair],
    outcomes: Mapping[str, Sequence[str]],
    *,
    selection: Selection | None = None,
) -> dict[str, Any]:
    """The area under the ROC curve of every measure, with DeLong's interval, as plain data.

    ``outcomes`` says which terms an outcome of the set means. Pairs that cannot be judged are left out and counted.
    """
    chosen = selection or Selection()
    all_reports = background(chosen, store, Drug("any", ()))
    reports = load(store, chosen, all_reports)
    usable, left_out = _usable(known, outcomes, reports)
    grouped, places = _grouped(reports, sorted({pair.outcome for pair in usable}), outcomes)
    found, note = _screened(grouped, reports.counts(), usable, places, chosen, store, all_reports.label)
    truth = np.array([pair.causes for pair in usable], dtype=bool)
    return {
        "pairs": len(known),
        "judged": len(usable),
        "left_out": dict(left_out),
        "areas": {score: _area(_scores(found, score), truth) for score in SCORES},
        "undefined": UNDEFINED,
        "note": note,
        **found.method.row(),
    }


def _usable(
    known: Sequence[KnownPair], outcomes: Mapping[str, Sequence[str]], reports: Reports
) -> tuple[list[KnownPair], Counter[str]]:
    drugs, events = set(reports.drug_names), set(reports.event_names)
    usable, left_out = [], Counter[str]()
    for pair in known:
        if pair.outcome not in outcomes:
            left_out[NO_TERMS] += 1
        elif pair.drug not in drugs:
            left_out[NO_DRUG] += 1
        elif not events & set(outcomes[pair.outcome]):
            left_out[NO_REPORT] += 1
        else:
            usable.append(pair)
    return usable, left_out


def _grouped(
    reports: Reports, wanted: Sequence[str], outcomes: Mapping[str, Sequence[str]]
) -> tuple[Reports, dict[str, int]]:
    """The reports with an event more for each outcome, and the numbers of these events."""
    places = {}
    for outcome in wanted:
        places[outcome] = len(reports.event_names)
        reports = reports.with_groups((), outcomes[outcome])
    return reports, places


def _screened(
    grouped: Reports,
    single: Counts,
    usable: Sequence[KnownPair],
    places: Mapping[str, int],
    chosen: Selection,
    store: Store,
    label: str,
) -> tuple[Screen, str]:
    """The measures of the pairs; the prior is fitted to single terms, and where that fails EBGM is not judged."""
    numbers = {name: place for place, name in enumerate(grouped.drug_names)}
    drug = np.array([numbers[pair.drug] for pair in usable], dtype=np.int64)
    event = np.array([places[pair.outcome] for pair in usable], dtype=np.int64)
    fit, note = None, ""
    try:
        fit = fit_prior(single)
    except NotConverged as stopped:
        note = f"no EBGM: {stopped}"
    found = screen(
        grouped.counts(),
        pairs=(drug, event),
        prior=fit,
        empirical_bayes=fit is not None,
        check_cover=False,
        context=chosen.context(store, label),
    )
    return found, note


def _scores(found: Screen, score: str) -> Floats:
    only = (found.reason.astype(np.int64) & _ONLY_THE_DRUG) > 0
    instead = np.where(only & score.startswith(("prr", "ror")), np.inf, -np.inf)
    return np.where(np.isnan(found[score]), instead, found[score])


def _area(scores: Floats, truth: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any] | None:
    if np.all(np.isneginf(scores)):
        return None
    found = area(scores[truth], scores[~truth])
    return None if found is None else asdict(found)
