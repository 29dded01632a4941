"""One drug and one event: is the pair reported more often than expected, and what do its reports look like?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stormwatch.signals.backgrounds import background
from stormwatch.signals.cells import cell_sql
from stormwatch.signals.comparison import Counted, compared
from stormwatch.signals.describe import describe
from stormwatch.signals.flow import Flow
from stormwatch.signals.masked import masked_by
from stormwatch.signals.measuring import pair_row
from stormwatch.signals.names.terms import Event, event
from stormwatch.signals.onset import onset
from stormwatch.signals.selection import Drug, Selection, drug, in_list
from stormwatch.signals.trend import trend

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA
    from stormwatch.signals.store import Store

STATEMENTS = (
    "A disproportion compares shares of reports. It is no incidence and no risk: how many took the drug is unknown.",
    "It does not show that the drug caused the event, nor does its absence show that it did not.",
    "Reporting is selective: publicity, age of the drug, indication and duplicates change it.",
)
"""What a disproportion is not; stands by every figure once."""


def pair(
    store: Store,
    drug_name: str,
    event_name: str,
    *,
    selection: Selection | None = None,
    strata: Sequence[str] = (),
    restricted: Sequence[str] = (),
    meddra: MedDRA | None = None,
    empirical_bayes: bool = True,
    counted: Counted | None = None,
) -> dict[str, Any]:
    """Everything about a pair, as plain data: measures (crude, stratified, restricted), cases, onset, trend.

    ``strata`` are of age, sex and year; ``restricted`` are further backgrounds. Every row names its likelihood,
    counting unit, drug roles, rule of de-duplication, background and version of MedDRA. A measure that is undefined is
    None, with the reason in ``undefined``; where the prior of EBGM cannot be fitted, EBGM is None and ``ebgm_refused``
    says why. ``counted`` is the background with this drug and these strata where it was counted before.

    Raises:
        UnknownName: the drug, the event or a background is not known.
        UsageError: a role, stratum or rule is not known.
    """
    chosen = selection or Selection()
    studied, asked = drug(drug_name, store), event(event_name, store, meddra)
    held = counted or Counted(store, chosen, studied, strata, empirical_bayes=empirical_bayes)
    main = held.comparison(asked.terms)
    inside = background(chosen, store, studied).sql
    reports = cell_sql("a", chosen, studied, asked, inside)
    measures = {"crude": pair_row(main, chosen, store)}
    details = {
        "masking": masked_by(main),
        "trend": trend(store, chosen, studied.substances, asked.terms, inside),
        "onset": onset(store, chosen, studied.substances, reports).as_json(),
        "description": describe(store, chosen, studied.substances, asked.terms, reports),
        "cases": [n for (n,) in store.rows(f"{reports} ORDER BY n")],
    }
    if strata:
        adjusted = held.comparison(asked.terms, stratified=True)
        measures["stratified"] = {"strata": list(strata), **pair_row(adjusted, chosen, store)}
    others = [replace(chosen, background=name) for name in restricted]
    return {
        "drug": {"asked": drug_name, "label": studied.label, "substances": list(studied.substances)},
        "event": {
            "asked": event_name,
            "label": asked.label,
            "terms": list(asked.terms),
            "definition": asked.definition,
        },
        "flow": pair_flow(store, chosen, studied, asked).as_json(),
        "measures": measures,
        "restricted": [
            pair_row(compared(store, one, studied, asked.terms, empirical_bayes=empirical_bayes), one, store)
            for one in others
        ],
        **details,
        "sources": [_source(one) for one in store.manifest["sources"]],
        "duplicates": store.manifest["duplicates"],
        "statements": list(STATEMENTS),
    }


def pair_flow(store: Store, selection: Selection, studied: Drug, asked: Event) -> Flow:
    """The flow of the database, and on to the reports of the pair."""
    flow = Flow.from_json(store.manifest["flow"])
    if selection.deduplication == "versions":
        flow = Flow(flow.start, flow.unit, flow.steps[:-1])
    chosen = background(selection, store, studied)
    named = f"SELECT n FROM drugs WHERE substance IN {in_list(studied.substances)}"
    steps = (
        (f"not in the background: {chosen.label}", chosen.sql),
        (f"{studied.label} not named", f"SELECT n FROM ({chosen.sql}) AS b WHERE n IN ({named})"),
        (
            f"{studied.label} named in other roles than {', '.join(selection.roles)}",
            f"SELECT n FROM ({chosen.sql}) AS b WHERE n IN ({named} AND {selection.role_sql})",
        ),
        (f"{asked.label} not named", cell_sql("a", selection, studied, asked, chosen.sql)),
    )
    for rule, query in steps:
        flow = flow.then(rule, store.rows(f"SELECT count(DISTINCT n) FROM ({query}) AS s")[0][0])
    return flow


def _source(held: dict[str, Any]) -> dict[str, Any]:
    """A source with its files' hashes and what became of their lines."""
    return {name: held[name] for name in ("source", "kind", "files", "meddra", "notes")}
