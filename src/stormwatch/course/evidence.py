"""The facts behind an answer: those of the parts that made it what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormwatch.engines.reasons import Because
from stormwatch.engines.result import Assessment
from stormwatch.facts import Fact, in_order
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import holds
from stormwatch.logic.inputs import Input
from stormwatch.logic.truth import Truth


def item_answer(value: object) -> Truth:
    """Whether an item is met; an item with points or a grade is met when it certainly has some.

    >>> item_answer(Truth.NOT_MET)
    <Truth.NOT_MET: 'not met'>
    """
    if isinstance(value, Truth):
        return value
    return holds(value, n.Op.ABOVE, 0)  # type: ignore[arg-type]


def deciding_inputs(reason: Because) -> Iterator[Input]:
    """The inputs that made an answer what it is.

    Of 'any of these' that is met, only the parts that are met; of 'all of these' that is not met, only the parts that
    are not.
    """
    yield from (read.node.input for read in _deciding(reason))  # type: ignore[attr-defined]


def facts_of(assessment: Assessment) -> tuple[Fact, ...]:
    """The facts behind the items that are met at this moment; where there are no items, behind the whole result."""
    met = [item for item in assessment.items if item_answer(item.value) is Truth.MET]
    if not assessment.items and assessment.tree is not None:
        met = [assessment.tree]
    return ordered(fact for item in met for fact in _facts(item))


def ordered(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts in time order, each once."""
    return in_order({id(fact): fact for fact in facts}.values())


def _facts(reason: Because) -> Iterator[Fact]:
    for one in _deciding(reason):
        assert one.reading is not None
        yield from one.reading.facts


def _deciding(reason: Because) -> Iterator[Because]:
    """The leaves that made an answer what it is."""
    if reason.reading is not None:
        yield reason
        return
    for part in _decisive(reason):
        yield from _deciding(part)


def _decisive(reason: Because) -> tuple[Because, ...]:
    one_is_enough = isinstance(reason.node, n.Any) and reason.value is Truth.MET
    one_spoils_it = isinstance(reason.node, n.All) and reason.value is Truth.NOT_MET
    if one_is_enough or one_spoils_it:
        return tuple(part for part in reason.parts if part.value is reason.value)
    if isinstance(reason.node, n.Count) and any(part.value is Truth.MET for part in reason.parts):
        return tuple(part for part in reason.parts if part.value is Truth.MET)
    return reason.parts
