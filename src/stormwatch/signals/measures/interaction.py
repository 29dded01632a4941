"""Omega: is the event reported more often with two drugs together than either drug explains?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv

from stormwatch.signals.counts import Mentions
from stormwatch.signals.measures.information import SHRINKAGE, per_count
from stormwatch.signals.measures.tables import Estimate, Floats, ratio


@dataclass(frozen=True, slots=True)
class Triples:
    """Reports by first drug, second drug and event (1 named, 0 not), for each triple."""

    n111: Floats
    n110: Floats
    n101: Floats
    n100: Floats
    n011: Floats
    n010: Floats
    n001: Floats
    n000: Floats

    @classmethod
    def of(cls, **cells: ArrayLike) -> Triples:
        return cls(**{name: np.atleast_1d(np.asarray(cell, dtype=np.float64)) for name, cell in cells.items()})


@dataclass(frozen=True, slots=True)
class Interaction:
    """Reports with both drugs and the event, how many to expect, and Omega with its interval."""

    observed: Floats
    expected: Floats
    omega: Estimate


def omega(triples: Triples, level: float = 0.95) -> Interaction:
    """Omega shrinkage measure with exact gamma limits (Omega025 at 95 %).

    NaN where reports with neither drug, with one alone, or with both are lacking: there is then no baseline to add up.
    Source: Norén, Sundberg, Bate, Edwards, Stat Med 2008;27:3057. The example is theirs (Table II).

    >>> t = Triples.of(n111=25, n110=253, n101=53, n100=1444, n011=42, n010=1293, n001=185, n000=6527)
    >>> found = omega(t)
    >>> [round(float(x[0]), 2) for x in (found.expected, found.omega.value, found.omega.low)]
    [10.91, 1.16, 0.54]
    """
    neither = ratio(triples.n001, triples.n000)
    first, second = ratio(triples.n101, triples.n100), ratio(triples.n011, triples.n010)
    # Odds, not shares: each drug alone adds to the odds of the event, and never takes from them.
    odds = np.maximum(neither, first) + np.maximum(neither, second) - neither
    expected = (triples.n111 + triples.n110) * odds / (1 + odds)
    known = np.where(triples.n111 + triples.n110 > 0, expected, np.nan)
    tail = (1 - level) / 2
    scale = np.log2(known + SHRINKAGE)
    limits = per_count(triples.n111, lambda m: np.log2(gammaincinv(m + SHRINKAGE, [[tail], [1 - tail]])))
    value = np.log2(triples.n111 + SHRINKAGE) - scale
    return Interaction(triples.n111, known, Estimate(value, limits[0] - scale, limits[1] - scale))


def triples_with(drugs: Mentions, events: Mentions, drug: int, event: int, *, reports: int, n_drugs: int) -> Triples:
    """The eight counts of one drug and one event with every other drug as the second (index: its number).

    ``reports`` is the size of the background, ``n_drugs`` of the vocabulary. The drug itself, as its own partner, has
    no reports of the second drug alone, so its Omega is NaN.
    """
    drugs = drugs.distinct()
    with_drug, with_event = drugs.naming(drug), events.naming(event)
    both = np.intersect1d(with_drug, with_event, assume_unique=True)
    second, second_event, second_drug, all_three = (
        np.bincount(part.item, minlength=n_drugs).astype(np.float64)
        for part in (drugs, drugs.within(with_event), drugs.within(with_drug), drugs.within(both))
    )
    return Triples(
        n111=all_three,
        n110=second_drug - all_three,
        n101=len(both) - all_three,
        n100=len(with_drug) - second_drug - len(both) + all_three,
        n011=second_event - all_three,
        n010=second - second_drug - second_event + all_three,
        n001=len(with_event) - len(both) - second_event + all_three,
        n000=reports - len(with_drug) - second - len(with_event) + second_drug + second_event + len(both) - all_three,
    )
