"""The value axis of one panel: its ends, its ticks, and where a value lies between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

_MOST_LABELS = 6
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Ruler:
    """An axis through ``ticks``, the first and the last of which are its ends, linear or logarithmic.

    >>> Ruler((1, 10, 100), log=True).share(10)
    0.5
    """

    ticks: tuple[float, ...]
    log: bool = False

    @property
    def labels(self) -> list[float]:
        """The ticks that are written out: all, or every other one where there are many."""
        return list(self.ticks if len(self.ticks) <= _MOST_LABELS else self.ticks[::2])

    def share(self, value: float) -> float:
        """How far up a value lies, from 0 at the lower end to 1 at the upper."""
        low, high, value = (log10(one) if self.log else one for one in (self.ticks[0], self.ticks[-1], value))
        return (value - low) / (high - low)

    def value(self, share: float) -> float:
        """The value so far up, the inverse of ``share``."""
        low, high = (log10(one) if self.log else one for one in (self.ticks[0], self.ticks[-1]))
        found: float = low + share * (high - low)
        return 10.0**found if self.log else found


def ruler(values: Sequence[float], *, log: bool) -> Ruler:
    """The axis that holds all values: from power to power of ten, or in round steps.

    >>> ruler([36.6, 39.6], log=False).ticks
    (36, 37, 38, 39, 40)
    >>> ruler([0.4, 120], log=True).ticks
    (0.1, 1, 10, 100, 1000)
    """
    return _decades(values) if log else _round(values)


def _decades(values: Sequence[float]) -> Ruler:
    lowest, highest = floor(log10(min(values, default=1))), ceil(log10(max(values, default=10)))
    powers = range(lowest, max(highest, lowest + 1) + 1)
    return Ruler(tuple(10**power if power >= 0 else float(f"1e{power}") for power in powers), log=True)


def _round(values: Sequence[float]) -> Ruler:
    low, high = min(values, default=0), max(values, default=1)
    if low == high:
        low, high = low - 1, high + 1
    power = 10.0 ** floor(log10((high - low) / 4))
    step = next(step * power for step in _STEPS if (high - low) / (step * power) <= 4)
    ticks = (round(place * step, 9) for place in range(floor(low / step), ceil(high / step) + 1))
    return Ruler(tuple(int(tick) if tick == int(tick) else tick for tick in ticks))


def apart(shares: Sequence[float], least: float) -> list[float]:
    """Places moved away from each other as little as needed to be ``least`` apart, none above 1.

    They keep their order. More than fit are squeezed out below 0, never on top of each other.

    >>> apart([0.5, 0.5, 1.0], 0.25)
    [0.5, 0.75, 1.0]
    """
    order = sorted(range(len(shares)), key=lambda place: shares[place])
    found = [shares[place] for place in order]
    for place in range(1, len(found)):
        found[place] = max(found[place], found[place - 1] + least)
    ceiling = 1.0
    for place in reversed(range(len(found))):
        found[place] = min(found[place], ceiling)
        ceiling = found[place] - least
    placed = dict(zip(order, found, strict=True))
    return [placed[place] for place in range(len(shares))]
