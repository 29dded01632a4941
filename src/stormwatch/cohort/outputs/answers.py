"""Whether a syndrome holds by an instrument, out of its changes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.changes import Changes

NOT_MET, UNKNOWN, MET = range(3)
"""Places in ``VERDICTS``."""


def answers(found: Changes, rows: slice, holds: str) -> npt.NDArray[np.int8]:
    """The answer in each row: ``holds`` is ``verdict``, or ``grade`` where a grade of 1 or more counts.

    The rule is that of ``stormwatch.course.judging.answer``.
    """
    if holds == "verdict":
        verdict = found.verdict[rows]
        return np.where(verdict < 0, UNKNOWN, verdict).astype(np.int8)
    low, high, high_open = found.low[rows], found.high[rows], found.high_open[rows]
    never = (high < 1) | ((high == 1) & high_open)
    return np.where(low >= 1, MET, np.where(never, NOT_MET, UNKNOWN)).astype(np.int8)
