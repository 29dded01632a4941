"""One drug with every event that is reported with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stormwatch.signals.comparison import Counted
from stormwatch.signals.measuring import drug_rows
from stormwatch.signals.pair import STATEMENTS
from stormwatch.signals.selection import Selection, drug

if TYPE_CHECKING:
    from stormwatch.signals.store import Store


def scan(
    store: Store,
    drug_name: str,
    *,
    selection: Selection | None = None,
    strata: Sequence[str] = (),
    least: int = 1,
    empirical_bayes: bool = True,
    counted: Counted | None = None,
) -> dict[str, Any]:
    """All events of a drug, by the lower limit of the information component, as plain data.

    ``least`` leaves out events with fewer reports. The false discovery rate is over all pairs of the background.
    Where the prior of EBGM cannot be fitted, EBGM is None in every row, and ``ebgm_refused`` says why. ``counted`` is
    the background with this drug and these strata where it was counted before.

    Raises:
        UnknownName: the drug or the background is not known.
    """
    chosen = selection or Selection()
    studied = drug(drug_name, store)
    held = counted or Counted(store, chosen, studied, strata, empirical_bayes=empirical_bayes)
    comparison = held.comparison((), stratified=bool(strata))
    rows, method = drug_rows(comparison, chosen, store)
    return {
        "drug": {"asked": drug_name, "label": studied.label, "substances": list(studied.substances)},
        "background": comparison.label,
        "reports": comparison.counts.reports,
        "reports_with_drug": int(comparison.counts.drug_n[-1]),
        "strata": list(strata),
        "ebgm_refused": comparison.prior.refused,
        "rows": [row for row in rows if row["n"] >= least],
        **method,
        "statements": list(STATEMENTS),
    }
