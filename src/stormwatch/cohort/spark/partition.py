"""What one Spark task does with its partition: whole patients, by the same worker, into the same kind of parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from stormwatch.cohort.feeds.feed import Ready
from stormwatch.cohort.feeds.meds.columns import portion_of
from stormwatch.cohort.feeds.meds.events import Places, from_table
from stormwatch.cohort.feeds.meds.feed import code_map
from stormwatch.cohort.feeds.meds.sorting import whole_patients
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.ledger import entries
from stormwatch.cohort.portion import Portion
from stormwatch.cohort.work import Worker
from stormwatch.instruments.instrument import Instrument

CHUNKS = 10_000
"""Room for the chunks of a partition in the numbering of all chunks."""

SCHEMA = "entry string"


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a task needs, sent to where it runs. ``files`` are the names of the shards by their path."""

    source: Source
    instruments: tuple[Instrument, ...]
    into: Path
    files: dict[str, str]

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Finish the chunks of this partition, and give their entries of the ledger."""
        from pyspark import TaskContext

        context = TaskContext.get()
        first = CHUNKS * (0 if context is None else context.partitionId())
        worker, done = Worker(self.instruments, self.into), entries(self.into)
        for number, table in enumerate(whole_patients(batches), start=first):
            entry = done.get(number) or worker.run(number, Ready(self._portion(table)))
            yield pa.RecordBatch.from_arrays([pa.array([json.dumps(asdict(entry))])], ["entry"])

    def _portion(self, table: Any) -> Portion:
        assert self.source.map is not None
        paths, names = list(self.files), tuple(self.files.values())
        found = table.column("file").combine_chunks().dictionary_encode()
        places = np.array([paths.index(_path(one)) for one in found.dictionary.to_pylist()], np.int64)
        row = table.column("row").to_numpy() + 1
        where = Places(row, row, places[found.indices.to_numpy()], names)
        events = from_table(table.drop_columns(["file", "row"]), where)
        return portion_of(events, code_map(self.source.map), self.source)


def _path(address: str) -> str:
    """The path in an address such as ``file:/data/one%20shard.parquet``."""
    return "/" + unquote(address).partition(":")[2].lstrip("/")
