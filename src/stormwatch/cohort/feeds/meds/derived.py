"""What can be derived from recorded parts: the plain cases as columns, the others by the derivation of the readers."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from stormwatch import terms
from stormwatch.cohort.feeds.meds.chapter import Chapter
from stormwatch.cohort.feeds.meds.same_time import QUICK, quickly
from stormwatch.cohort.feeds.rows import Rows
from stormwatch.engines.columnar.facts import Bools
from stormwatch.engines.columnar.gather import facts_of
from stormwatch.facts import Fact, Patient, Timeline, in_order
from stormwatch.sources.derived import with_derived
from stormwatch.sources.derived.oxygen import HIGH, LOW
from stormwatch.sources.derived.rule import DERIVED, Rule
from stormwatch.sources.derived.table import RULES
from stormwatch.sources.derived.vasopressors import COUNT

_OXYGEN = ("oxygen_flow", LOW, HIGH)
_DRUGS = "drugs"
_SLOW = tuple(rule for rule in RULES if rule not in [quick.rule for quick in QUICK])
_PARTS = {rule: [part.analyte for part in rule.parts] for rule in RULES}
_NEEDED = frozenset(
    [*_OXYGEN, COUNT, *(rule.analyte for rule in RULES), *(name for rule in RULES for name in _PARTS[rule])]
)

Said = Sequence[frozenset[str]]


def derived(chapter: Chapter, more: Bools) -> list[Rows]:
    """The derived facts of all patients; ``more`` are the rows that are more than a bare number and give facts."""
    said = [_said(chapter, code) for code in range(len(chapter.events.words))]
    found = []
    for quick in QUICK:
        parts = _PARTS[quick.rule]
        if _are_there(said, parts):
            awkward = _having(chapter, said, [*parts, quick.rule.analyte], more)
            rows, left = quickly(chapter, quick, awkward)
            found += [rows, _slowly(chapter, said, left & _all(chapter, said, parts), (quick.rule,))]
    return [*found, _slowly(chapter, said, _others(chapter, said), _SLOW)]


def _said(chapter: Chapter, code: int) -> frozenset[str]:
    """Which of the needed names a code can give."""
    meant = chapter.meanings.find(chapter.events.words[code])
    if meant is None:
        return frozenset()
    kind, name = meant[0].meaning
    if kind == "scale":
        return _NEEDED & frozenset(terms.scales()[name].sets)
    if kind == "drug":
        return frozenset({_DRUGS}) if "exposures" in chapter.source.complete else frozenset()
    return _NEEDED & {name}


def _are_there(said: Said, names: Iterable[str]) -> bool:
    return all(any(name in one for one in said) for name in names)


def _having(chapter: Chapter, said: Said, names: Iterable[str], rows: Bools) -> Bools:
    """Patients with any of these names in some rows."""
    wanted = frozenset(names)
    found = np.zeros(len(chapter.starts), np.bool_)
    found[chapter.patient[_giving(said, wanted)[chapter.events.code] & rows]] = True
    return found


def _giving(said: Said, names: frozenset[str]) -> Bools:
    return np.array([not names.isdisjoint(one) for one in said], np.bool_)


def _all(chapter: Chapter, said: Said, names: Iterable[str]) -> Bools:
    """Patients with all of these names."""
    found: Bools = np.logical_and.reduce([_having(chapter, said, [name], chapter.timed) for name in names])
    return found


def _others(chapter: Chapter, said: Said) -> Bools:
    """Patients who have all that any of the slow derivations needs."""
    sets = [[_DRUGS], list(_OXYGEN[:2]), *(_PARTS[rule] for rule in _SLOW)]
    found = np.zeros(len(chapter.starts), np.bool_)
    for names in sets:
        if _are_there(said, names):
            found |= _all(chapter, said, names)
    return found


def _slowly(chapter: Chapter, said: Said, patients: Bools, rules: Sequence[Rule]) -> Rows:
    """What the readers derive for some patients."""
    if not patients.any():
        return Rows((), (), np.zeros(0, np.int64), {})
    names = {name for rule in rules for name in (*_PARTS[rule], rule.analyte)}
    names |= set() if rules is not _SLOW else {*_OXYGEN, COUNT, _DRUGS}
    matters = _giving(said, frozenset(names))[chapter.events.code] & chapter.timed & patients[chapter.patient]
    rows, chosen = np.flatnonzero(matters), np.flatnonzero(patients)
    bounds = np.searchsorted(chapter.patient[rows], np.append(chosen, len(patients)))
    complete = frozenset(chapter.source.complete)
    timelines = []
    for first, last in itertools.pairwise(bounds):
        facts = in_order(fact for row in rows[first:last].tolist() for fact in chapter.facts(row))
        one = Timeline(Patient(""), facts, complete=complete)
        timelines.append(Timeline(Patient(""), tuple(_derived(one, rules))))
    found = facts_of(timelines)
    columns = {name: column for name, column in found.columns().items() if name not in ("time", "known")}
    columns["patient"] = chosen[found.patient] if len(chosen) else found.patient
    columns.setdefault("line", np.zeros(len(found), np.int64))
    return Rows(found.names, found.lines, np.zeros(len(found), np.int64), columns)


def _derived(timeline: Timeline, rules: Sequence[Rule]) -> Iterator[Fact]:
    return (fact for fact in with_derived(timeline, rules).facts if fact.origin.file == DERIVED)
