"""Attrition: how many patients are left at each step from the source to a met instrument."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from stormwatch.cohort.asks import asked
from stormwatch.cohort.store import Tables
from stormwatch.instruments.instrument import Instrument

STEPS = (
    "in the source",
    "with no more rows than one patient may have",
    "with a fact that can be used",
    "with an answer to a question of the instrument",
    "not certainly outside the criteria all along",
    "with a criterion or point certainly there",
    "criteria certainly met",
)
_SCHEMA = pa.schema({"instrument": pa.string(), "step": pa.int32(), "label": pa.string(), "patients": pa.int64()})

_COUNTS = """
WITH answered AS (
    SELECT DISTINCT instrument, patient FROM recorded JOIN asks USING (kind, name)
), stood AS (
    SELECT instrument, standing FROM standing JOIN answered USING (instrument, patient)
)
SELECT instrument, count(*), count(*) FILTER (standing <> 'excluded'),
    count(*) FILTER (standing IN ('possible', 'met')), count(*) FILTER (standing = 'met')
FROM stood GROUP BY instrument
"""


def add_asks(tables: Tables, instruments: Sequence[Instrument]) -> None:
    """The questions of the instruments as a table ``asks``: instrument, label, kind, name."""
    rows = [
        {"instrument": one.instrument, "label": one.label, "kind": kind, "name": name}
        for chosen in instruments
        for one in asked(chosen)
        for kind, name in one.names
    ]
    columns = {name: pa.string() for name in ("instrument", "label", "kind", "name")}
    tables.add("asks", pa.Table.from_pylist(rows, schema=pa.schema(columns)))


def attrition(tables: Tables, instruments: Sequence[Instrument]) -> Any:
    """The steps common to all (no instrument), then those of each instrument that decides; ``asks`` is there."""
    counted = tables.rows("SELECT count(*), count(*) FILTER (left_out IS NULL), count(first) FROM patients")
    counts = {name: left for name, *left in tables.rows(_COUNTS)}
    decide = sorted({name for (name,) in tables.rows("SELECT DISTINCT instrument FROM standing")})
    rows = [("", step, STEPS[step], left) for step, left in enumerate(counted[0])]
    for one in decide:
        rows += [(one, step, STEPS[step], left) for step, left in enumerate(counts.get(one, [0] * 4), start=3)]
    return pa.table(list(map(list, zip(*rows, strict=True))), schema=_SCHEMA)
