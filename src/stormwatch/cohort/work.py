"""What is done with one chunk: evaluate every instrument, write the parts, and note that they are there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from stormwatch.cohort.feeds.feed import Chunk
from stormwatch.cohort.ledger import Entry
from stormwatch.cohort.outputs.assessments import assessments
from stormwatch.cohort.outputs.columns import words
from stormwatch.cohort.outputs.episodes import episodes
from stormwatch.cohort.outputs.recorded import patients, recorded
from stormwatch.cohort.outputs.schemas import PARTS, REJECTED
from stormwatch.cohort.outputs.seen import seen
from stormwatch.cohort.outputs.standing import standing
from stormwatch.cohort.outputs.storing import parquet_part
from stormwatch.cohort.portion import Account, Portion
from stormwatch.engines.columnar.changes import batched
from stormwatch.engines.columnar.clock import observed
from stormwatch.engines.columnar.passes import NUMPY, Passes
from stormwatch.engines.columnar.plan import Plan
from stormwatch.instruments.instrument import Instrument

_ANSWERS = 4_000_000
"""Facts times instruments worked on at a time, so that the tables of one batch stay small."""


class Worker:
    """Evaluates chunks with one plan, which is made once, into the folder of a run."""

    def __init__(self, instruments: Sequence[Instrument], into: Path, passes: Passes = NUMPY) -> None:
        self._instruments = tuple(instruments)
        self._plan = Plan(instruments)
        self._into = into
        self._passes = passes
        self._rows = min(passes.rows, _ANSWERS // len(self._instruments))

    def run(self, number: int, chunk: Chunk) -> Entry:
        """Read, evaluate and write one chunk.

        Raises:
            InputError: the source cannot be read there, or would give wrong rows.
            UsageError: a part cannot be written.
        """
        portion = chunk.portion()
        rows = self._write(number, portion)
        entry = _entry(number, portion, rows)
        entry.store(self._into)
        return entry

    def _write(self, number: int, portion: Portion) -> dict[str, int]:
        rows = dict.fromkeys(PARTS, 0)
        with ExitStack() as stack:
            writers = {
                name: stack.enter_context(parquet_part(part(self._into, name, number), schema))
                for name, schema in PARTS.items()
            }
            for name, table in self.tables(portion):
                writers[name].write_table(table)
                rows[name] += table.num_rows
        return rows

    def tables(self, portion: Portion) -> Any:
        """The tables of a portion, by name; those of one name one after the other."""
        facts, ids = portion.facts, portion.ids
        yield "patients", patients(facts, ids, {one.patient: one.reason for one in portion.account.left_out})
        yield "recorded", recorded(facts, ids)
        yield "rejected", _rejected(portion.account)
        looked = seen(facts)
        for found in batched(facts, self._plan, until=looked.until, rows=self._rows, passes=self._passes):
            yield "assessments", assessments(found, ids, self._instruments)
            yield "standing", standing(found, ids, self._instruments, looked)
            yield "episodes", episodes(found, ids, self._instruments, looked)


def part(into: Path, table: str, number: int) -> Path:
    """Where the part of a table for a chunk is."""
    return into / table / f"part-{number:06}.parquet"


def _rejected(account: Account) -> Any:
    reasons = sorted(set(account.reasons))
    places = {reason: place for place, reason in enumerate(reasons)}
    column = words(np.array([places[reason] for reason in account.reasons], np.int32), reasons)
    rows = pa.array([1] * len(account.places), pa.int64())
    table = pa.table({"record": pa.array(account.places, pa.string()), "reason": column, "rows": rows}, schema=REJECTED)
    return pa.concat_tables([table, _left_out(account)]).unify_dictionaries()


def _left_out(account: Account) -> Any:
    """One row for each patient who is rejected as a whole."""
    left = account.left_out
    column = words(np.arange(len(left)), [one.reason for one in left])
    record = pa.array([one.place for one in left], pa.string())
    rows = pa.array([one.rows for one in left], pa.int64())
    return pa.table({"record": record, "reason": column, "rows": rows}, schema=REJECTED)


def _entry(number: int, portion: Portion, rows: dict[str, int]) -> Entry:
    first, last = observed(portion.facts)
    cuts = last[last >= first]
    return Entry(
        chunk=number,
        patients=len(portion.ids),
        facts=len(portion.facts),
        account=portion.account.numbers(),
        notes=list(portion.notes),
        cut=int(cuts.max()) if len(cuts) else None,
        rows=rows,
        left_out=len(portion.account.left_out),
    )
