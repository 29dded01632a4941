"""What the states of a unit mean, as numbers; a unit learns new states as it goes on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.facts import Bools, Floats
from stormwatch.engines.columnar.units import Unit
from stormwatch.facts import Interval
from stormwatch.logic.truth import Truth

VERDICTS = (Truth.NOT_MET, Truth.UNKNOWN, Truth.MET)
Scores = tuple[Floats, Floats, Bools, Bools]


class Meanings:
    """Tables by state, which grow with the unit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._verdicts = np.zeros(0, np.int8)
        self._scores: Scores = (np.zeros(0), np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.bool_))

    def verdicts(self) -> npt.NDArray[np.int8]:
        """Of a unit that gives truths: the places of its answers in ``VERDICTS``."""
        new = [VERDICTS.index(self._unit.worth(state)) for state in range(len(self._verdicts), self._unit.size)]
        self._verdicts = np.append(self._verdicts, np.array(new, np.int8))
        return self._verdicts

    def scores(self) -> Scores:
        """Of a unit that gives points: both ends, and which of them are open."""
        worths: list[Interval] = [self._unit.worth(state) for state in range(len(self._scores[0]), self._unit.size)]
        if worths:
            more = (
                np.array([float(one.low) for one in worths]),
                np.array([float(one.high) for one in worths]),
                np.array([not one.low_closed for one in worths], np.bool_),
                np.array([not one.high_closed for one in worths], np.bool_),
            )
            low, high, low_open, high_open = (np.append(old, new) for old, new in zip(self._scores, more, strict=True))
            self._scores = (low, high, low_open, high_open)
        return self._scores


@lru_cache(maxsize=1000)
def _kept(unit: Unit) -> Meanings:
    return Meanings(unit)


def meanings(unit: Unit) -> Meanings:
    """What a unit's states mean, made once for each unit."""
    return _kept(unit)  # type: ignore[arg-type]
