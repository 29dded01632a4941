"""A screened batch: what to read next, what was decided, and what is probably left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stormwatch.literature.library import Library
from stormwatch.literature.screening.decisions import Sample, decisions, sample
from stormwatch.literature.screening.left import Left, left_by_classifier, left_by_sample
from stormwatch.literature.screening.ranking import Ranking, rank


@dataclass(frozen=True, slots=True)
class Screen:
    """The state of screening a batch for a query. ``left`` is None while nothing tells how many are left.

    ``to_check`` are entries of the random sample that have not been decided yet.
    """

    query: str
    batch: tuple[int, ...]
    decided: dict[int, bool]
    ranking: Ranking
    left: Left | None
    to_check: tuple[int, ...]


def screen(library: Library, query: str, batch: Sequence[int]) -> Screen:
    """Where the screening of a batch stands. Raises as ``rank``."""
    decided = decisions(library, query)
    ranking = rank(library, query, batch, decided)
    drawn = sample(library, query)
    to_check = tuple(number for number in drawn.drawn if number not in decided) if drawn else ()
    own = {number: decided[number] for number in batch if number in decided}
    return Screen(query, tuple(batch), own, ranking, _left(drawn, ranking, decided), to_check)


def _left(drawn: Sample | None, ranking: Ranking, decided: dict[int, bool]) -> Left | None:
    """By the sample once all of it is decided, else by the classifier where one ranks."""
    if drawn is not None and all(number in decided for number in drawn.drawn):
        relevant = sum(decided[number] for number in drawn.drawn)
        found = sum(decided.get(number, False) for number in drawn.drawn_from)
        return left_by_sample(len(drawn.drawn_from), len(drawn.drawn), relevant, found)
    return left_by_classifier(ranking.probabilities) if ranking.probabilities is not None else None
