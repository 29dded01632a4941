"""Derived values whose two parts stand at one time, as columns: mean pressure and neutrophils.

Only what is plain is done here: bare numbers in the canonical unit at exact times. A patient with anything else among
the rows of a rule is left to the derivation of the readers, which says the same about the plain ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from stormwatch import analytes
from stormwatch.cohort.feeds.meds.chapter import Chapter
from stormwatch.cohort.feeds.rows import Rows
from stormwatch.engines.columnar.exact import smallest_above, whole
from stormwatch.engines.columnar.facts import CANONICAL, MEASUREMENT, Bools, Floats, Ints, Line
from stormwatch.sources.derived import map as pressure
from stormwatch.sources.derived import neutrophils
from stormwatch.sources.derived.rule import Rule


@dataclass(frozen=True, slots=True)
class Quick:
    """A rule of the readers on whole numbers: ``over`` is the power of their common scale that the result carries."""

    rule: Rule
    line: Line
    over: int
    compute: Callable[[Floats, Floats], Floats]
    allowed: Callable[[Floats, Floats], Bools]


QUICK = (
    Quick(pressure.RULE, (Fraction(1, 3), Fraction(0)), 1, lambda s, d: s + 2 * d, lambda s, d: s >= d),
    Quick(neutrophils.RULE, (Fraction(1, 100), Fraction(0)), 2, lambda w, p: w * p, lambda w, p: w >= 0),
)


def quickly(chapter: Chapter, quick: Quick, awkward: Bools) -> tuple[Rows, Bools]:
    """What the rule gives for the plain patients, and which patients are left; ``awkward`` ones are from the start."""
    codes, row = chapter.codes, chapter.timely
    names = [(MEASUREMENT, part.analyte) for part in quick.rule.parts] + [(MEASUREMENT, quick.rule.analyte)]
    kind = np.array([names.index(name) if name in names else -1 for name in (*codes.names, ("", ""))], np.int64)
    kind_of = kind[codes.name[chapter.events.code[row]]]
    row, kind_of = row[kind_of >= 0], kind_of[kind_of >= 0]
    left = awkward | _awkward(chapter, row, kind_of)
    group, patient, at = _groups(chapter, row)
    low = chapter.events.number[row]
    (first, second), standing = (
        (_agreed(low, group, kind_of == part, len(at)) for part in (0, 1)),
        _any(group, kind_of == 2, len(at)),
    )
    both = ~np.isnan(first) & ~np.isnan(second) & ~standing
    number = _computed(quick, first[both], second[both])
    left[patient[both][np.isnan(number)]] = True
    use = _plausible(quick, number) & quick.allowed(first[both], second[both]) & ~left[patient[both]]
    columns = {"patient": patient[both][use], "usable": at[both][use], "low": number[use]}
    columns |= {"earliest": columns["usable"], "stop": columns["usable"]}
    nothing = np.zeros(len(columns["low"]), np.int64)
    return Rows((names[2],), (quick.line,), nothing, columns | {"code": nothing, "line": nothing}), left


def _awkward(chapter: Chapter, row: Ints, kind: Ints) -> Bools:
    """Patients with a part in another unit, or with a time that is not exact."""
    lines, code = chapter.codes.lines, chapter.events.code[row]
    foreign = np.array([line != CANONICAL for line in lines] or [False], np.bool_)[chapter.codes.line[code]]
    vague = chapter.time.earliest[row] != chapter.time.latest[row]
    found = np.zeros(len(chapter.starts), np.bool_)
    found[chapter.patient[row[(foreign & (kind < 2)) | vague]]] = True
    return found


def _groups(chapter: Chapter, row: Ints) -> tuple[Ints, Ints, Ints]:
    """Which rows are of one patient and moment; and the patient and the moment of each group."""
    patient, at = chapter.patient[row], chapter.time.latest[row]
    order = np.lexsort((at, patient))
    patient, at = patient[order], at[order]
    new = np.append(True, (patient[1:] != patient[:-1]) | (at[1:] != at[:-1]))[: len(row)]
    group = np.empty(len(row), np.int64)
    group[order] = np.cumsum(new) - 1
    return group, patient[new], at[new]


def _agreed(low: Floats, group: Ints, mask: Bools, groups: int) -> Floats:
    """The value of a part in each group, where all its measurements there agree."""
    least, most = np.full(groups, np.inf), np.full(groups, -np.inf)
    np.minimum.at(least, group[mask], low[mask])
    np.maximum.at(most, group[mask], low[mask])
    found: Floats = np.where(least == most, least, np.nan)
    return found


def _any(group: Ints, mask: Bools, groups: int) -> Bools:
    found = np.zeros(groups, np.bool_)
    found[group[mask]] = True
    return found


def _computed(quick: Quick, first: Floats, second: Floats) -> Floats:
    """The number on the line of the rule; not a number where it cannot be worked out exactly so."""
    numerators, scale = whole(np.concatenate((first, second)))
    found = quick.compute(numerators[: len(first)], numerators[len(first) :])
    exact: Floats = np.where(np.abs(found) < 1e15, found / float(scale**quick.over), np.nan)
    return exact


def _plausible(quick: Quick, number: Floats) -> Bools:
    slope, offset = quick.line
    ends = analytes.analyte(quick.rule.analyte).plausible
    low, high = ((Fraction(end) - offset) / slope for end in (ends.low, ends.high))
    with np.errstate(invalid="ignore"):
        found: Bools = (number >= smallest_above(low, strictly=False)) & (number < smallest_above(high, strictly=True))
    return found
