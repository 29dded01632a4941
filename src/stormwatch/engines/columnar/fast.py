"""The same inner passes, compiled: one loop over the rows instead of several over whole columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from stormwatch.engines.columnar.facts import Ints
from stormwatch.engines.columnar.passes import Passes
from stormwatch.engines.columnar.steps import NOTHING, Steps, resting
from stormwatch.errors import UsageError


@cache
def compiled_passes() -> Passes:
    """The passes that numba compiles, once; the compiled code is kept beside this file or in the user's cache.

    Raises:
        UsageError: numba is not installed.
    """
    try:
        from stormwatch.engines.columnar import loops
        from stormwatch.engines.columnar.onepass.driving import answers
    except ImportError:
        raise UsageError('the compiled engine needs numba: pip install "stormwatch[fast]"') from None

    def grouped(code: Ints, groups: int) -> tuple[Ints, Ints]:
        found: tuple[Ints, Ints] = loops.grouped(code, groups)
        return found

    def highest(start: Ints, stop: Ints, level: Ints) -> Steps:
        if len(start) == 0:
            return Steps(NOTHING, NOTHING)
        at, state = loops.highest(start, stop, level, int(level.max()))
        return Steps(at, state)

    def moves_only(at: Ints, state: Ints, rest: int) -> Steps:
        ticks, states = loops.moves_only(at, state, rest)
        return Steps(ticks, states, rest)

    return Passes(grouped, highest, _merging(loops), moves_only, loops.backwards, answers, rows=1_000_000)


def _merging(loops: Any) -> Any:
    def merged(parts: Sequence[Steps], shifts: Sequence[int]) -> Steps:
        rest = sum(part.rest << shift for part, shift in zip(parts, shifts, strict=True))
        moving = [(part, shift) for part, shift in zip(parts, shifts, strict=True) if len(part)]
        if not moving:
            return resting(rest)
        ends = np.cumsum([len(part) for part, _ in moving])
        at = np.concatenate([part.at for part, _ in moving])
        state = np.concatenate([part.state for part, _ in moving])
        rests = np.array([part.rest for part, _ in moving], np.int64)
        by = np.array([1 << shift for _, shift in moving], np.int64)
        ticks, codes = loops.merged(at, state, ends, rests, by, rest)
        return Steps(ticks, codes, rest)

    return merged
