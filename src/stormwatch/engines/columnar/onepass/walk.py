"""The pass itself, compiled by numba: patient by patient and moment by moment, from facts to answers that changed.

Its tables are data, so that one compiled pass serves every plan. Where a table has no answer yet, or there is no room
for more answers, the pass stops with all its state in arrays; it goes on where it stopped when it is called again.

Indexes are unsigned (``U``), as numba looks at every signed one whether it counts from the end.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from stormwatch.engines.columnar.compiling import compiled, inlined, lowest_bit

LATEST, HIGHEST, LOWEST = 0, 1, 2
FAR = 2**62
DONE, LACKING, FULL = 0, 1, 2
BEGINS, BEGUN, GOES_ON = 0, 1, 2
PLACES = 7
U = np.uint64

Wiring = namedtuple("Wiring", "feeds reader shift table_at table root asks verdict score")
"""Which lookups read a node (``reader``, at ``shift``), where their tables begin, and which instruments ask a node."""
Inputs = namedtuple("Inputs", "by_code reads kind within top level_at closed open_low open_high marks lines")
"""Which inputs read a code; of each input what it takes, how long values count, and the marks between its regions."""
Rows = namedtuple("Rows", "first usable code low high low_open high_open line two opened on_lines")
"""The facts: where each patient's begin, and their columns. ``two``: some value has two ends."""
Told = namedtuple("Told", "at node state")
"""Steps of nodes that are worked out elsewhere, in order of their ticks."""
State = namedtuple("State", "node code dirty due end soonest low high until_low until_high since verdict score place")
"""All that is carried along. ``place``: patient, row, told step, tick, phase, answers found, unit lacking."""
Found = namedtuple("Found", "patient tick instrument verdict score")
"""The answers that changed."""


@inlined
def _move(node: Any, new: Any, wiring: Any, state: Any) -> None:
    """A node has a new state; what reads it must be looked up anew."""
    old = state.node[U(node)]
    if old == new:
        return
    state.node[U(node)] = new
    for k in range(wiring.feeds[U(node)], wiring.feeds[U(node + 1)]):
        unit = wiring.reader[U(k)]
        state.code[U(unit)] += (new - old) << wiring.shift[U(k)]
        state.dirty[U(unit >> 5)] |= 1 << (unit & 31)
    for k in range(wiring.root[U(node)], wiring.root[U(node + 1)]):
        instrument = wiring.asks[U(k)]
        state.due[U(instrument >> 5)] |= 1 << (instrument & 31)


@inlined
def _settle(wiring: Any, state: Any, leaves: Any) -> Any:
    """Look up everything that must be; the unit whose table has no answer, or -1."""
    for word in range(len(state.dirty)):
        while state.dirty[U(word)] != 0:
            waiting = state.dirty[U(word)]
            unit = (word << 5) + lowest_bit(waiting)
            new = wiring.table[U(wiring.table_at[U(unit)] + state.code[U(unit)])]
            if new < 0:
                return unit
            state.dirty[U(word)] = waiting & (waiting - 1)
            _move(leaves + unit, new, wiring, state)
    return -1


@inlined
def _region(value: Any, marks: Any, at: Any, top: Any) -> Any:
    found = 0
    for k in range(at, at + top):
        if value >= marks[U(k)]:
            found += 1
    return found


@inlined
def _cell(leaf: Any, kind: Any, top: Any, state: Any) -> Any:
    """The state of an input that has values."""
    low, high = state.low[U(leaf)], state.high[U(leaf)]
    if kind == HIGHEST:
        low, high = low - 1, high - 1
    elif kind == LOWEST:
        low, high = top + 1 - low, top + 1 - high
    return low + 1 if low == high else top + 2 + low * (top + 1) + high


@inlined
def _fall(level: Any, until: Any, at: Any, tick: Any) -> Any:
    """The highest level that still counts."""
    while level > 0 and until[U(at + level)] <= tick:
        level -= 1
    return level


