"""The tables of the cases: drugs with their substances, reactions, outcomes, therapies, indications."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.signals.duck import interruptible, text, write_parquet
from stormwatch.signals.names.ingredients import NameCount, Names

if TYPE_CHECKING:
    import duckdb

RAW = ("reports", "drugs", "reactions", "outcomes", "report_sources", "therapies", "indications")
_CASES = "FROM raw_{table} JOIN (SELECT n, source, report FROM reports WHERE status = 'case') USING (source, report)"
_PLAIN = "nullif(trim(regexp_replace(lower({column}), '\\s+', ' ', 'g')), '')"


def open_raw(connection: duckdb.DuckDBPyConnection, raw: Path, sources: list[tuple[str, str, int, int]]) -> None:
    """Views on the raw tables of all sources, and the table of the sources: name, scheme, era, rank."""
    connection.execute("CREATE TEMP TABLE sources (source VARCHAR, scheme VARCHAR, era INTEGER, rank INTEGER)")
    connection.executemany("INSERT INTO sources VALUES (?, ?, ?, ?)", sources)
    for table in RAW:
        parts = []
        for source, _, _, _ in sources:
            folder = raw / f"source={source}"
            files = [
                file for file in (folder / f"{table}.parquet", folder / f"{table}-mended.parquet") if file.exists()
            ]
            listed = ", ".join(text(file) for file in files)
            parts.append(f"SELECT *, {text(source)} AS source FROM read_parquet([{listed}], hive_partitioning = false)")
        rows = " UNION ALL BY NAME ".join(parts)
        connection.execute(f"CREATE TEMP VIEW raw_{table} AS SELECT * FROM ({rows}) WHERE report IS NOT NULL")
    named = "SELECT DISTINCT source, report FROM raw_{} WHERE {} IS NOT NULL"
    connection.execute(
        "CREATE TEMP VIEW named_reports AS "
        f"({named.format('drugs', 'coalesce(name, ingredient)')}) INTERSECT ({named.format('reactions', 'term')})"
    )


def resolve_names(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Make the table ``names``: what each name and ingredient as written was taken for; rows by rule."""
    query = (
        f"SELECT coalesce(name, ''), coalesce(ingredient, ''), count(*) {_CASES.format(table='drugs')} GROUP BY 1, 2"
    )
    seen = [NameCount(*row) for row in connection.execute(query).fetchall()]
    names = Names(seen)
    used: Counter[str] = Counter()
    rows = []
    for one in sorted(seen, key=lambda one: (one.name, one.ingredient)):
        found = names.resolve(one.name, one.ingredient)
        used[found.rule] += one.rows
        rows.append((one.name, one.ingredient, list(found.substances), found.rule, found.score, one.rows))
    _load_names(connection, rows)
    return used


def _load_names(connection: duckdb.DuckDBPyConnection, rows: list[tuple[str, str, list[str], str, float, int]]) -> None:
    import pyarrow as pa

    columns = ("name", "ingredient", "substances", "rule", "score", "rows")
    types = (pa.string(), pa.string(), pa.list_(pa.string()), pa.string(), pa.float64(), pa.int64())
    data = [pa.array([row[place] for row in rows], type=kind) for place, kind in enumerate(types)]
    table = pa.table(data, names=list(columns))
    connection.register("resolved", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE names AS SELECT * FROM resolved")
    connection.unregister("resolved")


def write_tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write every table of the cases, ordered by report, so that the same files give the same tables."""
    with interruptible():
        for table, query in _QUERIES.items():
            write_parquet(connection, f"{query} ORDER BY ALL", folder / f"{table}.parquet")


def _cases(table: str) -> str:
    return _CASES.format(table=table)


def _plain(column: str) -> str:
    return _PLAIN.format(column=column)


_QUERIES = {
    "drugs": f"""
        SELECT DISTINCT n, trim(drug) AS drug, upper(trim(role)) AS role, unnest(substances) AS substance, rule, score,
            nullif(trim(r.name), '') AS name, nullif(trim(route), '') AS route, nullif(trim(dose), '') AS dose,
            upper(trim(dechallenge)) AS dechallenge, upper(trim(rechallenge)) AS rechallenge
        FROM (SELECT * {_cases("drugs")}) AS r
        JOIN names ON names.name = coalesce(r.name, '') AND names.ingredient = coalesce(r.ingredient, '')""",
    "reactions": f"""
        SELECT DISTINCT n, {_plain("term")} AS term, nullif(trim(recurrence), '') AS recurrence
        {_cases("reactions")} WHERE {_plain("term")} IS NOT NULL""",
    "outcomes": f"SELECT DISTINCT n, upper(trim(outcome)) AS outcome {_cases('outcomes')}",
    "report_sources": f"SELECT DISTINCT n, upper(trim(report_source)) AS report_source {_cases('report_sources')}",
    "therapies": f"""
        SELECT DISTINCT n, trim(drug) AS drug, trim(start_date) AS start_text, trim(end_date) AS end_text,
            day_of(start_date) AS start, day_of(end_date) AS stop
        {_cases("therapies")}""",
    "indications": f"""
        SELECT DISTINCT n, trim(drug) AS drug, {_plain("term")} AS term
        {_cases("indications")} WHERE {_plain("term")} IS NOT NULL""",
}
