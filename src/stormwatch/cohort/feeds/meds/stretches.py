"""Which rows belong to which patient, and how they are cut into chunks: one pass over the subject column."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stormwatch.cohort.feeds.meds.ranges import told_starts
from stormwatch.cohort.feeds.views import numbers
from stormwatch.engines.columnar.facts import Ints
from stormwatch.errors import InputError
from stormwatch.sources.mapped.arrow import BATCH, opened_parquet
from stormwatch.sources.meds.shards import shards
from stormwatch.sources.opening import StrPath, file_name

ROWS = 500_000
"""Rows in a chunk, more or less: whole patients, and whole row groups where these are not much larger."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one shard, from ``start`` up to, not including, ``stop``; they are those of whole patients."""

    path: Path
    name: str
    start: int
    stop: int


def stretches(path: StrPath) -> list[Stretch]:
    """The chunks of a record.

    Where row groups tell the range of their subjects, and the ranges rise, the cuts are found without reading the
    column; that no patient of a chunk stands apart must then be seen when it is read.

    Raises:
        InputError: a shard cannot be read, a row has no subject, or the rows of a patient stand apart.
    """
    every = list(shards(path))
    told = told_starts(every, 2 * ROWS)
    if told is not None:
        cuts = [_merged(starts, rows) for starts, rows in told]
    else:
        read = [_patients(*shard) for shard in every]
        check_apart(np.concatenate([ids for _, ids, _, _ in read] or [np.zeros(0, np.int64)]), path)
        cuts = [_cuts(starts, edges, rows) for starts, _, edges, rows in read]
    return [
        Stretch(*shard, *pair) for shard, some in zip(every, cuts, strict=True) for pair in itertools.pairwise(some)
    ]


def _merged(starts: list[int], rows: int) -> list[int]:
    """Cuts where row groups begin, of which small ones go together."""
    cuts = [0]
    for here in starts:
        if here - cuts[-1] >= ROWS // 2 and here < rows:
            cuts.append(here)
    return [*cuts, rows] if rows else [0]


def check_apart(subjects: Ints, path: StrPath) -> None:
    """Refuse a record in which a subject comes again after another one. Raises InputError."""
    apart = len(subjects) - len(np.unique(subjects))
    if apart:
        raise InputError(
            f"{file_name(path)}: the rows of a patient stand apart ({apart:,} times); "
            "sort the file by patient, or let the run sort it (--sort)"
        )


def _patients(shard: Path, name: str) -> tuple[Ints, Ints, list[int], int]:
    """The first row of each patient with its subject, the edges of row groups, and how many rows there are."""
    starts, ids, last, row = [], [], None, 0
    with opened_parquet(shard) as file:
        edges = np.cumsum([file.metadata.row_group(g).num_rows for g in range(file.metadata.num_row_groups)]).tolist()
        for batch in _subjects(file):
            column = batch.column(0)
            if column.null_count:
                raise InputError(f"{name}: {column.null_count} rows have no subject_id; MEDS asks for it")
            values = numbers(column).astype(np.int64, copy=False)
            new = np.flatnonzero(values[1:] != values[:-1]) + 1
            if len(values) and values[0] != last:
                new = np.insert(new, 0, 0)
            starts.append(new + row)
            ids.append(values[new])
            last, row = (values[-1], row + len(values)) if len(values) else (last, row)
    empty = [np.zeros(0, np.int64)]
    return np.concatenate(starts or empty), np.concatenate(ids or empty), edges, row


def _subjects(file: Any) -> Iterator[Any]:
    yield from file.iter_batches(4 * BATCH, columns=["subject_id"])


def _cuts(starts: Ints, edges: list[int], rows: int) -> list[int]:
    """Rows at which chunks begin, and the end of the last one."""
    if not rows:
        return [0]
    cuts = [0]
    for edge in edges[:-1]:
        here = int(starts[np.searchsorted(starts, edge)]) if starts[-1] >= edge else rows
        cuts += _inside(starts, cuts[-1], here)
        if here - cuts[-1] >= ROWS // 2 and here < rows:
            cuts.append(here)
    return [*cuts, *_inside(starts, cuts[-1], rows), rows]


def _inside(starts: Ints, first: int, last: int) -> list[int]:
    """Cuts within a stretch that is much too long."""
    found = []
    while last - first > 2 * ROWS:
        place = int(np.searchsorted(starts, first + ROWS))
        if place >= len(starts) or starts[place] >= last:
            break
        first = int(starts[place])
        found.append(first)
    return found
