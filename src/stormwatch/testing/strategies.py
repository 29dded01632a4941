"""Hypothesis strategies: random criteria over a few inputs, and random states of knowledge about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from stormwatch.facts import Interval
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import FindingInput, Input, LabInput, Take
from stormwatch.logic.knowledge import Knowledge, Known
from stormwatch.logic.truth import Truth

_DAY = timedelta(days=1)
LABS = tuple(LabInput(name, Take.LATEST, _DAY) for name in ("ferritin", "ast", "platelets"))
FINDINGS = tuple(FindingInput(name, Take.LATEST, _DAY) for name in ("fever", "splenomegaly", "cough"))
CUTS = (2, 5, 8)
Named = tuple[n.TruthItem, ...]


def numbers_known() -> st.SearchStrategy[Interval]:
    """A number, nothing at all, or a value beyond or below what the laboratory could measure."""
    small = st.integers(0, 10)
    return st.one_of(
        st.just(Interval(0, high_closed=False)),
        small.map(Interval.point),
        small.map(Interval.above),
        small.map(lambda high: Interval(0, high)),
    )


def knowledge() -> st.SearchStrategy[Knowledge]:
    """What is known of every input; an input counts as recorded when its answer is narrower than anything at all."""
    numbers = st.tuples(*(numbers_known() for _ in LABS))
    truths = st.tuples(*(st.sampled_from(Truth) for _ in FINDINGS))
    return st.tuples(numbers, truths).map(lambda drawn: _known(*drawn))


def truth_nodes(depth: int = 3, named: Named = ()) -> st.SearchStrategy[n.TruthNode]:
    """Random criteria; inputs are few, so that parts often share one. ``named`` ones may stand in several places."""
    leaves: st.SearchStrategy[n.TruthNode] = st.one_of(
        *((st.sampled_from(named),) if named else ()),
        st.sampled_from(FINDINGS).map(n.Present),
        st.builds(n.Compare, st.sampled_from(LABS).map(n.Read), st.sampled_from(n.Op), st.sampled_from(CUTS)),
    )
    if depth == 0:
        return leaves
    below = truth_nodes(depth - 1, named)
    parts = st.lists(below, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        leaves,
        parts.map(n.All),
        parts.map(n.Any),
        below.map(n.Not),
        parts.map(n.FirstRecorded),
        st.builds(n.Compare, number_nodes(depth - 1, named), st.sampled_from(n.Op), st.integers(0, 4)),
    )


def number_nodes(depth: int = 2, named: Named = ()) -> st.SearchStrategy[n.NumberNode]:
    """Random counts, sums, worst-of and tables."""
    conditions = truth_nodes(max(depth - 1, 0), named)
    truths = st.lists(conditions, min_size=1, max_size=3).map(tuple)
    constants = st.integers(0, 4).map(n.Constant)
    rows = st.lists(st.builds(n.Row, conditions, constants), min_size=1, max_size=3).map(tuple)
    tables = st.builds(n.Choose, rows, constants)
    if depth <= 0:
        return st.one_of(constants, truths.map(n.Count), tables)
    numbers = st.lists(number_nodes(depth - 1, named), min_size=1, max_size=3).map(tuple)
    return st.one_of(truths.map(n.Count), tables, numbers.map(n.Sum), numbers.map(n.Most))


def verdicts() -> st.SearchStrategy[n.TruthNode]:
    """Random verdicts as an instrument has them: over named criteria that several parts refer to."""
    return _named().flatmap(lambda named: truth_nodes(3, named))


def scores() -> st.SearchStrategy[n.NumberNode]:
    """Random scores as an instrument has them: over named criteria that several parts refer to."""
    return _named().flatmap(lambda named: number_nodes(2, named))


def _named() -> st.SearchStrategy[Named]:
    """Some criteria with names, the later ones sometimes built on the earlier."""
    first = truth_nodes(1).map(lambda part: n.TruthItem("first", "First", part))
    both = first.flatmap(
        lambda one: truth_nodes(1, (one,)).map(lambda part: (one, n.TruthItem("second", "Second", part)))
    )
    return st.one_of(st.just(()), both)


def _known(numbers: tuple[Interval, ...], truths: tuple[Truth, ...]) -> Knowledge:
    values: dict[Input, Known] = {**dict(zip(LABS, numbers, strict=True)), **dict(zip(FINDINGS, truths, strict=True))}
    return Knowledge(values, {which for which, value in values.items() if not _nothing(value)})


def _nothing(value: Any) -> bool:
    return value is Truth.UNKNOWN or value == Interval(0, high_closed=False)
