"""The terms of a dictionary nearest to reported words, each with its score. A person chooses among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stormwatch.errors import UsageError

_LEAST = 60.0


@dataclass(frozen=True, slots=True)
class Match:
    """A name of the dictionary and how near it is: 100 is the same words, whatever their order and case."""

    name: str
    score: float


def matches(words: str, names: Iterable[str], *, most: int = 5) -> tuple[Match, ...]:
    """The nearest names, best first, then in the order of the alphabet; fewer where nothing else is near.

    Raises:
        UsageError: the extra ``safety`` is not installed.

    >>> [(one.name, round(one.score)) for one in matches("syndrome, nephrotic", ["Nephrotic syndrome", "Rash"])]
    [('Nephrotic syndrome', 100)]
    """
    try:
        from rapidfuzz import fuzz, process, utils
    except ImportError:
        raise UsageError('matching needs one more package: pip install "stormwatch[safety]"') from None
    found = process.extract(
        words,
        list(names),
        scorer=fuzz.token_sort_ratio,
        processor=utils.default_process,
        limit=most * 4,
        score_cutoff=_LEAST,
    )
    ranked = sorted(((score, name) for name, score, _ in found), key=lambda pair: (-pair[0], pair[1]))
    return tuple(Match(name, score) for score, name in ranked[:most])
