"""Where chunks may be cut, as far as Parquet's own statistics tell it: no column is read but a few rows at the cuts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stormwatch.cohort.feeds.views import numbers
from stormwatch.sources.mapped.arrow import opened_parquet

_LOOK = 4096
Range = tuple[int, int]


def told_starts(shards: Sequence[tuple[Path, str]], most: int) -> list[tuple[list[int], int]] | None:
    """For each shard, where the first patient at or after each row group begins, and how many rows there are.

    None where the statistics do not tell: subjects of row groups or shards overlap, a row may have none, or a row
    group has more than ``most`` rows, within which chunks would have to be cut.
    """
    every: list[Range] = []
    found = []
    for shard, _ in shards:
        with opened_parquet(shard) as file:
            ranges = _ranges(file, most)
            if ranges is None:
                return None
            every += [(ranges[0][0], ranges[-1][1])] if ranges else []
            found.append((_starts(file, ranges), file.metadata.num_rows))
    every.sort()
    return found if all(one[1] < other[0] for one, other in itertools.pairwise(every)) else None


def _ranges(file: Any, most: int) -> list[Range] | None:
    """The least and the greatest subject of each row group; None where they do not rise."""
    names = file.schema_arrow.names
    if "subject_id" not in names:
        return None
    found: list[Range] = []
    for group in range(file.metadata.num_row_groups):
        about = file.metadata.row_group(group)
        told = next(
            c for c in map(about.column, range(about.num_columns)) if c.path_in_schema == "subject_id"
        ).statistics
        if told is None or not told.has_min_max or not told.has_null_count or told.null_count or about.num_rows > most:
            return None
        found.append((int(told.min), int(told.max)))
    return found if all(one[1] <= other[0] for one, other in itertools.pairwise(found)) else None


def _starts(file: Any, ranges: Sequence[Range]) -> list[int]:
    """For each row group but the first, the first row from its beginning on that is not of a patient begun before."""
    edges = np.cumsum([file.metadata.row_group(group).num_rows for group in range(len(ranges))]).tolist()
    starts = []
    for group, (before, here) in enumerate(itertools.pairwise(ranges)):
        start = edges[group]
        if before[1] == here[0]:
            start = edges[group + 1] if here[0] == here[1] else start + _rows_of(file, group + 1, here[0])
        starts.append(start)
    for place in range(len(starts) - 2, -1, -1):  # a patient may fill whole row groups
        if starts[place] == edges[place + 1]:
            starts[place] = starts[place + 1]
    return starts


def _rows_of(file: Any, group: int, subject: int) -> int:
    """How many rows at the beginning of a row group are of a patient."""
    count = 0
    for batch in file.iter_batches(_LOOK, row_groups=[group], columns=["subject_id"], use_threads=False):
        others = np.flatnonzero(numbers(batch.column(0)) != subject)
        if len(others):
            return count + int(others[0])
        count += batch.num_rows
    return count
