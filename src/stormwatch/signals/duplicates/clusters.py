"""Groups of reports that are probably one case: complete linkage, so every two of a group look like one case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def clusters(pairs: Mapping[tuple[int, int], float]) -> list[frozenset[int]]:
    """Join reports, heaviest pair first, as long as every pair across the two groups is a match itself.

    A chain of likenesses does not join its ends. VigiBase groups in this way, too (UMC, vigiMatch in VigiLyze).

    >>> clusters({(1, 2): 40.0, (2, 3): 39.0})
    [frozenset({1, 2})]
    """
    group_of: dict[int, frozenset[int]] = {}
    for first, second in sorted(pairs, key=lambda pair: (-pairs[pair], pair)):
        left = group_of.get(first, frozenset((first,)))
        right = group_of.get(second, frozenset((second,)))
        if left is not right and _all_match(left, right, pairs):
            joined = left | right
            group_of.update(dict.fromkeys(joined, joined))
    return sorted(set(group_of.values()), key=min)


def representatives(groups: Iterable[frozenset[int]], known: Mapping[int, tuple[int, int]]) -> dict[int, int]:
    """For each report that another stands for, that other: the most complete one, then the one received last.

    ``known`` gives how many fields a report fills and the day it was received.
    """
    found = {}
    for group in groups:
        best = max(group, key=lambda one: (*known[one], one))
        found.update({one: best for one in group if one != best})
    return found


def _all_match(left: frozenset[int], right: frozenset[int], pairs: Mapping[tuple[int, int], float]) -> bool:
    return all((min(a, b), max(a, b)) in pairs for a in left for b in right)
