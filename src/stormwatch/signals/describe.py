"""What the reports of a pair look like: people, reporters, countries, outcomes, other events, stopping, restarting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stormwatch.signals.selection import Selection, in_list
from stormwatch.signals.strata import STRATA

if TYPE_CHECKING:
    from stormwatch.signals.store import Store

OUTCOMES = {
    "DE": "death",
    "LT": "life-threatening",
    "HO": "hospitalisation, initial or prolonged",
    "DS": "disability",
    "CA": "congenital anomaly",
    "RI": "required intervention",
    "OT": "other serious",
}
REPORTERS = {
    "MD": "physician",
    "PH": "pharmacist",
    "OT": "other health professional",
    "HP": "health professional",
    "RN": "registered nurse",
    "LW": "lawyer",
    "CN": "consumer",
}
ANSWERS = {"Y": "positive", "N": "negative", "U": "unknown", "D": "does not apply"}
"""Codes of the quarterly files (FDA, ASC_NTS). A code that is not listed stands for itself."""
MOST = 20

Table = list[dict[str, Any]]


def describe(
    store: Store, selection: Selection, substances: Sequence[str], terms: Sequence[str], reports: str
) -> dict[str, Any]:
    """All tables for the reports that ``reports`` (SQL) gives. Reports count once a row; rows can overlap."""
    return {
        "outcomes": outcomes(store, reports),
        "seriousness": _seriousness(store, reports),
        "sex": _shares(store, STRATA["sex"], reports),
        "age_group": _shares(store, STRATA["age"], reports),
        "year": _shares(store, STRATA["year"], reports),
        "reporter": _named(_shares(store, "coalesce(reporter, 'not stated')", reports), REPORTERS),
        "country": _shares(store, "coalesce(country, 'not stated')", reports)[:MOST],
        "co_reported_events": _others(store, "reactions", "term", terms, reports),
        "co_reported_drugs": _others(store, "drugs", "substance", substances, reports),
        "dechallenge": _answers(store, selection, "dechallenge", substances, reports),
        "rechallenge": _answers(store, selection, "rechallenge", substances, reports),
    }


def outcomes(store: Store, reports: str) -> Table:
    """Serious outcomes; a report can have several."""
    rows = store.rows(f"""
        SELECT outcome, count(DISTINCT n) FROM outcomes WHERE n IN ({reports}) AND outcome != ''
        GROUP BY 1 ORDER BY 2 DESC, 1
    """)
    return [{"value": OUTCOMES.get(code, code), "code": code, "reports": count} for code, count in rows]


def _seriousness(store: Store, reports: str) -> Table:
    """FAERS gives an outcome to serious reports only; without one it says nothing of being not serious."""
    serious = f"SELECT n FROM outcomes WHERE outcome IN {in_list(tuple(OUTCOMES))}"
    [(total, named)] = store.rows(f"SELECT count(*), count(*) FILTER (n IN ({serious})) FROM ({reports}) AS chosen")
    return [
        {"value": "with a serious outcome", "reports": named},
        {"value": "no outcome stated", "reports": total - named},
    ]


def _shares(store: Store, value: str, reports: str) -> Table:
    rows = store.rows(f"""
        SELECT {value} AS value, count(*) FROM reports WHERE n IN ({reports}) GROUP BY 1 ORDER BY 2 DESC, 1
    """)
    return [{"value": value, "reports": count} for value, count in rows]


def _named(table: Table, names: dict[str, str]) -> Table:
    return [{**row, "value": names.get(row["value"], row["value"]), "code": row["value"]} for row in table]


def _others(store: Store, table: str, column: str, own: Sequence[str], reports: str) -> Table:
    rows = store.rows(f"""
        SELECT {column}, count(DISTINCT n) FROM {table} WHERE n IN ({reports}) AND {column} NOT IN {in_list(own)}
        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}
    """)
    return [{"value": value, "reports": count} for value, count in rows]


def _answers(store: Store, selection: Selection, column: str, substances: Sequence[str], reports: str) -> Table:
    """Of a report with several rows of the drug the one that says most counts: positive, negative, then the others."""
    rows = store.rows(f"""
        WITH said AS (
            SELECT n,
                arg_min({column}, CASE {column} WHEN 'Y' THEN 0 WHEN 'N' THEN 1 WHEN 'U' THEN 2 ELSE 3 END) AS code
            FROM drugs WHERE n IN ({reports}) AND substance IN {in_list(substances)} AND {selection.role_sql} GROUP BY n
        )
        SELECT coalesce(nullif(code, ''), 'not stated') AS code, count(*) FROM said GROUP BY 1 ORDER BY 2 DESC, 1
    """)
    return [{"value": ANSWERS.get(code, code), "code": code, "reports": count} for code, count in rows]
