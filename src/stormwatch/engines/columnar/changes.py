"""Many patients at once: every moment at which an instrument's answer changes, as columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stormwatch.engines.columnar.batch import Batch
from stormwatch.engines.columnar.clock import batches, observed
from stormwatch.engines.columnar.facts import Bools, Facts, Floats, Ints, check
from stormwatch.engines.columnar.formula import Formula
from stormwatch.engines.columnar.meanings import meanings
from stormwatch.engines.columnar.passes import NUMPY, Passes
from stormwatch.engines.columnar.plan import Answers, Plan
from stormwatch.engines.columnar.steps import Steps, begins
from stormwatch.engines.columnar.units import Run, Unit
from stormwatch.instruments.instrument import Instrument

NO_VERDICT = -1


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """One row for each moment at which an answer changed: by instrument, patient and moment within a batch.

    The first row of a patient stands at the beginning of time. ``verdict`` is 0 (not met), 1 (unknown), 2 (met) or -1
    (the instrument has none); ``low`` and ``high`` are the ends of the score, not a number where the instrument has
    none. An open end does not belong to the score itself.
    """

    patient: Ints
    instrument: npt.NDArray[np.int16]
    moment: Ints
    verdict: npt.NDArray[np.int8]
    low: Floats
    high: Floats
    low_open: Bools
    high_open: Bools

    def __len__(self) -> int:
        return len(self.patient)


def changes(
    facts: Facts, instruments: Sequence[Instrument] | Plan, *, until: Ints | None = None, passes: Passes = NUMPY
) -> Changes:
    """Every change of every instrument, for all patients.

    ``until`` is the last moment asked for of each patient (default: the end of each record). A patient without any fact
    has no row.

    Raises:
        InputError: the columns are not sorted, or not exact. Nothing is evaluated then.

    >>> from stormwatch.engines.columnar.gather import facts_of
    >>> from stormwatch.instruments.catalogue import instrument
    >>> from stormwatch.testing.records import measured, record
    >>> facts = facts_of([record([measured("ferritin", 20000, 1), measured("sil2r", 9000, 2)])])
    >>> changes(facts, [instrument("ohi")]).verdict.tolist()
    [1, 1, 2]
    """
    return together(list(batched(facts, instruments, until=until, passes=passes)))


def batched(
    facts: Facts,
    instruments: Sequence[Instrument] | Plan,
    *,
    until: Ints | None = None,
    rows: int | None = None,
    passes: Passes = NUMPY,
) -> Iterator[Changes]:
    """The same in batches of whole patients, so that memory does not grow with their number.

    ``rows``: facts worked on at a time, more or less; by default as many as suit the passes.
    """
    check(facts, passes.backwards)
    plan = instruments if isinstance(instruments, Plan) else Plan(instruments)
    learnt = observed(facts)
    for first, last in batches(facts, until, rows or passes.rows, learnt):
        part = facts if last - first == len(facts.people) else facts.between(first, last)
        asked = None if until is None else until[first:last]
        known = (learnt[0][first:last], learnt[1][first:last])
        yield _changes(Run(Batch(part, asked, passes, known)), plan, first)


def _changes(run: Run, plan: Plan, first: int) -> Changes:
    at_once = run.batch.passes.answers
    if at_once is None or not run.batch.in_order:
        every = together([_of_instrument(run, answers, place) for place, answers in enumerate(plan.answers)])
        return Changes(every.patient + first, *(getattr(every, name) for name in Changes.__slots__[1:]))
    bounds, patient, moment, verdict, score = at_once(run, plan)
    patient += first
    found = [
        _answers(run, answers, verdict[start:stop], score[start:stop])
        for answers, start, stop in zip(plan.answers, bounds[:-1], bounds[1:], strict=True)
    ]
    instrument = np.repeat(np.arange(len(found), dtype=np.int16), np.diff(bounds))
    return Changes(patient, instrument, moment, *map(np.concatenate, zip(*found, strict=True)))


def _of_instrument(run: Run, answers: Answers, place: int) -> Changes:
    """The rows of one instrument."""
    at, verdict, score = _answered(run, answers)
    patient, moment = run.batch.clock.moments(at)
    return Changes(patient, np.full(len(at), place, np.int16), moment, *_answers(run, answers, verdict, score))


def _answers(run: Run, answers: Answers, verdict: Ints, score: Ints) -> tuple[Any, ...]:
    """What states of verdict and score mean: the last five columns of ``Changes``."""
    return _verdicts(answers.verdict, verdict), *_scores(run, answers.score, score)


def _answered(run: Run, answers: Answers) -> tuple[Ints, Ints, Ints]:
    """Ticks at which either answer changed, the first of each patient among them, and the states of both."""
    base = run.batch.clock.base
    parts = [_steps(run, unit) for unit in (answers.verdict, answers.score)]
    both = run.batch.passes.merged(parts, (32, 0))
    starts = base[:-1][run.batch.known]
    moving = both.at[both.at < base[-1]]
    state = both.state[: len(moving)]
    place = np.searchsorted(moving, starts)
    lacking = np.append(moving, -1)[place] != starts
    before = np.append(both.rest, state)[place[lacking]]
    at = _inserted(moving, place[lacking], starts[lacking])
    state = _inserted(state, place[lacking], before)
    keep = begins(state)
    keep[np.searchsorted(at, starts)] = True
    at, state = at[keep], state[keep]
    return at, state >> 32, state & (2**32 - 1)


def _inserted(values: Ints, places: Ints, more: Ints) -> Ints:
    """Values with others put in before the places given. (``numpy.insert`` takes longer than all the rest here.)"""
    if not len(more):
        return values
    found = np.empty(len(values) + len(more), np.int64)
    old = np.ones(len(found), np.bool_)
    new = places + np.arange(len(places))
    old[new] = False
    found[new], found[old] = more, values
    return found


def _steps(run: Run, unit: Unit | None) -> Steps:
    return Steps(np.zeros(0, np.int64), np.zeros(0, np.int64), 0) if unit is None else run.steps(unit)


def _verdicts(unit: Unit | None, states: Ints) -> npt.NDArray[np.int8]:
    return np.full(len(states), NO_VERDICT, np.int8) if unit is None else meanings(unit).verdicts().take(states)


def _scores(run: Run, unit: Unit | None, states: Ints) -> tuple[Any, ...]:
    """Both ends of the score, and which are open."""
    if unit is None:
        nothing, shut = np.full(len(states), np.nan), np.zeros(len(states), np.bool_)
        return nothing, nothing, shut, shut
    if isinstance(unit, Formula):
        table = run.tables[id(unit)]
        return table.low[states], table.high[states], ~table.low_closed[states], ~table.high_closed[states]
    return tuple(column.take(states) for column in meanings(unit).scores())


def together(parts: Sequence[Changes]) -> Changes:
    """Several tables as one; none at all are an empty one."""
    found = parts or (_NONE,)
    return Changes(*(np.concatenate([getattr(part, name) for part in found]) for name in Changes.__slots__))


_KINDS: tuple[Any, ...] = (np.int64, np.int16, np.int64, np.int8, np.float64, np.float64, np.bool_, np.bool_)
_NONE = Changes(*(np.zeros(0, kind) for kind in _KINDS))
