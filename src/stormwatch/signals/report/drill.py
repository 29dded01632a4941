"""From every count to its cases: which reports lie behind each cell of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from stormwatch.signals.describe import OUTCOMES
from stormwatch.signals.onset import Onset
from stormwatch.signals.selection import Selection, in_list
from stormwatch.signals.strata import STRATA

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

Payload = dict[str, Any]
Cells = dict[str, dict[str, list[int]]]
"""Reports by table and cell."""

_REPORTS = "SELECT {value}, n FROM reports WHERE n IN ({reports})"
_VALUES = {
    "sex": STRATA["sex"],
    "age_group": STRATA["age"],
    "year": STRATA["year"],
    "seriousness": f"""CASE WHEN n IN (SELECT n FROM outcomes WHERE outcome IN {in_list(tuple(OUTCOMES))})
        THEN 'with a serious outcome' ELSE 'no outcome stated' END""",
    "reporter": "coalesce(reporter, 'not stated')",
    "country": "coalesce(country, 'not stated')",
    "quarter": "year(received) || 'Q' || quarter(received)",
}
_MANY = {
    "outcomes": "SELECT DISTINCT outcome, n FROM outcomes WHERE n IN ({reports}) AND outcome != ''",
    "co_reported_events": "SELECT DISTINCT term, n FROM reactions WHERE n IN ({reports})",
    "co_reported_drugs": "SELECT DISTINCT substance, n FROM drugs WHERE n IN ({reports})",
}
# Of several rows of the drug the one that says most counts, as in the tables.
_ANSWER = """
SELECT coalesce(nullif(arg_min({column}, CASE {column} WHEN 'Y' THEN 0 WHEN 'N' THEN 1 WHEN 'U' THEN 2 ELSE 3 END),
    ''), 'not stated'), n
FROM drugs WHERE n IN ({reports}) AND substance IN {substances} AND {roles} GROUP BY n
"""
_DAYS = """
SELECT r.n, r.event_first - max(t.start)
FROM reports AS r JOIN drugs AS d ON d.n = r.n JOIN therapies AS t ON t.n = d.n AND t.drug = d.drug
WHERE r.n IN ({reports}) AND d.substance IN {substances} AND {roles}
    AND r.event_first = r.event_last AND t.start <= r.event_first
GROUP BY r.n, r.event_first ORDER BY r.n
"""


class Lists:
    """Lists of reports by name; a cell leads to its list by that name.

    >>> lists = Lists()
    >>> lists.keep("outcomes: death", [4, 9]), lists.keep("outcomes: disability", [])
    ('list-1', None)
    """

    def __init__(self) -> None:
        self.held: dict[str, Payload] = {}

    def keep(self, title: str, reports: Sequence[int], count: int | None = None, command: str = "") -> str | None:
        """Keep a list and name it; a cell without reports leads nowhere. ``count`` is how many there are where
        ``reports`` are only the first, and ``command`` lists them all."""
        if not reports:
            return None
        name = f"list-{len(self.held) + 1}"
        many = len(reports) if count is None else count
        self.held[name] = {"title": title, "count": many, "reports": list(reports), "command": command}
        return name


def cells(store: Store, selection: Selection, substances: Sequence[str], cases: Sequence[int]) -> Cells:
    """The reports of every cell of the description of the cases, and of every quarter."""
    asked = {"reports": listed(cases), "substances": in_list(substances), "roles": selection.role_sql}
    queries = {name: _REPORTS.format(value=value, **asked) for name, value in _VALUES.items()}
    queries |= {name: query.format(**asked) for name, query in _MANY.items()}
    queries |= {name: _ANSWER.format(column=name, **asked) for name in ("dechallenge", "rechallenge")}
    return {name: _grouped(store.rows(query)) for name, query in queries.items()}


def onset_days(store: Store, selection: Selection, substances: Sequence[str], cases: Sequence[int]) -> dict[int, int]:
    """Days from the last start of therapy to the event, by report; reports without both whole dates are left out."""
    query = _DAYS.format(reports=listed(cases), substances=in_list(substances), roles=selection.role_sql)
    return {n: getattr(days, "days", days) for n, days in store.rows(query)}


def bands(days: dict[int, int]) -> dict[str, list[int]]:
    """The reports of each band of the distribution of times to onset."""
    return _grouped((_band(day), n) for n, day in days.items())


def numbers(store: Store, reports: Iterable[int]) -> dict[str, str]:
    """What the source calls each report: its number, by our own."""
    rows = store.rows(f"SELECT n, report FROM reports WHERE n IN ({listed(sorted(set(reports)))})")
    return {str(n): str(report) for n, report in rows}


def listed(reports: Sequence[int]) -> str:
    """Reports as a list of SQL; an empty one matches nothing."""
    return ", ".join(str(n) for n in reports) or "NULL"


def _band(day: int) -> str:
    return next(label for label, count in Onset(1, (day,), {}, None).bands().items() if count)


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for value, n in rows:
        if value is not None:
            found[str(value)].append(n)
    return {value: sorted(reports) for value, reports in found.items()}
