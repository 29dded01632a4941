"""Which pairs of reports are compared at all, so that the work grows with the reports and not with their square.

Two keys are ours. One is the day of the event with a drug and a reaction; the other is age in years, sex, and the
rarest drug and the rarest reaction of the report. Reports that share neither are never compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stormwatch.signals.duck import interruptible

if TYPE_CHECKING:
    import duckdb

_SETUP = """
CREATE OR REPLACE TEMP TABLE compared AS
    SELECT n, case_number, event_first, event_last, age, sex, country, received,
        CAST(age IS NOT NULL AS INTEGER) + CAST(sex IS NOT NULL AS INTEGER) + CAST(country IS NOT NULL AS INTEGER)
        + CAST(coalesce(event_first = event_last, false) AS INTEGER) + CAST(weight IS NOT NULL AS INTEGER)
        + CAST(reporter IS NOT NULL AS INTEGER) AS filled
    FROM reports WHERE status = 'case';
CREATE OR REPLACE TEMP TABLE drug_items AS SELECT DISTINCT n, substance AS item FROM read_parquet(?);
CREATE OR REPLACE TEMP TABLE event_items AS SELECT DISTINCT n, term AS item FROM read_parquet(?);
CREATE OR REPLACE TEMP TABLE drug_shares AS
    SELECT item, count(*) / (SELECT count(*) FROM compared) AS share FROM drug_items GROUP BY item;
CREATE OR REPLACE TEMP TABLE event_shares AS
    SELECT item, count(*) / (SELECT count(*) FROM compared) AS share FROM event_items GROUP BY item;
"""
_KEYS = """
CREATE OR REPLACE TEMP TABLE keys AS
SELECT n, 'day, drug and reaction' AS kind, hash(event_first, d.item, e.item) AS key
FROM compared JOIN drug_items AS d USING (n) JOIN event_items AS e USING (n) WHERE event_first = event_last
UNION ALL
SELECT n, 'age, sex, rarest drug and reaction', hash(floor(age), sex, drug, event)
FROM compared
JOIN (SELECT n, arg_min(item, (share, item)) AS drug FROM drug_items JOIN drug_shares USING (item) GROUP BY n) USING (n)
JOIN (SELECT n, arg_min(item, (share, item)) AS event FROM event_items JOIN event_shares USING (item) GROUP BY n)
    USING (n)
WHERE age IS NOT NULL AND sex IS NOT NULL
"""
_PAIRS = """
CREATE OR REPLACE TEMP TABLE pairs AS
SELECT DISTINCT a.n AS first, b.n AS second
FROM keys AS a JOIN keys AS b ON a.kind = b.kind AND a.key = b.key AND a.n < b.n
JOIN blocks ON blocks.kind = a.kind AND blocks.key = a.key AND blocks.size <= ?
"""


def find_candidates(
    connection: duckdb.DuckDBPyConnection, drugs: str, reactions: str, largest_block: int
) -> dict[str, int]:
    """Make the tables ``compared``, ``pairs``, and the items with their shares; count pairs and blocks left out."""
    with interruptible():
        for statement in (part for part in _SETUP.split(";") if part.strip()):
            path = [drugs] if "drug_items AS SELECT" in statement else [reactions]
            connection.execute(statement, path if "?" in statement else [])
        connection.execute(_KEYS)
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE blocks AS SELECT kind, key, count(*) AS size FROM keys GROUP BY ALL"
        )
        connection.execute(_PAIRS, [largest_block])
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM pairs), count(*) FROM blocks WHERE size > ?", [largest_block]
        ).fetchall()[0]
    return {"pairs": counts[0], "blocks_left_out": counts[1]}
