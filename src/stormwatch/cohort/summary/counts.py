"""How many patients stand where by each instrument, and which instruments were met together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from stormwatch.cohort.outputs.standing import STANDINGS
from stormwatch.cohort.store import Tables
from stormwatch.cohort.summary.suppression import Equation, suppressed
from stormwatch.course.judging import judges

_STANDING = "SELECT instrument, standing, count(*) FROM standing GROUP BY ALL"
_TOGETHER = """
WITH sets AS (
    SELECT patient, list_sort(list(instrument) FILTER (standing = 'met')) AS met
    FROM standing WHERE list_contains(?, instrument) GROUP BY patient
)
SELECT coalesce(met, []) AS met, count(*) FROM sets GROUP BY met
"""
Counts = dict[str, dict[str, int]]


def standings(tables: Tables) -> Counts:
    """How many patients stand where, by instrument."""
    found: Counts = {}
    for name, where, count in tables.rows(_STANDING):
        found.setdefault(name, dict.fromkeys(STANDINGS, 0))[where] = count
    return dict(sorted(found.items()))


def groups(counted: Counts) -> dict[str, list[str]]:
    """The instruments of each syndrome, where there are two at least."""
    found: dict[str, list[str]] = {}
    for judge in judges():
        if judge.instrument in counted and judge.holds != "never":
            found.setdefault(judge.syndrome, []).append(judge.instrument)
    return {syndrome: names for syndrome, names in found.items() if len(names) > 1}


def combinations(tables: Tables, names: Sequence[str]) -> dict[tuple[str, ...], int]:
    """How many patients met exactly which of the instruments, the most frequent first."""
    found = {tuple(met): count for met, count in tables.rows(_TOGETHER, [list(names)])}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def shown(counted: Counts, together: Mapping[str, Mapping[tuple[str, ...], int]], least: int) -> frozenset[str]:
    """The names of all cells that may not be shown: ``instrument:standing``, ``syndrome:instrument+instrument``, and
    ``instrument&instrument`` for the number a kappa would give away.

    Cells of one syndrome are tied: the combinations with an instrument add up to its count of met, those with two to
    the number who met both.
    """
    hidden: set[str] = set()
    grouped = groups(counted)
    alone = [name for name in counted if not any(name in names for names in grouped.values())]
    for syndrome, names in (*grouped.items(), *(("", [name]) for name in alone)):
        cells = {cell(name, where): count for name in names for where, count in counted[name].items()}
        equations = [Equation({cell(name, w): 1 for w in counted[name]}, sum(counted[name].values())) for name in names]
        sets = together.get(syndrome, {})
        cells |= {combination(syndrome, met): count for met, count in sets.items()}
        if sets:
            equations.append(Equation({combination(syndrome, met): 1 for met in sets}, sum(sets.values())))
            equations += [_met(syndrome, name, sets) for name in names]
            for first, second in itertools.combinations(names, 2):
                both = {combination(syndrome, met): 1 for met in sets if {first, second} <= set(met)}
                cells[pair(first, second)] = sum(cells[name] for name in both)
                equations.append(Equation({pair(first, second): -1, **both}))
        prized = frozenset(cell(name, where) for name in names for where in counted[name])
        hidden |= suppressed(cells, equations, least, prized)
    return frozenset(hidden)


def _met(syndrome: str, name: str, sets: Mapping[tuple[str, ...], int]) -> Equation:
    """The combinations with an instrument against its count of met."""
    return Equation({cell(name, "met"): -1, **{combination(syndrome, met): 1 for met in sets if name in met}})


def cell(name: str, where: str) -> str:
    return f"{name}:{where}"


def combination(syndrome: str, met: Sequence[str]) -> str:
    return f"{syndrome}:{'+'.join(met)}"


def pair(first: str, second: str) -> str:
    return f"{first}&{second}"


def pairs(tables: Tables, names: Sequence[str]) -> list[tuple[str, str, dict[tuple[str, str], int]]]:
    """For each two instruments, how many patients stand where by both."""
    sql = """
        SELECT a.standing, b.standing, count(*) FROM standing a JOIN standing b USING (patient)
        WHERE a.instrument = ? AND b.instrument = ? GROUP BY ALL
    """
    return [
        (first, second, {(a, b): n for a, b, n in tables.rows(sql, [first, second])})
        for first, second in itertools.combinations(names, 2)
    ]
