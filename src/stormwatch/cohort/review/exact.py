"""Shares with exact intervals."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import betaincinv

_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of``, with the 95 % interval of Clopper and Pearson; None of nobody."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        return self.count / self.of if self.of else None

    @property
    def low(self) -> float | None:
        """
        >>> round(Share(8, 10).low, 4), round(Share(8, 10).high, 4)
        (0.4439, 0.9748)
        """
        if not self.of:
            return None
        return float(betaincinv(self.count, self.of - self.count + 1, _TAIL)) if self.count else 0.0

    @property
    def high(self) -> float | None:
        if not self.of:
            return None
        return float(betaincinv(self.count + 1, self.of - self.count, 1 - _TAIL)) if self.count < self.of else 1.0
