"""How long after the first dose criteria were first met, and what was missing where they never were."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from stormwatch import terms
from stormwatch.cohort.store import Tables
from stormwatch.cohort.summary.suppression import small

CLASSES = ("t_cell_engager", "car_t")

# The first dose of any drug of the class; criteria met before it are counted apart.
_SINCE = """
WITH doses AS (
    SELECT patient, class, min("first") AS dosed FROM recorded JOIN classes USING (name)
    WHERE kind = 'exposure' GROUP BY ALL
), waits AS (
    SELECT class, instrument, (epoch_us(first_met) - epoch_us(dosed)) / 3.6e9 AS hours
    FROM standing JOIN doses USING (patient) WHERE first_met IS NOT NULL
)
SELECT class, instrument, count(*) FILTER (hours >= 0), count(*) FILTER (hours < 0),
    quantile_cont(hours, [0.25, 0.5, 0.75]) FILTER (hours >= 0)
FROM waits GROUP BY ALL ORDER BY ALL
"""
_MISSING = """
WITH undecided AS (
    SELECT instrument, patient FROM standing WHERE standing IN ('possible', 'open')
), answered AS (
    SELECT DISTINCT instrument, label, patient FROM recorded JOIN asks USING (kind, name)
), questions AS (SELECT DISTINCT instrument, label FROM asks)
SELECT instrument, label, count(*), count(*) FILTER (answered.patient IS NULL)
FROM undecided JOIN questions USING (instrument) LEFT JOIN answered USING (instrument, label, patient)
GROUP BY ALL ORDER BY instrument, count(*) FILTER (answered.patient IS NULL) DESC, label
"""

Row = dict[str, Any]


def since_first_dose(tables: Tables, least: int, hidden: frozenset[str]) -> list[Row]:
    """By drug class and instrument: patients met after the first dose, before it, and quartiles of the hours after it.

    Quartiles are of at least ``least`` patients.
    """
    rows = [{"class": kind, "name": drug} for kind in CLASSES for drug in sorted(terms.drugs_in_class(kind))]
    tables.add("classes", pa.Table.from_pylist(rows, schema=pa.schema({"class": pa.string(), "name": pa.string()})))
    found = []
    for kind, name, after, before, hours in tables.rows(_SINCE):
        few = small(after, least) or small(before, least) or f"{name}:met" in hidden
        quartiles = [round(one, 1) for one in hours] if after >= least else None
        counts = {"after": None if few else after, "before": None if few else before}
        found.append({"class": kind, "instrument": name, **counts, "hours": quartiles})
    return found


def missing(tables: Tables, least: int, hidden: frozenset[str]) -> list[Row]:
    """For each question of an instrument: in how many of the patients whom it could not decide nobody ever answered it.

    The table ``asks`` is there. A share is not shown where it, or what is left of the whole, is a small cell.
    """
    found = []
    for name, label, undecided, without in tables.rows(_MISSING):
        told = not {f"{name}:possible", f"{name}:open"} & hidden
        few = not told or small(without, least) or small(undecided - without, least)
        counts = {"undecided": undecided if told and not small(undecided, least) else None}
        found.append({"instrument": name, "label": label, **counts, "never": None if few else without})
    return found
