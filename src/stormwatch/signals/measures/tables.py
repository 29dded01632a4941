"""The two-by-two table of a pair, for many pairs at once, and why a measure of it may be undefined.

                  event      not
drug                a          b
not the drug        c          d
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stormwatch.signals.counts import Counts, Indices

Floats = NDArray[np.float64]

REASONS = {
    1: "no report has the drug, or none the event: nothing can be compared",
    2: "no report has drug and event (a = 0): ratios are 0 and have no Wald interval",
    4: "every report with the event has the drug (c = 0): PRR and ROR have no finite value",
    8: "every report with the drug has the event (b = 0): ROR has no finite value",
    16: "every report has the drug: there is nobody to compare with",
    32: "every report has the event: every ratio would be 1 by necessity",
    64: "no stratum has reports on both sides of the comparison: Mantel-Haenszel ratios have no finite value",
    128: "every report has the drug or the event (d = 0): ROR is 0 and has no Wald interval",
}
"""What each bit of a reason says; a measure that is undefined is NaN and its row carries the reason."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, for each pair; NaN where undefined."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Tables:
    """The four cells, in reports, for each pair.

    >>> t = Tables.of(41, 14, 754, 591_958)
    >>> round(float(t.expected[0]), 4)
    0.0738
    """

    a: Floats
    b: Floats
    c: Floats
    d: Floats

    @classmethod
    def of(cls, a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike) -> Tables:
        cells = (np.atleast_1d(np.asarray(cell, dtype=np.float64)) for cell in (a, b, c, d))
        return cls(*cells)

    @classmethod
    def from_counts(cls, counts: Counts, drug: Indices, event: Indices, n: NDArray[np.int64] | None = None) -> Tables:
        """The tables of these pairs; ``n`` saves looking the counts up."""
        a = np.asarray(counts.look_up(drug, event) if n is None else n, dtype=np.float64)
        with_drug, with_event = counts.drug_n[drug], counts.event_n[event]
        return cls(a, with_drug - a, with_event - a, counts.reports - with_drug - with_event + a)

    @property
    def total(self) -> Floats:
        return self.a + self.b + self.c + self.d

    @property
    def expected(self) -> Floats:
        """Reports of the pair to expect if drug and event had nothing to do with each other."""
        return ratio((self.a + self.b) * (self.a + self.c), self.total)

    @property
    def reason(self) -> NDArray[np.uint8]:
        """The bits of ``REASONS`` that hold, 0 where everything is defined."""
        a, b, c, d = self.a, self.b, self.c, self.d
        holds = {
            1: (a + b == 0) | (a + c == 0),
            2: a == 0,
            4: (c == 0) & (a > 0),
            8: (b == 0) & (a > 0),
            16: (c + d == 0) & (a + b > 0),
            32: (b + d == 0) & (a + c > 0),
            128: d == 0,
        }
        bits: NDArray[np.uint8] = np.zeros(len(a), dtype=np.uint8)
        for bit, where in holds.items():
            bits[where] |= bit
        return bits


def reasons(bits: int) -> tuple[str, ...]:
    """A row's reason in words.

    >>> reasons(4)
    ('every report with the event has the drug (c = 0): PRR and ROR have no finite value',)
    """
    return tuple(text for bit, text in REASONS.items() if bits & bit)


def ratio(above: Floats, below: Floats) -> Floats:
    """``above / below``, and NaN where ``below`` is 0."""
    answer: Floats = np.full(np.shape(above), np.nan)
    return np.divide(above, below, out=answer, where=below != 0)
