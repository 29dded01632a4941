"""How a pair's count and its disproportion grew, quarter by quarter of receipt: each point uses all reports so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from stormwatch.signals.measures import Tables, ic, ror
from stormwatch.signals.measuring import number
from stormwatch.signals.selection import Selection, in_list

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

_BY_QUARTER = """
WITH drug AS (SELECT DISTINCT n FROM drugs WHERE substance IN {substances} AND {roles}),
event AS (SELECT DISTINCT n FROM reactions WHERE term IN {terms})
SELECT year(received) || 'Q' || quarter(received) AS quarter, count(*) AS reports,
    count(*) FILTER (n IN (SELECT n FROM drug)) AS with_drug,
    count(*) FILTER (n IN (SELECT n FROM event)) AS with_event,
    count(*) FILTER (n IN (SELECT n FROM drug) AND n IN (SELECT n FROM event)) AS with_both
FROM reports WHERE n IN ({reports}) AND received IS NOT NULL GROUP BY 1 ORDER BY 1
"""


def trend(
    store: Store, selection: Selection, substances: Sequence[str], terms: Sequence[str], reports: str
) -> list[dict[str, Any]]:
    """One row a quarter in which any report of the background (``reports``, SQL) was received.

    Reports without a day of receipt are in no quarter.
    """
    wanted = {"substances": in_list(substances), "terms": in_list(terms), "roles": selection.role_sql}
    query = _BY_QUARTER.format(**wanted, reports=reports)
    found = store.rows(query)
    if not found:
        return []
    total, drug, event, both = np.cumsum(np.array([row[1:] for row in found], dtype=np.int64), axis=0).T
    tables = Tables.of(both, drug - both, event - both, total - drug - event + both)
    information, odds = ic(tables.a, tables.expected), ror(tables)
    return [
        {
            "quarter": row[0],
            "new": row[4],
            "n": int(both[place]),
            "expected": number(tables.expected[place]),
            "ic": number(information.value[place]),
            "ic025": number(information.low[place]),
            "ic975": number(information.high[place]),
            "ror": number(odds.value[place]),
            "ror025": number(odds.low[place]),
            "ror975": number(odds.high[place]),
        }
        for place, row in enumerate(found)
    ]
