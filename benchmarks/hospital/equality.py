"""Whether a peer's answer is ours: on every change, or at every moment at which something was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from hospital.criteria import MOST
from hospital.sql import rows

INSTRUMENTS = tuple(MOST)


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows were compared, how many stand on one side only, and how many patients were ever certain."""

    rows: int
    different: int
    certain: dict[str, int]

    @property
    def equal(self) -> bool:
        return self.rows > 0 and self.different == 0

    def __str__(self) -> str:
        if not self.equal:
            return f"DIFFERENT in {self.different:,} of {self.rows:,} rows: the time does not count"
        return f"equal in {self.rows:,} rows"


def rows_equal(ours: Path, theirs: Path) -> Compared:
    """Two answers of ours, by another engine or from rows in another order: the very same rows."""
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        return _compared(connection, f"SELECT * FROM '{ours}'", f"SELECT * FROM '{theirs}'")


def changes_equal(folder: Path, ours: Path, theirs: Path) -> Compared:
    """Every change up to the last fact of each patient, to the microsecond, ends of the range included."""
    with _tables(folder, ours, theirs) as connection:
        for place, name in enumerate(INSTRUMENTS):
            connection.execute(_changes_of_theirs(name, place))
        theirs_all = " UNION ALL ".join(f"SELECT * FROM theirs_{name}" for name in INSTRUMENTS)
        return _compared(connection, "SELECT * FROM ours_changes", theirs_all)


def moments_equal(folder: Path, ours: Path, theirs: Path, upto: int | None = None) -> Compared:
    """At every moment at which a patient has a fact; ``upto``: of the first so many patients only."""
    with _tables(folder, ours, theirs, upto) as connection:
        asked = " UNION ALL ".join(_state_at_moments(place) for place in range(len(INSTRUMENTS)))
        answered = " UNION ALL ".join(
            f"SELECT patient, {place} AS place, moment, {_ends(name)} FROM theirs"
            for place, name in enumerate(INSTRUMENTS)
        )
        return _compared(connection, asked, answered)


def _tables(folder: Path, ours: Path, theirs: Path, upto: int | None = None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 2})
    some = "" if upto is None else f"WHERE patient <= {upto}"
    connection.execute(f"CREATE VIEW facts AS SELECT * FROM ({rows(folder)}) {some}")
    connection.execute(f"CREATE VIEW theirs AS SELECT * FROM '{theirs}' {some}")
    begin = "(SELECT min(moment) FROM our_rows)"  # the first row of each patient stands at the beginning of time
    connection.execute(f"CREATE TABLE our_rows AS SELECT DISTINCT * FROM '{ours}' {some}")
    connection.execute(
        f"CREATE VIEW ours_changes AS SELECT * FROM ({_deduplicated('our_rows')}) WHERE moment > {begin}"
    )
    return connection


def _deduplicated(table: str) -> str:
    """Rows at which an end of the range changed; of ours also the verdict may have."""
    same = "low = lag(low) OVER w AND high = lag(high) OVER w"
    return f"""
        SELECT * EXCLUDE same FROM (
            SELECT *, coalesce({same}, FALSE) AS same FROM {table}
            WINDOW w AS (PARTITION BY patient, place ORDER BY moment)
        ) WHERE NOT same
    """


def _changes_of_theirs(name: str, place: int) -> str:
    return f"""
        CREATE TABLE theirs_{name} AS
        WITH ends AS (SELECT patient, max(t) AS last FROM facts GROUP BY patient),
        states AS (
            SELECT patient, moment, {_ends(name)}
            FROM theirs JOIN ends USING (patient) WHERE moment <= last
        ),
        before AS (
            SELECT *, lag(low, 1, 0) OVER w AS low_before, lag(high, 1, {MOST[name]}) OVER w AS high_before
            FROM states WINDOW w AS (PARTITION BY patient ORDER BY moment)
        )
        SELECT patient, {place} AS place, moment, low, high FROM before
        WHERE (low, high) <> (low_before, high_before)
    """


def _ends(name: str) -> str:
    return f"{name}_low::DOUBLE AS low, {name}_high::DOUBLE AS high"


def _state_at_moments(place: int) -> str:
    return f"""
        SELECT m.patient, {place} AS place, m.t AS moment, o.low, o.high
        FROM (SELECT DISTINCT patient, t FROM facts) m
        ASOF JOIN (SELECT * FROM our_rows WHERE place = {place}) o ON o.patient = m.patient AND m.t >= o.moment
    """


def _compared(connection: duckdb.DuckDBPyConnection, ours: str, theirs: str) -> Compared:
    form = "SELECT patient::BIGINT AS patient, place::BIGINT AS place, moment::BIGINT AS moment, low, high FROM"
    for name, query in (("one", ours), ("other", theirs)):
        connection.execute(f"CREATE TABLE {name} AS {form} ({query})")
    different = sum(
        connection.execute(f"SELECT count(*) FROM (FROM {a} EXCEPT ALL FROM {b})").fetchall()[0][0]
        for a, b in (("one", "other"), ("other", "one"))
    )
    (found,) = connection.execute("SELECT count(*) FROM one").fetchall()
    return Compared(int(found[0]), int(different), _certain(connection))


def _certain(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many patients ever had five criteria, or 169 points, whatever is missing."""
    least = {"hlh": 5, "hscore": 169}
    found = {}
    for place, name in enumerate(INSTRUMENTS):
        asked = f"SELECT count(DISTINCT patient) FROM other WHERE place = {place} AND low >= {least[name]}"
        found[name] = int(connection.execute(asked).fetchall()[0][0])
    return found
