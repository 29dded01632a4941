"""What one Spark task does with its partition: whole patients, by the same worker, into the same kind of parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stormwatch.cohort.feeds.feed import Chunk, Ready
from stormwatch.cohort.feeds.limit import columns_limit, portion_without
from stormwatch.cohort.feeds.meds.columns import portion_of
from stormwatch.cohort.feeds.meds.events import Places, from_table
from stormwatch.cohort.feeds.meds.feed import code_map
from stormwatch.cohort.feeds.meds.sorting import whole_patients
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.sparing import kept
from stormwatch.cohort.feeds.views import numbers
from stormwatch.cohort.ledger import entries
from stormwatch.cohort.pool import made
from stormwatch.cohort.portion import LeftOut, Portion
from stormwatch.cohort.work import Worker
from stormwatch.instruments.instrument import Instrument

CHUNKS = 10_000
"""Room for the chunks of a partition in the numbering of all chunks."""

SCHEMA = "entry string"

_workers: dict[tuple[str, ...], Worker] = {}


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a task needs, sent to where it runs. ``files`` are the names of the shards."""

    source: Source
    instruments: tuple[Instrument, ...]
    into: Path
    files: tuple[str, ...]

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Finish the chunks of this partition, and give their entries of the ledger."""
        from pyspark import TaskContext

        context = TaskContext.get()
        first = CHUNKS * (0 if context is None else context.partitionId())
        worker, done = self._worker(), entries(self.into)
        for number, chunk in enumerate(self._chunks(batches), start=first):
            entry = done.get(number) or worker.run(number, chunk)
            yield pa.RecordBatch.from_arrays([pa.array([json.dumps(asdict(entry))])], ["entry"])

    def _worker(self) -> Worker:
        """The worker of this process, which goes from task to task and keeps what it has learnt."""
        key = (*(one.hash for one in self.instruments), str(self.into), str(self.source.fast))
        if key not in _workers:
            _workers[key] = made(self.instruments, self.into, fast=self.source.fast)
        return _workers[key]

    def _chunks(self, batches: Iterator[Any]) -> Iterator[Chunk]:
        """Chunks of whole patients, and one more with those who have too many rows."""
        left: list[LeftOut] = []
        limit = columns_limit(self.source)
        for table in whole_patients(kept(map(self._placed, batches), self.files, limit, left)):
            yield SparkChunk(self, table)
        if left:
            yield Ready(portion_without(left))

    def _placed(self, batch: Any) -> Any:
        """Rows counted from 1, as a reader counts them."""
        columns = [*batch.columns[:6], pc.add(batch.column("row"), 1)]
        return pa.RecordBatch.from_arrays(columns, batch.schema.names)


@dataclass(frozen=True, slots=True)
class SparkChunk:
    """Rows that Spark brought together."""

    task: Task
    table: Any

    def portion(self) -> Portion:
        source, names = self.task.source, self.task.files
        assert source.map is not None
        file, row = (numbers(self.table.column(name)) for name in ("file", "row"))
        events = from_table(self.table.drop_columns(["file", "row"]), Places(row, row, file, names))
        return portion_of(events, code_map(source.map), source)
