"""A question over a stretch of time: every answer it has in it, and the facts that gave each answer.

Only a value that crosses a cut-off can change an answer. Values between the same cut-offs are one situation, and each
situation is worked out once, however often a monitor writes a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from stormwatch.course.evidence import deciding_inputs, item_answer
from stormwatch.engines.readings import Readings, knowledge
from stormwatch.engines.reasons import because
from stormwatch.facts import Fact, Interval
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import Input
from stormwatch.logic.places import cuts_of, place
from stormwatch.logic.reading import Reading, Step
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question came to in one situation, and the inputs that made it so."""

    truth: Truth
    value: Truth | Interval
    inputs: tuple[Input, ...]


@dataclass(slots=True)
class Answers:
    """The answers over a stretch in time order, and the facts behind each kind of answer in the order they spoke."""

    given: list[Answer] = field(default_factory=list)
    facts: dict[Truth, list[Fact]] = field(default_factory=lambda: defaultdict(list))


def answers(node: n.Node, record: Readings, start: datetime, stop: datetime) -> Answers:
    """The answers of a question from ``start`` to ``stop``, and what gave them.

    >>> import stormwatch as sw
    >>> from stormwatch.instruments.catalogue import instrument
    >>> record = sw.answers({"ferritin": "10749 ng/mL"})
    >>> ferritin = next(item for item in instrument("hlh-2004").items if item.id == "ferritin")
    >>> [one.truth.value for one in answers(ferritin, Readings(record), record.end, record.end).given]
    ['met']
    """
    worked_out: dict[tuple[Hashable, ...], Answer] = {}
    found = Answers()
    spoken: set[tuple[Truth, int]] = set()
    for readings, situation in _situations(node, record, start, stop):
        answer = worked_out.get(situation)
        if answer is None:
            answer = worked_out[situation] = _answer(node, readings)
        if not found.given or found.given[-1] is not answer:
            found.given.append(answer)
        for which in answer.inputs:
            reading = readings[which]
            if (answer.truth, id(reading)) not in spoken:
                spoken.add((answer.truth, id(reading)))
                found.facts[answer.truth] += reading.facts
    return found


def _answer(node: n.Node, readings: dict[Input, Reading]) -> Answer:
    reason = because(node, knowledge(readings), readings)
    return Answer(item_answer(reason.value), reason.value, tuple(dict.fromkeys(deciding_inputs(reason))))


def _situations(
    node: n.Node, record: Readings, start: datetime, stop: datetime
) -> Iterator[tuple[dict[Input, Reading], tuple[Hashable, ...]]]:
    """The readings at every moment at which one changes, with what tells one answer from another. Updated in place."""
    cuts = cuts_of((node,))
    readings = record.readings(node.inputs, start)
    situation = {which: place(reading, cuts[which]) for which, reading in readings.items()}
    yield readings, tuple(situation.values())
    changes = [(step, which) for which in node.inputs for step in record.between(which, start, stop)]
    changes.sort(key=_moment)
    for _, group in groupby(changes, key=_moment):
        for step, which in group:
            readings[which] = step.reading
            situation[which] = place(step.reading, cuts[which])
        yield readings, tuple(situation.values())


def _moment(change: tuple[Step, Input]) -> datetime:
    return change[0].moment
