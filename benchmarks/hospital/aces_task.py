"""The question asked of ACES (PyPI: es-aces): run by a Python that has it, with nothing of Stormwatch's.

    python -m hospital.aces_task FOLDER [ANSWER]

Every moment is a trigger; each mark is a predicate, counted over the 72 h (14 days) before the trigger. ACES counts and
has no last, most or k-of-n, so the points are worked out from its counts by Polars afterwards, in the same time.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
from aces.config import EventConfig, PlainPredicateConfig, TaskExtractorConfig, WindowConfig
from aces.predicates import get_predicates_df
from aces.query import query
from omegaconf import DictConfig

from hospital.criteria import LONG, MARKS, WITHIN, Mark, answers

_KEYS = ["subject_id", "timestamp"]
_ANY = "_ANY_EVENT"


def main(folder: Path, out: Path | None) -> None:
    start = time.perf_counter()
    found = [answered(shard) for shard in sorted((folder / "sorted/data").glob("*.parquet"))]
    seconds = time.perf_counter() - start
    if out is not None:
        pl.concat(found).write_parquet(out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "rows": sum(map(len, found)), "peak": peak}))


def answered(shard: Path) -> Any:
    """The four answers at every moment of a shard."""
    predicates = get_predicates_df(task(MARKS, WITHIN), DictConfig({"path": str(shard), "standard": "MEDS"}))
    counts = counted(predicates, WITHIN).join(counted(predicates, LONG), on=["subject_id", "trigger"])
    moment = pl.col("trigger").dt.epoch("us")
    points = [pl.sql_expr(text).cast(pl.Int16).alias(name) for name, text in answers(_counted).items()]
    return counts.select(pl.col("subject_id").alias("patient"), moment.alias("moment"), *points)


def counted(predicates: Any, within: int) -> Any:
    """How often each mark of one look-back was met in it, at every moment."""
    marks = [mark for mark in MARKS if mark.signal.within == within]
    names = [mark.name for mark in marks]
    found = query(task(marks, within), predicates.select(*_KEYS, _ANY, *names))
    return found.select("subject_id", "trigger", pl.col("back.start_summary").struct.field(*names))


def task(marks: Any, within: int) -> Any:
    return TaskExtractorConfig(
        predicates={mark.name: predicate(mark) for mark in marks},
        trigger=EventConfig(_ANY),
        windows={"back": WindowConfig(f"end - {within // 3_600_000_000}h", "trigger", False, True)},
    )


def predicate(mark: Mark) -> Any:
    if mark.bound is None:
        return PlainPredicateConfig(mark.signal.code)
    if mark.above:
        return PlainPredicateConfig(mark.signal.code, value_min=float(mark.bound), value_min_inclusive=False)
    return PlainPredicateConfig(mark.signal.code, value_max=float(mark.bound), value_max_inclusive=False)


def _counted(name: str, place: int) -> str:
    return f"({name}_{place} > 0)"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
