"""How many relevant publications are probably left among those not yet read, with an interval.

From a random sample of the unread ones the number follows with exact confidence limits of the hypergeometric
distribution (Buonaccorsi 1987, Am Stat 41:215), the design that Callaghan and Müller-Hansen recommend for screening
(2020, Syst Rev 9:273). Without one there is only what the classifier believes: the sum of its probabilities, as in the
Quant rule of Yang, Lewis and Frieder (2021, arXiv 2106.09871). That is right only if the classifier is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb, sqrt

BY_SAMPLE = "from a random sample of those unread when it was drawn, exact 95% limits (Buonaccorsi 1987)"
BY_CLASSIFIER = (
    "the sum of the classifier's probabilities, 2 standard deviations to each side (after Yang 2021); "
    "right only if the classifier is: draw a random sample to check it"
)
_EACH_SIDE = 0.025


@dataclass(frozen=True, slots=True)
class Left:
    """How many relevant ones are probably left: the best guess, the interval, and the method in words."""

    about: float
    low: int
    high: int
    method: str


def left_by_sample(drawn_from: int, drawn: int, relevant: int, found_since: int = 0) -> Left:
    """What a random sample says.

    Args:
        drawn_from: how many unread ones the sample was drawn from.
        drawn: how many of the sample have been read; at least one.
        relevant: how many of those are relevant.
        found_since: relevant ones found since then among those it was drawn from, the sample's own included.

    >>> found = left_by_sample(50, 10, 3)
    >>> found.about, found.low, found.high
    (15.0, 5, 31)
    """
    low = _first(relevant, drawn_from, lambda k: _at_least(relevant, drawn_from, k, drawn) > _EACH_SIDE)
    high = _first(low, drawn_from + 1, lambda k: _at_most(relevant, drawn_from, k, drawn) <= _EACH_SIDE) - 1
    about = drawn_from * relevant / drawn
    return Left(max(0.0, about - found_since), max(0, low - found_since), max(0, high - found_since), BY_SAMPLE)


def left_by_classifier(probabilities: Sequence[float]) -> Left:
    """What the classifier believes of those not yet read.

    >>> left_by_classifier([0.5, 0.5, 1.0, 0.0]).about
    2.0
    """
    about = sum(probabilities)
    spread = 2 * sqrt(sum(p * (1 - p) for p in probabilities))
    high = min(len(probabilities), int(about + spread + 0.999999))
    return Left(round(about, 1), max(0, int(about - spread)), high, BY_CLASSIFIER)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number from ``low`` on at which a condition holds that goes on holding; ``high`` when it never does."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _at_most(seen: int, population: int, relevant: int, drawn: int) -> float:
    """The probability that a sample holds at most so many relevant ones."""
    ways = sum(comb(relevant, k) * comb(population - relevant, drawn - k) for k in range(min(seen, drawn) + 1))
    return ways / comb(population, drawn)


def _at_least(seen: int, population: int, relevant: int, drawn: int) -> float:
    return 1 - _at_most(seen - 1, population, relevant, drawn) if seen else 1.0
