"""Pure SQL in DuckDB: the delta sweep, the frames of a mask, and the self join that MIMIC-code users write."""

from __future__ import annotations

from pathlib import Path

import duckdb

from hospital.criteria import LONG, MARKS, SIGNALS, WITHIN, Has, answers

_BATCH = 200_000
_LONG_MASK = sum(1 << place for place, mark in enumerate(MARKS) if mark.signal.within == LONG)


def drained(query: str, out: Path | None) -> int:
    """Run a query into Arrow, batch by batch; with ``out`` the answer is kept instead."""
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        if out is not None:
            connection.execute(f"COPY ({query}) TO '{out}' (FORMAT parquet)")
            return int(connection.execute(f"SELECT count(*) FROM '{out}'").fetchall()[0][0])
        return sum(batch.num_rows for batch in connection.sql(query).to_arrow_reader(_BATCH))


def rows(folder: Path) -> str:
    """Every observation: patient, moment in microseconds, code, value."""
    return f"""
        SELECT subject_id AS patient, epoch_us(time) AS t, code, numeric_value AS v
        FROM '{folder}/sorted/data/*.parquet'
    """


def scan(folder: Path, form: str, out: Path | None) -> int:
    """Reading every column of every row into Arrow."""
    return drained(f"SELECT * FROM '{folder}/{form}/data/*.parquet'", out)


def scan_and_sort(folder: Path, form: str, out: Path | None) -> int:
    return drained(f"SELECT * FROM '{folder}/{form}/data/*.parquet' ORDER BY subject_id, time", out)


def delta_sweep(folder: Path, out: Path | None) -> int:
    """Every change, those by ageing too: a step where a mark begins and where it ends, and a running sum of the steps.

    A mark goes on while the next value that has it comes in time, which one LAG and one LEAD tell.
    """
    codes = ", ".join(f"'{signal.code}'" for signal in SIGNALS)
    within = f"CASE WHEN (1::BIGINT << mark) & {_LONG_MASK} <> 0 THEN {LONG} ELSE {WITHIN} END"
    query = f"""
        WITH marked AS (
            SELECT patient, t, unnest(CASE code {_cases(lambda held: str(held))} END)::UTINYINT AS mark
            FROM ({rows(folder)}) WHERE code IN ({codes})
        ),
        edges AS (
            SELECT patient, t, 1::BIGINT << mark AS step, t + {within} AS till,
                   t - {within} > coalesce(lag(t) OVER same, -1) AS begins,
                   t + {within} < coalesce(lead(t) OVER same, {2**62}) AS ends
            FROM marked WINDOW same AS (PARTITION BY patient, mark ORDER BY t)
        ),
        steps AS (
            SELECT patient, t AS moment, step FROM edges WHERE begins
            UNION ALL SELECT patient, till, -step FROM edges WHERE ends
        ),
        moments AS (SELECT patient, moment, sum(step)::BIGINT AS step FROM steps GROUP BY ALL),
        states AS (
            SELECT patient, moment, sum(step) OVER (PARTITION BY patient ORDER BY moment)::BIGINT AS mask FROM moments
        )
        SELECT patient, moment, {_answered(_in_mask)} FROM states
    """
    return drained(query, out)


def mask_frames(folder: Path, out: Path | None) -> int:
    """At every new fact: the marks of a moment as one mask, and the OR of the masks of 72 h (14 days) as a frame."""
    mask = _cases(lambda held: str(sum(1 << place for place in held)))
    query = f"""
        WITH panels AS (
            SELECT patient, t, bit_or((CASE code {mask} ELSE 0 END)::BIGINT) AS mask
            FROM ({rows(folder)}) GROUP BY ALL
        ),
        states AS (
            SELECT patient, t AS moment, {_frame(~_LONG_MASK, WITHIN)} | {_frame(_LONG_MASK, LONG)} AS mask FROM panels
        )
        SELECT patient, moment, {_answered(_in_mask)} FROM states
    """
    return drained(query, out)


def self_join(folder: Path, out: Path | None) -> int:
    """At every new fact, as MIMIC-code is written: a row for each panel, joined with the panels of the 72 h before."""
    panel = ", ".join(f"{_pivoted(place)} AS {_worst(place)}" for place in range(len(SIGNALS)))
    recent = ", ".join(
        f"{'max' if _rises(place) else 'min'}(r.{_worst(place)}) AS {_worst(place)}"
        for place, signal in enumerate(SIGNALS)
        if signal.within == WITHIN
    )
    (long,) = (place for place, signal in enumerate(SIGNALS) if signal.within == LONG)
    query = f"""
        WITH panels AS MATERIALIZED (SELECT patient, t, {panel} FROM ({rows(folder)}) GROUP BY ALL),
        recent AS (
            SELECT m.patient, m.t, {recent} FROM panels m
            JOIN panels r ON r.patient = m.patient AND r.t <= m.t AND r.t > m.t - {WITHIN} GROUP BY ALL
        ),
        rare AS (
            SELECT m.patient, m.t, max(r.{_worst(long)}) AS {_worst(long)} FROM panels m
            JOIN panels r ON r.patient = m.patient AND r.t <= m.t AND r.t > m.t - {LONG}
            WHERE r.{_worst(long)} IS NOT NULL GROUP BY ALL
        ),
        states AS (SELECT * FROM recent LEFT JOIN rare USING (patient, t))
        SELECT patient, t AS moment, {_answered(_in_worst)} FROM states
    """
    return drained(query, out)


def _cases(of: object) -> str:
    """For each code, what its value gives: ``of`` the places of the marks that it has."""
    assert callable(of)
    found = []
    for signal in SIGNALS:
        places = [place for place, mark in enumerate(MARKS) if mark.signal is signal]
        rows = " ".join(
            f"WHEN {MARKS[last].condition('v')} THEN {of(places[: places.index(last) + 1])}"
            for last in reversed(places[1:])
        )
        found.append(f"WHEN '{signal.code}' THEN CASE {rows} ELSE {of(places[:1])} END")
    return " ".join(found)


def _frame(marks: int, within: int) -> str:
    frame = f"RANGE BETWEEN {within - 1} PRECEDING AND CURRENT ROW"
    return f"(bit_or(mask & {marks}) OVER (PARTITION BY patient ORDER BY t {frame}))"


def _in_mask(name: str, place: int) -> str:
    (bit,) = (k for k, mark in enumerate(MARKS) if mark.signal.name == name and mark.place == place)
    return f"((mask & {1 << bit}) <> 0)"


def _in_worst(name: str, place: int) -> str:
    (mark,) = (mark for mark in MARKS if mark.signal.name == name and mark.place == place)
    worst = _worst([signal.name for signal in SIGNALS].index(name))
    return f"({worst} IS NOT NULL)" if mark.bound is None else f"coalesce({mark.condition(worst)}, FALSE)"


def _pivoted(place: int) -> str:
    kind = "max" if _rises(place) else "min"
    return f"{kind}(CASE WHEN code = '{SIGNALS[place].code}' THEN v END)"


def _rises(place: int) -> bool:
    return SIGNALS[place].cutoffs[0][0].startswith(">")


def _worst(place: int) -> str:
    return f"w{place}"


def _answered(has: Has) -> str:
    return ", ".join(f"({text})::SMALLINT AS {name}" for name, text in answers(has).items())
