"""The cohort table in the form of OHDSI, and what its definitions are."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from stormwatch.cohort.store import Tables
from stormwatch.course.judging import rules
from stormwatch.instruments.instrument import Instrument

_FILE = Path(__file__).parents[1] / "data" / "cohort_definitions.toml"
_WHOLE = r"'0|-?[1-9][0-9]{0,17}'"
_NUMBERED = "SELECT row_number() OVER (ORDER BY filename, file_row_number) AS subject_id, patient FROM patients"
_THEIR_OWN = "SELECT patient::BIGINT AS subject_id, patient FROM patients"

# Days are those of UTC. Entries of one subject that share a day are one: the form allows no overlap.
_COHORT = """
WITH entries AS (
    SELECT cohort_definition_id, subject_id, onset::DATE AS start, greatest(last_met, onset)::DATE AS stop
    FROM episodes JOIN definitions USING (instrument) JOIN subjects USING (patient)
), begun AS (
    SELECT *, start > max(stop) OVER (PARTITION BY cohort_definition_id, subject_id ORDER BY start, stop
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS anew
    FROM entries
), eras AS (
    SELECT *, count(*) FILTER (coalesce(anew, true)) OVER (
        PARTITION BY cohort_definition_id, subject_id ORDER BY start, stop ROWS UNBOUNDED PRECEDING) AS era
    FROM begun
)
SELECT cohort_definition_id, subject_id, min(start) AS cohort_start_date, max(stop) AS cohort_end_date
FROM eras GROUP BY cohort_definition_id, subject_id, era ORDER BY 1, 2, 3
"""


@cache
def definition_ids() -> dict[str, int]:
    """The id of each instrument's cohort. Those of a user's own have none, for they judge no syndrome."""
    found = tomllib.loads(_FILE.read_text(encoding="utf-8"))["definitions"]
    return {one["instrument"]: one["id"] for one in found}


def definitions(instruments: list[Instrument]) -> Any:
    """The cohorts of a run: id, name, and the rule by which subjects enter and leave."""
    ids = definition_ids()
    chosen = [one for one in instruments if one.id in ids]
    columns = {
        "cohort_definition_id": pa.array([ids[one.id] for one in chosen], pa.int64()),
        "cohort_definition_name": [f"{one.title} ({one.edition}), certainly met" for one in chosen],
        "cohort_definition_description": [_said()] * len(chosen),
        "instrument": pa.array([one.id for one in chosen], pa.string()),
        "sha256": pa.array([one.hash for one in chosen], pa.string()),
    }
    return pa.table(columns).sort_by("cohort_definition_id")


def subjects(tables: Tables) -> Any:
    """Which whole number stands for which patient: their own ids where all of them are whole numbers."""
    ((own,),) = tables.rows(f"SELECT coalesce(bool_and(regexp_full_match(patient, {_WHOLE})), true) FROM patients")
    return tables.table(f"SELECT * FROM ({_THEIR_OWN if own else _NUMBERED}) ORDER BY subject_id")


def cohort(tables: Tables, instruments: list[Instrument]) -> Any:
    """One row for each stretch of days in which a subject is in a cohort; ``subjects`` must have been added."""
    tables.add("definitions", definitions(instruments).select(["cohort_definition_id", "instrument"]))
    return tables.table(_COHORT)


def _said() -> str:
    return f"From the day of onset to the day on which the criteria were last certainly met (UTC). {rules().text}"
