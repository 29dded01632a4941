"""The data of the full likelihood in few points: every pair that occurs, and every one that does not.

Most pairs of drug and event are never reported. These zeros hold information and belong in the likelihood, and they
enter it through their expected count alone. All combinations of equal margins share one expected count, so the zeros
of a whole database are a histogram: all combinations minus those that occur.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stormwatch.errors import UsageError
from stormwatch.signals.counts import Counts, Indices, Integers
from stormwatch.signals.measures.tables import Floats

BIN = 0.002
"""Width of a bin of the natural logarithm of expected; each bin keeps its mean, so errors are of second order."""
BLOCK = 1 << 21
FEW = 256
"""Counts below this are binned in one table; above it pairs are rare, and sorted."""


@dataclass(frozen=True, slots=True)
class Points:
    """Counts with their expected count, and how many pairs each stands for."""

    n: Integers
    expected: Floats
    times: Floats


def points(counts: Counts, strata: Sequence[Counts] = (), width: float = BIN) -> Points:
    """All cells of the table as likelihood points; pairs whose drug or event occurs nowhere say nothing.

    ``strata`` gives stratified expected counts. The number of cells is exact: the points add up to it.

    >>> c = Counts(np.array([0]), np.array([0]), np.array([2]), np.array([2, 1]), np.array([2, 1]), 3)
    >>> float(points(c).times.sum())
    4.0
    """
    grid = _Grid(counts, strata or (counts,), width)
    zeros, zero_sum = grid.everything()
    keys, sums = [], []
    for n, place, expected in grid.occurring():
        zeros -= np.bincount(place, minlength=grid.bins)
        zero_sum -= np.bincount(place, expected, minlength=grid.bins)
        keys.append(n * grid.bins + place)
        sums.append(expected)
    left = zeros > 0
    none = Points(np.zeros(int(np.count_nonzero(left)), np.int64), zero_sum[left] / zeros[left], zeros[left])
    return _joined(none, _binned(keys, sums, grid.bins))


def _joined(*parts: Points) -> Points:
    n, expected, times = zip(*((part.n, part.expected, part.times) for part in parts), strict=True)
    return Points(np.concatenate(n), np.concatenate(expected), np.concatenate(times))


def _binned(keys: list[Integers], sums: list[Floats], bins: int) -> Points:
    """Pairs of equal count and bin, merged."""
    dense = np.zeros((2, FEW * bins))
    rare_keys, rare_sums = [np.zeros(0, np.int64)], [np.zeros(0)]
    for key, expected in zip(keys, sums, strict=True):
        few = key < FEW * bins
        np.add.at(dense[0], key[few], 1.0)
        np.add.at(dense[1], key[few], expected[few])
        rare_keys.append(key[~few])
        rare_sums.append(expected[~few])
    common = np.flatnonzero(dense[0])
    rare, place = np.unique(np.concatenate(rare_keys), return_inverse=True)
    times = np.concatenate((dense[0, common], np.bincount(place, minlength=len(rare))))
    total = np.concatenate((dense[1, common], np.bincount(place, np.concatenate(rare_sums), minlength=len(rare))))
    return Points(np.concatenate((common, rare)) // bins, total / times, times)


def merged(data: Points, bins: int) -> Points:
    """Fewer points: neighbouring bins of the same count put together, for a first search."""
    place = np.floor(np.log(data.expected) / (BIN * bins)).astype(np.int64)
    place -= place.min()
    distinct, group = np.unique(data.n * (place.max() + 1) + place, return_inverse=True)
    times = np.bincount(group, data.times).astype(np.float64)
    return Points(distinct // (place.max() + 1), np.bincount(group, data.times * data.expected) / times, times)


class _Grid:
    """Bins of log expected, and which bin each combination of margins falls into.

    Combinations and pairs go through the same arithmetic in the same order, so a pair lands in the very bin its
    combination was counted in; otherwise some bins would hold fewer zeros than none.
    """

    def __init__(self, counts: Counts, strata: Sequence[Counts], width: float) -> None:
        self.counts, self.width = counts, width
        if not len(counts):
            raise UsageError("No report has both a drug and an event: there is nothing to fit a prior to")
        drug = np.stack([part.drug_n.astype(np.float64) for part in strata], axis=1)
        event = np.stack([part.event_n / max(part.reports, 1) for part in strata], axis=1)
        self.drugs, self.drug_group, self.drug_times = _groups(drug)
        self.events, self.event_group, self.event_times = _groups(event)
        self.low, high = self._range()
        self.bins = int((high - self.low) / width) + 2

    def _range(self) -> tuple[float, float]:
        lowest, highest = np.inf, 0.0
        for _, expected in self._blocks():
            positive = expected[expected > 0]
            lowest = min(lowest, positive.min(initial=np.inf))
            highest = max(highest, positive.max(initial=0.0))
        return float(np.log(lowest)), float(np.log(highest))

    def _blocks(self) -> Iterator[tuple[slice, Floats]]:
        step = max(1, BLOCK // len(self.events))
        for first in range(0, len(self.drugs), step):
            rows = slice(first, min(first + step, len(self.drugs)))
            yield rows, _expected(self.drugs[rows, None, :], self.events[None, :, :])

    def everything(self) -> tuple[Floats, Floats]:
        times, total = np.zeros(self.bins), np.zeros(self.bins)
        for rows, expected in self._blocks():
            many = (self.drug_times[rows, None] * self.event_times).ravel()
            flat = expected.ravel()
            place, many, flat = self.place(flat[flat > 0]), many[flat > 0], flat[flat > 0]
            times += np.bincount(place, many, minlength=self.bins)
            total += np.bincount(place, many * flat, minlength=self.bins)
        return times, total

    def occurring(self) -> Iterator[tuple[Integers, Integers, Floats]]:
        for first in range(0, len(self.counts), BLOCK):
            part = slice(first, first + BLOCK)
            drug = self.drugs[self.drug_group[self.counts.pair_drug[part]]]
            event = self.events[self.event_group[self.counts.pair_event[part]]]
            expected = _expected(drug, event)
            yield self.counts.n[part], self.place(expected), expected

    def place(self, expected: Floats) -> Integers:
        return ((np.log(expected) - self.low) / self.width).astype(np.int64)


def _expected(drug: NDArray[np.float64], event: NDArray[np.float64]) -> Floats:
    total: Floats = drug[..., 0] * event[..., 0]
    for stratum in range(1, drug.shape[-1]):
        total = total + drug[..., stratum] * event[..., stratum]
    return total


def _groups(margins: Floats) -> tuple[Floats, Indices, Floats]:
    """Distinct margins, which of them each item has, and how many items share it."""
    distinct, group, times = np.unique(margins, axis=0, return_inverse=True, return_counts=True)
    return distinct, group.ravel(), times.astype(np.float64)
