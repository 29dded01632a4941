"""Time from the start of therapy to the event, where both days are known; most reports lack one or both.

Only whole dates count, and of several therapies with the drug the last that began on or before the event. The day of
the start is day 0. FAERS knows days, not hours, so what happens within a day cannot be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from stormwatch.signals.selection import Selection, in_list
from stormwatch.signals.weibull import Weibull, fit_weibull

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

SAME_DAY = 0.5
"""What an onset on the day of the start counts as in the Weibull fit, which needs times above 0 (days; ours)."""
BANDS = (0, 1, 3, 7, 14, 28, 90, 365)
"""Upper ends of the bands of the distribution, in days; the last band is open."""

_ONSETS = """
WITH taken AS (
    SELECT DISTINCT drugs.n, drugs.drug FROM drugs WHERE substance IN {substances} AND {roles} AND n IN ({reports})
),
starts AS (SELECT n, start, start_text FROM taken LEFT JOIN therapies USING (n, drug)),
joined AS (
    SELECT reports.n, CASE WHEN event_first = event_last THEN event_first END AS event_day, event_text,
        start, start_text
    FROM starts JOIN reports USING (n)
)
SELECT n, any_value(event_day) AS event_day, max(start) FILTER (start <= event_day) AS start,
    count(start) AS whole_starts, count(nullif(start_text, '')) AS starts, any_value(event_text) AS event_text
FROM joined GROUP BY n ORDER BY n
"""


@dataclass(frozen=True, slots=True)
class Onset:
    """Times to onset in days, and why the other reports have none; the counts add up to ``reports``."""

    reports: int
    days: tuple[int, ...]
    unusable: dict[str, int]
    weibull: Weibull | None

    def as_json(self) -> dict[str, Any]:
        """With the distribution: quartiles and counts by band."""
        held = {"reports": self.reports, "usable": len(self.days), "unusable": self.unusable, **self._quartiles()}
        fitted = None if self.weibull is None else {**asdict(self.weibull), "pattern": self.weibull.pattern}
        return {**held, "bands": self.bands(), "weibull": fitted, "same_day_counts_as": SAME_DAY}

    def bands(self) -> dict[str, int]:
        """How many times lie in each band.

        >>> Onset(3, (0, 2, 400), {}, None).bands()["2-3 days"]
        1
        """
        lows = (0, *(end + 1 for end in BANDS[:-1]))
        labels = [f"{low}-{high} days" if low < high else f"day {low}" for low, high in zip(lows, BANDS, strict=True)]
        places = np.searchsorted(np.asarray(BANDS), np.asarray(self.days, dtype=np.int64))
        counts = np.bincount(places, minlength=len(BANDS) + 1)
        return dict(zip([*labels, f"over {BANDS[-1]} days"], counts.tolist(), strict=True))

    def _quartiles(self) -> dict[str, float | None]:
        names = ("q1", "median", "q3")
        if not self.days:
            return dict.fromkeys(names)
        return dict(zip(names, np.quantile(self.days, (0.25, 0.5, 0.75)).tolist(), strict=True))


def onset(store: Store, selection: Selection, substances: Sequence[str], reports: str) -> Onset:
    """Times to onset of the reports that ``reports`` (SQL) gives."""
    rows = store.rows(_ONSETS.format(substances=in_list(substances), roles=selection.role_sql, reports=reports))
    days = tuple((event_day - start).days for _, event_day, start, *_ in rows if start is not None)
    unusable: dict[str, int] = {}
    for _, event_day, start, whole, starts, event_text in rows:
        if start is None:
            reason = _reason(event_day, whole, starts, event_text)
            unusable[reason] = unusable.get(reason, 0) + 1
    fitted = fit_weibull([day or SAME_DAY for day in days]) if days else None
    return Onset(len(rows), days, dict(sorted(unusable.items())), fitted)


def _reason(event_day: object, whole: int, starts: int, event_text: str | None) -> str:
    if event_day is None:
        return "event date not whole or impossible" if event_text else "no event date"
    if whole == 0:
        return "start of therapy not a whole date" if starts else "no start of therapy"
    return "every start of therapy lies after the event"
