"""The records: sorted, shuffled, and ten times as large."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from columnar import SIGNALS, made
from pyarrow import parquet

from stormwatch import analytes

GROUP = 500_000
COPIES = 10


def prepared(folder: Path, patients: int, seed: int, *, large: bool) -> None:
    """Everything the measures read, kept for the next time. What was broken off is made anew."""
    _once(folder / "sorted", lambda into: _sorted(into, patients, seed))
    _once(folder / "shuffled", lambda into: _shuffled(into, folder, seed))
    lines = "".join(f"LAB//{name}//{{unit}},{name}\n" for name, *_ in SIGNALS)
    (folder / "codes.csv").write_text(f"code,analyte\n{lines}")
    if large:
        _once(folder / "large", lambda into: _large(into, folder, patients))


def _once(into: Path, write: Callable[[Path], None]) -> None:
    if into.exists():
        return
    begun = into.with_name(f".{into.name}")
    shutil.rmtree(begun, ignore_errors=True)
    (begun / "data").mkdir(parents=True)
    write(begun / "data")
    begun.rename(into)


def _sorted(into: Path, patients: int, seed: int) -> None:
    """By patient and time, in shards of whole patients, as MEDS asks."""
    facts = made(patients, seed)
    words = pa.array([f"LAB//{name}//{analytes.analyte(name).unit}" for _, name in facts.names])
    table = pa.table(
        {
            "subject_id": facts.patient + 1,
            "time": pa.array(facts.usable).cast(pa.timestamp("us")),
            "code": pa.DictionaryArray.from_arrays(facts.code.astype(np.int32), words).cast(pa.string()),
            "numeric_value": facts.low.astype(np.float32),
        }
    )
    shards = max(1, patients // 50_000)
    edges = np.searchsorted(facts.patient, np.linspace(0, patients, shards + 1).astype(int))
    for number, (first, last) in enumerate(pairwise(edges.tolist())):
        _write(table.slice(first, last - first), into / f"{number:03}.parquet")


def _shuffled(into: Path, folder: Path, seed: int) -> None:
    table = pa.concat_tables([parquet.read_table(shard) for shard in _shards(folder)])
    order = np.random.default_rng(seed).permutation(len(table))
    _write(table.take(order), into / "000.parquet")


def _large(into: Path, folder: Path, patients: int) -> None:
    """The sorted record again and again, each time with other patients."""
    for copy in range(COPIES):
        for shard in _shards(folder):
            table = parquet.read_table(shard)
            subject = pc.add(table.column("subject_id"), copy * patients)
            _write(table.set_column(0, "subject_id", subject), into / f"{copy}-{shard.name}")


def _shards(folder: Path) -> Iterator[Path]:
    yield from sorted((folder / "sorted/data").glob("*.parquet"))


def _write(table: Any, path: Path) -> None:
    parquet.write_table(table, path, compression="zstd", row_group_size=GROUP)
