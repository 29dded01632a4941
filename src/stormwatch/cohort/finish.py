"""The end of a run: what is made of all its parts, and the page that says how they came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.identity import identity
from stormwatch.cohort.ledger import Entry, entries
from stormwatch.cohort.outputs.attrition import add_asks, attrition
from stormwatch.cohort.outputs.cohorts import cohort, definitions, subjects
from stormwatch.cohort.outputs.storing import store_json, store_table
from stormwatch.cohort.portion import added
from stormwatch.cohort.store import Tables
from stormwatch.course.judging import rules
from stormwatch.engines.columnar.times import moment
from stormwatch.errors import InputError
from stormwatch.instruments.instrument import Instrument

ABOUT = "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: its folder, and what ``run.json`` in it says."""

    into: Path
    about: dict[str, Any]


def finish(into: Path, source: Source, instruments: Sequence[Instrument]) -> Run:
    """Write the tables made of all parts, and ``run.json`` last.

    Raises:
        InputError: the record has no rows.
        UsageError: the tables cannot be written.
    """
    chosen = list(instruments)
    found = [entry for _, entry in sorted(entries(into).items())]
    if not found:
        raise InputError(f"{source.name}: the record has no rows, so there is nothing to evaluate")
    with Tables(into) as tables:
        add_asks(tables, chosen)
        numbered = subjects(tables)
        tables.add("subjects", numbered)
        store_table(into / "attrition.parquet", attrition(tables, chosen))
        store_table(into / "cohort.parquet", cohort(tables, chosen))
    store_table(into / "cohort_definition.parquet", definitions(chosen))
    store_table(into / "cohort_subject.parquet", numbered)
    account = added(entry.account for entry in found)
    store_table(into / "outside.parquet", _outside(account["outside"]))
    about = _about(identity(source, chosen), found, account)
    store_json(into / ABOUT, about)
    return Run(into, about)


def _outside(counts: dict[str, int]) -> Any:
    rows = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return pa.table(
        {"label": pa.array([a for a, _ in rows], pa.string()), "rows": pa.array([b for _, b in rows], pa.int64())}
    )


def _about(asked: dict[str, Any], found: Sequence[Entry], account: dict[str, Any]) -> dict[str, Any]:
    cuts = [entry.cut for entry in found if entry.cut is not None]
    used, rejected, outside = account["used"], account["rejected"], sum(account["outside"].values())
    tables = {name for entry in found for name in entry.rows}
    return {
        **asked,
        "patients": sum(entry.patients for entry in found),
        "patients_left_out": sum(entry.left_out for entry in found),
        "facts": sum(entry.facts for entry in found),
        "data_cut": moment(max(cuts)).isoformat() if cuts else None,
        "accounting": {
            "read": used + sum(rejected.values()) + outside,
            "used": used,
            "rejected": rejected,
            "outside": outside,
        },
        "tables": {name: sum(entry.rows.get(name, 0) for entry in found) for name in sorted(tables)},
        "chunks": len(found),
        "episodes": rules().text,
        "notes": sorted({note for entry in found for note in entry.notes}),
    }
