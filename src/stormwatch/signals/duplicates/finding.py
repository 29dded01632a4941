"""Weighs the candidate pairs, groups those that are probably one case, and writes both for anyone to check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stormwatch.signals.duck import interruptible
from stormwatch.signals.duplicates.candidates import find_candidates
from stormwatch.signals.duplicates.clusters import clusters, representatives
from stormwatch.signals.duplicates.parameters import Parameters
from stormwatch.signals.duplicates.weights import agreement, difference, disagreement

if TYPE_CHECKING:
    import duckdb

FIELDS = ("drug", "event", "date", "age", "sex", "country")
_BATCH = 500_000
_KINDS = {"drug": "drugs", "event": "reactions"}

_ITEMS = """
CREATE OR REPLACE TEMP TABLE {field}_matches AS
SELECT first, second, sum(weight) AS weight, count(*) AS shared, list(a.item ORDER BY a.item) AS items
FROM pairs
JOIN {field}_items AS a ON a.n = first JOIN {field}_items AS b ON b.n = second AND b.item = a.item
JOIN {field}_weights AS w ON w.item = a.item GROUP BY first, second
"""
_SHARES = """
SELECT {column}, count(*) / sum(count(*)) OVER () FROM compared WHERE {column} IS NOT NULL GROUP BY 1
"""
_KNOWN = """
SELECT n, filled, coalesce(CAST(received - DATE '1900-01-01' AS INTEGER), 0) FROM compared
WHERE n IN (SELECT unnest(?))
"""
_SUMS = "CREATE OR REPLACE TEMP TABLE {field}_sizes AS SELECT n, count(*) AS size FROM {field}_items GROUP BY n"
_FEATURES = """
SELECT first, second,
    coalesce(d.weight, 0) + {drug} * (da.size + db.size - 2 * coalesce(d.shared, 0)) AS drug,
    coalesce(e.weight, 0) + {event} * (ea.size + eb.size - 2 * coalesce(e.shared, 0)) AS event,
    CASE WHEN a.sex = b.sex THEN sa.weight WHEN a.sex != b.sex THEN {sex} ELSE 0 END AS sex,
    CASE WHEN a.country = b.country THEN ca.weight WHEN a.country != b.country THEN {country} ELSE 0 END AS country,
    coalesce(a.age - b.age, 'nan'::DOUBLE) AS age,
    coalesce(CAST(a.event_first - b.event_last AS DOUBLE), 'nan'::DOUBLE) AS date_low,
    coalesce(CAST(a.event_last - b.event_first AS DOUBLE), 'nan'::DOUBLE) AS date_high,
    coalesce(d.items, []) AS drugs, coalesce(e.items, []) AS events
