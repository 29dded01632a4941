"""Drug-drug interaction: with which other drugs is the event reported more often than either explains?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stormwatch.signals.backgrounds import background
from stormwatch.signals.measures.interaction import omega, triples_with
from stormwatch.signals.measuring import number
from stormwatch.signals.mentions import load
from stormwatch.signals.names.terms import event
from stormwatch.signals.selection import Selection, drug

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA
    from stormwatch.signals.store import Store

SOURCE = "Norén, Sundberg, Bate, Edwards, Stat Med 2008;27:3057"


def partners(
    store: Store,
    drug_name: str,
    event_name: str,
    *,
    selection: Selection | None = None,
    meddra: MedDRA | None = None,
    least: int = 3,
) -> dict[str, Any]:
    """Omega of a drug and an event with every other drug, the strongest first.

    Args:
        least: leave out partners with fewer reports of both drugs and the event (a choice of ours).

    Returns:
        Rows of partner, reports with both and the event, how many to expect, Omega and its 95 % interval. Omega025
        above zero means more than the two drugs explain by the additive model. It is null where a baseline is lacking.

    Raises:
        UnknownName: the drug, the event or the background is not known.
    """
    chosen = selection or Selection()
    studied, asked = drug(drug_name, store), event(event_name, store, meddra)
    where = background(chosen, store, studied)
    reports = load(store, chosen, where).with_groups(studied.substances, asked.terms)
    places = (len(reports.drug_names) - 1, len(reports.event_names) - 1)
    found = omega(
        triples_with(reports.drugs, reports.events, *places, reports=reports.total, n_drugs=len(reports.drug_names))
    )
    own = {*studied.substances, reports.drug_names[-1]}
    order = np.argsort(-np.nan_to_num(found.omega.low, nan=-np.inf), kind="stable")
    rows = [
        {
            "partner": reports.drug_names[place],
            "n": int(found.observed[place]),
            "expected": number(found.expected[place]),
            "omega": number(found.omega.value[place]),
            "omega025": number(found.omega.low[place]),
            "omega975": number(found.omega.high[place]),
        }
        for place in order.tolist()
        if found.observed[place] >= least and reports.drug_names[place] not in own
    ]
    return {
        "drug": drug_name,
        "event": event_name,
        "reports": reports.total,
        "method": {"measure": "Omega, shrinkage 0.5, exact gamma limits", "source": SOURCE, "least_reports": least},
        "rows": rows,
    }


def partners_text(payload: dict[str, Any]) -> str:
    """The rows as a table for a terminal."""
    lines = [
        f"{payload['drug']} and {payload['event']} with every other drug, {payload['reports']:,} reports",
        f"{payload['method']['measure']} ({payload['method']['source']})",
        f"{'other drug':<32} {'n':>6} {'expected':>9} {'Omega':>7}  95 % interval",
    ]
    lines += [_line(row) for row in payload["rows"]]
    if not payload["rows"]:
        lines.append(f"no other drug is named in {payload['method']['least_reports']} or more of these reports")
    return "\n".join(lines) + "\n"


def _line(row: dict[str, Any]) -> str:
    if row["omega"] is None:
        return f"{row['partner']:<32} {row['n']:>6}  no baseline"
    interval = f"{row['omega025']:.2f} to {row['omega975']:.2f}"
    return f"{row['partner']:<32} {row['n']:>6} {row['expected']:>9.2f} {row['omega']:>7.2f}  {interval}"
