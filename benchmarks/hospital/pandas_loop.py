"""The loop of a notebook: patient by patient and moment by moment, with the worst of the 72 h before, in pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from hospital.criteria import ANSWERS, LONG, MARKS, OPEN_CRITERIA, OPEN_POINTS, WITHIN, Mark
from hospital.sql import rows


def loop(folder: Path, out: Path | None, patients: int) -> dict[str, float]:
    """The first so many patients, with the number of their observations."""
    with duckdb.connect(":memory:") as connection:
        wanted = connection.sql(f"SELECT * FROM ({rows(folder)}) WHERE patient <= {patients}")
        facts: Any = wanted.to_arrow_table().to_pandas()
    found = []
    for patient, own in facts.groupby("patient"):
        for moment in sorted(own["t"].unique()):
            known = own[own["t"] <= moment]
            recent, long = (known[known["t"] > moment - back] for back in (WITHIN, LONG))
            found.append((patient, moment, *_answers(_held(recent, WITHIN) | _held(long, LONG))))
    if out is not None:
        pd.DataFrame(found, columns=["patient", "moment", *ANSWERS]).to_parquet(out)
    return {"rows": len(facts), "sample": patients}


def _held(recent: Any, within: int) -> set[str]:
    """The names of the marks that any of the rows has."""
    values = {code: (own["v"].max(), own["v"].min()) for code, own in recent.groupby("code")}
    marks = [mark for mark in MARKS if mark.signal.within == within and mark.signal.code in values]
    return {mark.name for mark in marks if _has(mark, *values[mark.signal.code])}


def _has(mark: Mark, most: float, least: float) -> bool:
    return mark.has(float(most if mark.above else least))


def _answers(held: set[str]) -> tuple[int, int, int, int]:
    """Both ends of the count and of the score: what is not known may hold, or not."""
    low = held
    high = held | {mark.name for mark in MARKS if f"{mark.signal.name}_0" not in held}
    return _criteria(low), _criteria(high) + OPEN_CRITERIA, _points(low), _points(high) + OPEN_POINTS


def _criteria(held: set[str]) -> int:
    fever, ferritin, receptor = ("temperature_2" in held, "ferritin_1" in held, "sil2r_1" in held)
    cytopenias = len(held & {"haemoglobin_2", "platelets_2", "neutrophils_1"}) >= 2
    lipids = bool(held & {"triglycerides_2", "fibrinogen_2"})
    return sum((fever, cytopenias, lipids, ferritin, receptor))


def _points(held: set[str]) -> int:
    temperature = 49 if "temperature_3" in held else 33 if "temperature_1" in held else 0
    cytopenias = (0, 0, 24, 34)[len(held & {"haemoglobin_1", "wbc_1", "platelets_1"})]
    ferritin = 50 if "ferritin_3" in held else 35 if "ferritin_2" in held else 0
    triglycerides = 64 if "triglycerides_3" in held else 44 if "triglycerides_1" in held else 0
    fibrinogen = 30 if "fibrinogen_1" in held else 0
    ast = 19 if "ast_1" in held else 0
    return temperature + cytopenias + ferritin + triglycerides + fibrinogen + ast
