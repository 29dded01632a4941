"""Cohen's kappa with its large-sample interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054  # the 97.5 % point of the standard normal distribution


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance, and its 95 % interval; None where both always say the same one thing."""

    value: float | None
    low: float | None = None
    high: float | None = None


def kappa(both: int, first: int, second: int, neither: int) -> Kappa:
    """Cohen's kappa of two yes-or-no answers, from the four counts.

    The standard error is that of Fleiss, Cohen and Everitt (Psychol Bull 1969;72:323-327).

    >>> round(kappa(20, 5, 10, 15).value, 6)
    0.4
    """
    n = both + first + second + neither
    if n == 0:
        return Kappa(None)
    cells = ((both / n, first / n), (second / n, neither / n))
    rows = [sum(row) for row in cells]
    columns = [cells[0][k] + cells[1][k] for k in range(2)]
    seen = cells[0][0] + cells[1][1]
    chance = sum(rows[k] * columns[k] for k in range(2))
    if chance == 1:
        return Kappa(None)
    value = (seen - chance) / (1 - chance)
    agreed = sum(cells[k][k] * (1 - (rows[k] + columns[k]) * (1 - value)) ** 2 for k in range(2))
    differed = (1 - value) ** 2 * sum(
        cells[k][m] * (columns[k] + rows[m]) ** 2 for k in range(2) for m in range(2) if k != m
    )
    variance = agreed + differed - (value - chance * (1 - value)) ** 2
    error = sqrt(max(variance, 0) / n) / (1 - chance)
    return Kappa(value, max(value - _Z * error, -1.0), min(value + _Z * error, 1.0))