@inlined
def _learn(row: Any, tick: Any, rows: Any, inputs: Any, wiring: Any, state: Any) -> None:
    """One fact, for every input that reads its code."""
    code = rows.code[U(row)]
    line = rows.line[U(row)] if rows.on_lines else 0
    for k in range(inputs.by_code[U(code)], inputs.by_code[U(code + 1)]):
        leaf = inputs.reads[U(k)]
        top, kind = inputs.top[U(leaf)], inputs.kind[U(leaf)]
        at = (leaf * inputs.lines + line) * inputs.marks
        within = inputs.within[U(leaf)]
        stop = FAR if within == FAR else tick + within
        if rows.two:
            _take_ends(leaf, row, tick, stop, at, kind, top, rows, inputs, wiring, state)
        elif kind == LATEST:
            low = high = _region(rows.low[U(row)], inputs.closed, at, top)
            if state.since[U(leaf)] == tick:  # of several at once: from the lowest to the highest end
                low, high = min(low, state.low[U(leaf)]), max(high, state.high[U(leaf)])
            state.since[U(leaf)] = tick
            state.low[U(leaf)], state.high[U(leaf)], state.end[U(leaf)] = low, high, stop
            state.soonest[U(0)] = min(state.soonest[U(0)], stop)
            _move(leaf, _cell(leaf, kind, top, state), wiring, state)
        else:
            region = _region(rows.low[U(row)], inputs.closed, at, top)
            level = region + 1 if kind == HIGHEST else top + 1 - region
            state.until_low[U(inputs.level_at[U(leaf)] + level)] = stop
            now = state.low[U(leaf)]
            if level < now:
                continue
            state.end[U(leaf)] = stop
            if level > now:
                state.low[U(leaf)] = state.high[U(leaf)] = level
                state.soonest[U(0)] = min(state.soonest[U(0)], stop)
                _move(leaf, region + 1, wiring, state)


@inlined
def _take_ends(
    leaf: Any,
    row: Any,
    tick: Any,
    stop: Any,
    at: Any,
    kind: Any,
    top: Any,
    rows: Any,
    inputs: Any,
    wiring: Any,
    state: Any,
) -> None:
    """A value with two ends, either of which may be open."""
    opened = rows.opened and rows.low_open[U(row)]
    low = _region(rows.low[U(row)], inputs.open_low if opened else inputs.closed, at, top)
    opened = rows.opened and rows.high_open[U(row)]
    high = _region(rows.high[U(row)], inputs.open_high if opened else inputs.closed, at, top)
    end = stop
    if kind == LATEST:
        if state.since[U(leaf)] == tick:
            low, high = min(low, state.low[U(leaf)]), max(high, state.high[U(leaf)])
        state.since[U(leaf)] = tick
    else:
        if kind == HIGHEST:
            low, high = low + 1, high + 1
        else:
            low, high = top + 1 - low, top + 1 - high
        place = inputs.level_at[U(leaf)]
        state.until_low[U(place + low)] = stop
        state.until_high[U(place + high)] = stop
        low, high = max(low, state.low[U(leaf)]), max(high, state.high[U(leaf)])
        end = min(state.until_low[U(place + low)], state.until_high[U(place + high)])
    state.low[U(leaf)], state.high[U(leaf)], state.end[U(leaf)] = low, high, end
    state.soonest[U(0)] = min(state.soonest[U(0)], end)
    _move(leaf, _cell(leaf, kind, top, state), wiring, state)


@inlined
def _expire(tick: Any, rows: Any, inputs: Any, wiring: Any, state: Any) -> None:
    """Values that are too old from this tick on; afterwards ``soonest`` is exact."""
    soonest = FAR
    for leaf in range(len(inputs.kind)):
        if state.end[U(leaf)] <= tick:
            kind, place = inputs.kind[U(leaf)], inputs.level_at[U(leaf)]
            low, high, end = 0, 0, FAR
            if kind != LATEST:
                low = high = _fall(state.low[U(leaf)], state.until_low, place, tick)
                end = state.until_low[U(place + low)]
                if rows.two:
                    high = _fall(state.high[U(leaf)], state.until_high, place, tick)
                    end = min(end, state.until_high[U(place + high)])
                state.low[U(leaf)], state.high[U(leaf)] = low, high
            state.end[U(leaf)] = end if low > 0 else FAR
            cell = _cell(leaf, kind, inputs.top[U(leaf)], state) if low > 0 else 0
            _move(leaf, cell, wiring, state)
        soonest = min(soonest, state.end[U(leaf)])
    state.soonest[U(0)] = soonest


@inlined
def _exactly_soonest(state: Any) -> Any:
    soonest = FAR
    for leaf in range(len(state.end)):
        soonest = min(soonest, state.end[U(leaf)])
    state.soonest[U(0)] = soonest
    return soonest


@inlined
def _forget(inputs: Any, wiring: Any, state: Any) -> None:
    """A new patient: nothing is known of any input that is read off the facts."""
    for leaf in range(len(inputs.kind)):
        state.end[U(leaf)] = FAR
        state.since[U(leaf)] = -1
        if inputs.kind[U(leaf)] != LATEST:
            state.low[U(leaf)] = state.high[U(leaf)] = 0
            place = inputs.level_at[U(leaf)]
            for level in range(place, place + inputs.top[U(leaf)] + 2):
                state.until_low[U(level)] = state.until_high[U(level)] = -1
        _move(leaf, 0, wiring, state)
    state.soonest[U(0)] = FAR


