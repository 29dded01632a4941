"""What was not known, and what knowing it would do."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from stormwatch.facts import Interval
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import bounds, truth
from stormwatch.logic.influence import matters
from stormwatch.logic.inputs import Input
from stormwatch.logic.knowledge import Knowledge, answers, open_inputs
from stormwatch.logic.reading import Reading
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class MissingAnswer:
    """An input whose answer is open.

    ``matters`` tells whether some answer to it could change the verdict. ``settling`` of its ``answers`` would settle
    the verdict at once. ``swing`` is how much narrower the range of the score becomes at the least when it is answered.
    """

    input: Input
    items: tuple[str, ...]
    why: str
    matters: bool
    answers: int
    settling: int
    swing: float


def missing_answers(
    instrument: Instrument, known: Knowledge, readings: dict[Input, Reading]
) -> tuple[MissingAnswer, ...]:
    """Every open input of the score and verdict, those that would settle most first.

    Order: inputs that could change the verdict before those that cannot; then by the share of their possible answers
    that would settle it at once; then by how much they narrow the score.
    """
    roots = [node for node in (instrument.verdict, instrument.score) if node is not None]
    found = {which for root in roots for which in open_inputs(root, known)}
    missing = (_missing(instrument, known, readings[which], which) for which in found)
    return tuple(sorted(missing, key=_usefulness))


def _missing(instrument: Instrument, known: Knowledge, reading: Reading, which: Input) -> MissingAnswer:
    verdict = instrument.verdict
    undecided = verdict is not None and which in verdict.inputs and truth(verdict, known) is Truth.UNKNOWN
    possible = answers(which, verdict, known) if undecided and verdict is not None else []
    return MissingAnswer(
        input=which,
        items=tuple(item.id for item in instrument.items if which in item.inputs),
        why=reading.why_open or "recorded only within limits",
        matters=undecided and verdict is not None and matters(verdict, known, which),
        answers=len(possible),
        settling=sum(truth(verdict, known.assuming(which, a)) is not Truth.UNKNOWN for a in possible) if verdict else 0,
        swing=_swing(instrument.score, known, which),
    )


def _swing(score: n.NumberNode | None, known: Knowledge, which: Input) -> float:
    """How much of the score's range is due to this input: its width now less its greatest width once answered."""
    if score is None or which not in score.inputs:
        return 0.0
    now = _width(bounds(score, known))
    after = max(_width(bounds(score, known.assuming(which, answer))) for answer in answers(which, score, known))
    if now == inf:
        return 0.0 if after == inf else inf
    return now - after


def _width(interval: Interval) -> float:
    return float(interval.high - interval.low)


def _usefulness(missing: MissingAnswer) -> tuple[object, ...]:
    share = missing.settling / missing.answers if missing.answers else 0
    return (not missing.matters, -share, -missing.swing, missing.items, repr(missing.input))