FROM pairs JOIN compared AS a ON a.n = first JOIN compared AS b ON b.n = second
LEFT JOIN drug_matches AS d USING (first, second) LEFT JOIN event_matches AS e USING (first, second)
JOIN drug_sizes AS da ON da.n = first JOIN drug_sizes AS db ON db.n = second
JOIN event_sizes AS ea ON ea.n = first JOIN event_sizes AS eb ON eb.n = second
LEFT JOIN sex_weights AS sa ON sa.item = a.sex LEFT JOIN country_weights AS ca ON ca.item = a.country
"""


def find_duplicates(connection: duckdb.DuckDBPyConnection, folder: Path, chosen: Parameters) -> dict[str, Any]:
    """Write ``matches.parquet`` and ``duplicates.parquet``; the counts and rules go into the manifest."""
    files = (str(folder / "drugs.parquet"), str(folder / "reactions.parquet"))
    summary: dict[str, Any] = dict(find_candidates(connection, *files, chosen.largest_block))
    reports = connection.execute("SELECT count(*) FROM compared").fetchall()[0][0]
    threshold = chosen.threshold(reports)
    misfits = _make_weights(connection, chosen)
    matches = _weigh(connection, chosen, misfits, threshold)
    pq.write_table(matches, folder / "matches.parquet")
    stands_for = _group(connection, matches)
    _write_groups(stands_for, folder / "duplicates.parquet")
    return {
        **summary,
        "matches": matches.num_rows,
        "duplicates": len(stands_for),
        "cases_with_duplicates": len(set(stands_for.values())),
        "threshold_bits": round(threshold, 2),
        "rule": f"hit-miss match weight, parameters: {chosen.source}; threshold, blocking and grouping: ours",
    }


def _make_weights(connection: duckdb.DuckDBPyConnection, chosen: Parameters) -> dict[str, float]:
    """Tables of the weight of every value, and what a disagreement weighs in each field."""
    shares = {
        "drug": "SELECT item, share FROM drug_shares",
        "event": "SELECT item, share FROM event_shares",
        "sex": _SHARES.format(column="sex"),
        "country": _SHARES.format(column="country"),
    }
    misfits = {}
    for field, query in shares.items():
        rows = [(item, agreement(share, chosen.miss[field])) for item, share in connection.execute(query).fetchall()]
        table = pa.table({"item": [row[0] for row in rows], "weight": [row[1] for row in rows]},
                         schema=pa.schema([("item", pa.string()), ("weight", pa.float64())]))  # fmt: skip
        connection.register("weighed", table)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {field}_weights AS SELECT * FROM weighed")
        connection.unregister("weighed")
        misfits[field] = disagreement(chosen.miss[field])
    return misfits


def _weigh(
    connection: duckdb.DuckDBPyConnection, chosen: Parameters, misfits: dict[str, float], threshold: float
) -> pa.Table:
    with interruptible():
        for field in _KINDS:
            connection.execute(_ITEMS.format(field=field))
            connection.execute(_SUMS.format(field=field))
        spreads = _spreads(connection)
        reader = connection.sql(_FEATURES.format(**misfits)).to_arrow_reader(_BATCH)
        kept = [_kept(reader.schema.empty_table(), chosen, spreads, threshold)]
        kept += [_kept(pa.Table.from_batches([batch]), chosen, spreads, threshold) for batch in reader]
    return pa.concat_tables(kept).sort_by([("first", "ascending"), ("second", "ascending")])


def _spreads(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """How much ages and dates vary between reports; at least a unit, where there are hardly any."""
    query = """
        SELECT coalesce(stddev_samp(age), 0), coalesce(stddev_samp(epoch(event_first) / 86400.0), 0) FROM compared
    """
    age, date = connection.execute(query).fetchall()[0]
    return {"age": max(float(age), 1.0), "date": max(float(date), 1.0)}


def _kept(pairs: pa.Table, chosen: Parameters, spreads: dict[str, float], threshold: float) -> pa.Table:
    """The pairs that reach the threshold and agree in age or date, with the weight of every field."""
    columns = {
        name: pairs[name].to_numpy() for name in ("drug", "event", "sex", "country", "age", "date_low", "date_high")
    }
    age, low, high = columns.pop("age"), columns.pop("date_low"), columns.pop("date_high")
    columns["age"] = np.nan_to_num(difference(age, age, chosen.age, spreads["age"]))
    columns["date"] = np.nan_to_num(difference(low, high, chosen.date, spreads["date"]))
    total = np.sum([columns[field] for field in FIELDS], axis=0)
    chosen_rows = (total >= threshold) & ((columns["age"] > 0) | (columns["date"] > 0))
    table = pa.table(
        {
            "first": pairs["first"],
            "second": pairs["second"],
            "weight": np.round(total, 3),
            **{f"{field}_weight": np.round(columns[field], 3) for field in FIELDS},
            "drugs": pairs["drugs"],
            "events": pairs["events"],
        }
    )
    return table.filter(pa.array(chosen_rows))


def _group(connection: duckdb.DuckDBPyConnection, matches: pa.Table) -> dict[int, int]:
    pairs = {
        (first, second): weight
        for first, second, weight in zip(
            *(matches[name].to_pylist() for name in ("first", "second", "weight")), strict=True
        )
    }
    members = sorted({one for pair in pairs for one in pair})
    known = {n: (filled, day) for n, filled, day in connection.execute(_KNOWN, [members]).fetchall()}
    return representatives(clusters(pairs), known)


def _write_groups(stands_for: dict[int, int], target: Path) -> None:
    schema = pa.schema([("n", pa.int32()), ("duplicate_of", pa.int32())])
    rows = sorted(stands_for.items())
    pq.write_table(pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=schema), target)
