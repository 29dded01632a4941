"""Where documents answer one question differently for the same patient on the same occasion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from stormwatch.guidance.said import Occasion, Said
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One question and the rows that answer it differently, side by side. None of them is preferred."""

    topic: str
    occasion: Occasion
    sides: tuple[Said, ...]

    @property
    def answers(self) -> tuple[str, ...]:
        """The unlike answers, in the order of the sides."""
        return tuple(dict.fromkeys(side.row.answer for side in self.sides))


def contradictions(said: Iterable[Said]) -> tuple[Contradiction, ...]:
    """A row that applies and one that applies or may apply, on one occasion, which answer one question differently.

    Rows for two different indications do not contradict each other: which one holds depends on the patient.

    >>> contradictions(())
    ()
    """
    groups: defaultdict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        if one.row.topic and one.applies is not Truth.NOT_MET:
            groups[one.row.topic, one.occasion.key].append(one)
    found = (Contradiction(topic, sides[0].occasion, _against(sides)) for (topic, _), sides in groups.items())
    return tuple(one for one in found if one.sides)


def _against(sides: list[Said]) -> tuple[Said, ...]:
    """Those that another of them contradicts."""
    pairs = [pair for pair in combinations(sides, 2) if _contradict(*pair)]
    return tuple(side for side in sides if any(side is one or side is other for one, other in pairs))


def _contradict(one: Said, other: Said) -> bool:
    indications = {one.row.indication, other.row.indication} - {None}
    certain = Truth.MET in (one.applies, other.applies)
    return certain and one.row.answer != other.row.answer and len(indications) < 2
