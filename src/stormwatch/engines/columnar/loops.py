"""Loops that numba compiles and keeps. Each does what its namesake in ``passes`` or ``steps`` does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from stormwatch.engines.columnar.facts import backwards as every_backwards


@njit(cache=True)
def grouped(code: Any, groups: int) -> Any:
    """Row numbers by code, in the order of the rows, and where each code begins."""
    bounds = np.zeros(groups + 1, np.int64)
    for row in range(len(code)):
        bounds[code[row] + 1] += 1
    for group in range(groups):
        bounds[group + 1] += bounds[group]
    place = bounds[:-1].copy()
    order = np.empty(len(code), np.int64)
    for row in range(len(code)):
        order[place[code[row]]] = row
        place[code[row]] += 1
    return order, bounds


@njit(cache=True)
def highest(start: Any, stop: Any, level: Any, top: int) -> Any:
    """Carries, for each level, until when some row at least as high counts."""
    size = 2 * len(start) + top + 1
    at, state = np.empty(size, np.int64), np.empty(size, np.int64)
    until = np.full(top + 2, -1, np.int64)
    count, now = 0, 0
    for row in range(len(start) + 1):
        moment = start[row] if row < len(start) else np.iinfo(np.int64).max
        while now > 0 and until[now] < moment:
            ended = until[now]
            while now > 0 and until[now] <= ended:
                now -= 1
            at[count], state[count] = ended, now
            count += 1
        if row == len(start):
            break
        for reached in range(1, level[row] + 1):
            until[reached] = max(until[reached], stop[row])
        before = now
        now = top
        while now > 0 and until[now] <= moment:
            now -= 1
        if count > 0 and at[count - 1] == moment:
            state[count - 1] = now
            if (count > 1 and state[count - 2] == now) or (count == 1 and now == 0):
                count -= 1
        elif now != before:
            at[count], state[count] = moment, now
            count += 1
        if count + top + 2 > size:
            size *= 2
            at, state = _longer(at, size), _longer(state, size)
    return at[:count].copy(), state[:count].copy()


@njit(cache=True)
def _longer(values: Any, size: int) -> Any:
    found = np.empty(size, np.int64)
    found[: len(values)] = values
    return found


@njit(cache=True)
def merged(at: Any, state: Any, ends: Any, rests: Any, by: Any, rest: int) -> Any:
    """Walks along all parts at once; the next tick is the earliest of theirs."""
    parts = len(ends)
    place = np.zeros(parts, np.int64)
    place[1:] = ends[:-1]
    before = rests.copy()
    ticks, codes = np.empty(len(at), np.int64), np.empty(len(at), np.int64)
    far = np.iinfo(np.int64).max
    code, count = rest, 0
    while True:
        moment = far
        for part in range(parts):
            if place[part] < ends[part] and at[place[part]] < moment:
                moment = at[place[part]]
        if moment == far:
            break
        for part in range(parts):
            if place[part] < ends[part] and at[place[part]] == moment:
                now = state[place[part]]
                code += (now - before[part]) * by[part]
                before[part] = now
                place[part] += 1
        ticks[count], codes[count] = moment, code
        count += 1
    return ticks[:count], codes[:count]


@njit(cache=True)
def moves_only(at: Any, state: Any, rest: int) -> Any:
    """No state that is no change."""
    ticks, states = np.empty(len(at), np.int64), np.empty(len(at), np.int64)
    count, now = 0, rest
    for row in range(len(at)):
        if state[row] != now:
            now = state[row]
            ticks[count], states[count] = at[row], now
            count += 1
    return ticks[:count], states[:count]


def backwards(patient: Any, usable: Any) -> Any:
    """The rows that stand before the one they should follow."""
    return every_backwards(patient, usable) if _any_backwards(patient, usable) else np.zeros(0, np.int64)


@njit(cache=True, nogil=True)
def _any_backwards(patient: Any, usable: Any) -> Any:
    found = False
    for row in range(len(patient) - 1):  # all of them: a loop that may end early is not vectorised
        same, before = patient[row] == patient[row + 1], patient[row] > patient[row + 1]
        found |= before | (same & (usable[row] > usable[row + 1]))
    return found
