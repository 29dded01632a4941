"""The inner loop of counting, twice: as a loop for numba to compile, and in NumPy; equal by test."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.integer]
Integers = NDArray[np.int64]

ROWS = 250_000
"""Reports expanded at once in NumPy: the crossed rows of a part stay in the processor's cache."""


class Kernel(Protocol):
    """Adds 1 to ``table[drug - low, event]`` for each drug and event of each report."""

    def __call__(
        self,
        table: NDArray[np.int32],
        starts: Integers,
        drug: Indices,
        event_low: Integers,
        event_high: Integers,
        event: Indices,
        n_events: int,
        low: int,
    ) -> None: ...


def add_pairs(table, starts, drug, event_low, event_high, event, n_events, low):  # type: ignore[no-untyped-def]
    """Plain loops, which numba compiles."""
    for report in range(len(starts) - 1):
        for i in range(starts[report], starts[report + 1]):
            row = (np.int64(drug[i]) - low) * n_events
            for j in range(event_low[report], event_high[report]):
                table[row + event[j]] += 1


def keep_distinct(starts, item, kept, many):  # type: ignore[no-untyped-def]
    """Each report's items once and in order, by insertion: a report has few, so no sort of all rows is needed.

    Fills ``kept`` from the front, and ``many`` with the number of items of each report.
    """
    end = 0
    for report in range(len(starts) - 1):
        begin = end
        for row in range(starts[report], starts[report + 1]):
            place = end
            while place > begin and kept[place - 1] > item[row]:
                place -= 1
            if place > begin and kept[place - 1] == item[row]:
                continue
            for moved in range(end, place, -1):
                kept[moved] = kept[moved - 1]
            kept[place] = item[row]
            end += 1
        many[report] = end - begin


def add_pairs_numpy(
    table: NDArray[np.int32],
    starts: Integers,
    drug: Indices,
    event_low: Integers,
    event_high: Integers,
    event: Indices,
    n_events: int,
    low: int,
) -> None:
    """The same by array operations, a part of the reports at a time."""
    for first in range(0, len(starts) - 1, ROWS):
        reports = slice(first, min(first + ROWS, len(starts) - 1))
        times = np.diff(starts[reports.start : reports.stop + 1])
        rows = slice(starts[reports.start], starts[reports.stop])
        event_from = np.repeat(event_low[reports], times)
        many = np.repeat(event_high[reports], times) - event_from
        ends = np.cumsum(many)
        crossed = np.arange(ends[-1]) + np.repeat(event_from - (ends - many), many)
        cell = np.repeat((drug[rows].astype(np.int64) - low) * n_events, many) + event[crossed]
        np.add.at(table, cell, np.int32(1))