@inlined
def _answer(
    instrument: Any, patient: Any, tick: Any, always: Any, wiring: Any, state: Any, found: Any, count: Any
) -> Any:
    """Keep the answers of an instrument if they are new; how many are kept."""
    verdict, score = wiring.verdict[U(instrument)], wiring.score[U(instrument)]
    now = state.node[U(verdict)] if verdict >= 0 else 0
    points = state.node[U(score)] if score >= 0 else 0
    if always or now != state.verdict[U(instrument)] or points != state.score[U(instrument)]:
        state.verdict[U(instrument)], state.score[U(instrument)] = now, points
        found.patient[U(count)], found.tick[U(count)], found.instrument[U(count)] = patient, tick, instrument
        found.verdict[U(count)], found.score[U(count)] = now, points
        return count + 1
    return count


@inlined
def _answers(patient: Any, tick: Any, first: Any, wiring: Any, state: Any, found: Any, count: Any) -> Any:
    """The answers that may be new; all of a patient's first moment."""
    if first:
        for instrument in range(len(wiring.verdict)):
            count = _answer(instrument, patient, tick, True, wiring, state, found, count)
        state.due[:] = 0
    for word in range(len(state.due)):
        while state.due[U(word)] != 0:
            waiting = state.due[U(word)]
            state.due[U(word)] = waiting & (waiting - 1)
            instrument = (word << 5) + lowest_bit(waiting)
            count = _answer(instrument, patient, tick, False, wiring, state, found, count)
    return count


@compiled
def walk(base: Any, shift: Any, rows: Any, told: Any, inputs: Any, wiring: Any, state: Any, found: Any) -> Any:
    """Go along the timelines; DONE, LACKING (a table has no answer yet) or FULL (no room for more answers).

    ``base`` holds the first tick of each patient and, last, of nobody; ``shift`` turns a moment into a tick.
    """
    patient, row, step, tick = state.place[0], state.place[1], state.place[2], state.place[3]
    phase, count = state.place[4], state.place[5]
    leaves, instruments = len(state.node) - len(state.code), len(wiring.verdict)
    outcome, lacking = DONE, -1
    while patient < len(shift):
        stop, end, moved = base[patient + 1], rows.first[patient + 1], shift[patient]
        if phase == BEGINS:
            if base[patient] == stop:
                patient += 1
                continue
            tick, row = base[patient], rows.first[patient]
            _forget(inputs, wiring, state)
            while step < len(told.at) and told.at[U(step)] <= tick:
                _move(told.node[step], told.state[step], wiring, state)
                step += 1
            phase = BEGUN
        lacking = _settle(wiring, state, leaves)
        if lacking >= 0:
            outcome = LACKING
            break
        if count + instruments > len(found.patient):
            outcome = FULL
            break
        count = _answers(patient, tick, phase == BEGUN, wiring, state, found, count)
        phase = GOES_ON
        tick = stop
        if row < end:
            tick = min(tick, rows.usable[U(row)] + moved)
        if step < len(told.at):
            tick = min(tick, told.at[U(step)])
        if state.soonest[0] < tick:
            tick = min(tick, _exactly_soonest(state))
        if tick >= stop:
            patient += 1
            phase = BEGINS
            continue
        if state.soonest[0] <= tick:
            _expire(tick, rows, inputs, wiring, state)
        while step < len(told.at) and told.at[U(step)] == tick:
            _move(told.node[step], told.state[step], wiring, state)
            step += 1
        while row < end and rows.usable[U(row)] + moved == tick:
            _learn(row, tick, rows, inputs, wiring, state)
            row += 1
    state.place[0], state.place[1], state.place[2], state.place[3] = patient, row, step, tick
    state.place[4], state.place[5], state.place[6] = phase, count, lacking
    return outcome


@compiled
def by_instrument(
    found: Any,
    count: Any,
    bounds: Any,
    base: Any,
    shift: Any,
    beginning: Any,
    patient: Any,
    moment: Any,
    verdict: Any,
    score: Any,
) -> None:
    """Put the answers in the order of their instruments, with moments for ticks.

    ``bounds`` holds zeros; then where the answers of each instrument begin, and last how many there are.
    """
    for k in range(count):
        bounds[found.instrument[k] + 1] += 1
    for k in range(1, len(bounds)):
        bounds[k] += bounds[k - 1]
    for k in range(count):
        at = bounds[found.instrument[k]]
        bounds[found.instrument[k]] += 1
        who, tick = found.patient[k], found.tick[k]
        patient[at] = who
        moment[at] = beginning if tick == base[who] else tick - shift[who]
        verdict[at], score[at] = found.verdict[k], found.score[k]
    for k in range(len(bounds) - 1, 0, -1):  # each has moved to where the next one begins
        bounds[k] = bounds[k - 1]
    bounds[0] = 0
