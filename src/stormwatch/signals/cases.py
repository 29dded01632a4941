"""From reports to cases, as FDA states it: of each case the latest version counts, and withdrawn cases do not.

The latest version is the one FDA received last; where two came on one day, the one with the higher number. A case that
is in legacy AERS and in FAERS counts with its FAERS version. FDA: Frequently asked questions for the quarterly data
extract (July 2020), questions 1 and 2; that withdrawn cases are listed, in the same extract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stormwatch.signals.duck import name
from stormwatch.signals.people import PEOPLE, TEXTS

if TYPE_CHECKING:
    import duckdb

REPEATED = "repeated"
SUPERSEDED = "superseded"
WITHDRAWN = "withdrawn"
INCOMPLETE = "incomplete"
CASE = "case"
"""What becomes of a report: the same report came again; a later version of its case did; its case was withdrawn; it
names no drug or no reaction; or it stands for its case."""

_KEY = """
CREATE OR REPLACE TEMP TABLE keyed AS
SELECT raw.*, scheme, era, rank, coalesce(nullif(ltrim(trim(raw."case"), '0'), ''), report) AS case_number
FROM raw_reports AS raw JOIN sources USING (source)
"""
# Ties are broken by everything a row has, so that the same files give the same numbers.
_NUMBER = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT CAST(row_number() OVER (ORDER BY rank, report, receipt_date, COLUMNS(raw_columns)) - 1 AS INTEGER) AS n, *
FROM keyed
"""
_AGAIN = """
row_number() OVER (PARTITION BY scheme, era, report ORDER BY rank DESC, date_last(receipt_date) DESC NULLS LAST, n DESC)
"""
_LATEST = """
row_number() OVER (
    PARTITION BY scheme, case_number
    ORDER BY era DESC, date_last(receipt_date) DESC NULLS LAST, TRY_CAST(report AS HUGEINT) DESC NULLS LAST, report DESC
)
"""


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``reports``: every report that was read, with ``status`` saying what became of it."""
    connection.execute(_KEY)
    connection.execute(_NUMBER.replace("COLUMNS(raw_columns)", ", ".join(name(column) for column in TEXTS)))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE once AS SELECT *, {_AGAIN} = 1 AS first FROM numbered")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE latest AS SELECT n FROM once WHERE first QUALIFY {_LATEST} = 1")
    connection.execute(_STATUS.format(people=PEOPLE))
    for table in ("keyed", "numbered", "once", "latest"):
        connection.execute(f"DROP TABLE {table}")


_STATUS = f"""
CREATE OR REPLACE TEMP TABLE reports AS
SELECT
    n, source, scheme, report, case_number,
    CASE
        WHEN NOT first THEN '{REPEATED}'
        WHEN n NOT IN (SELECT n FROM latest) THEN '{SUPERSEDED}'
        WHEN scheme = 'fda' AND case_number IN (SELECT "case" FROM withdrawn) THEN '{WITHDRAWN}'
        WHEN (source, report) NOT IN (SELECT (source, report) FROM named_reports) THEN '{INCOMPLETE}'
        ELSE '{CASE}'
    END AS status,
    {{people}}
FROM once
ORDER BY n
"""
