"""What a report says against itself is kept twice, and flagged on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from stormwatch.facts import Interval
from stormwatch.sources.text.mention import Kind, Mention, Qualifier

DEATH = "the report speaks of death and of recovery or discharge"
PRESENCE = "stated to be present and to be absent at one time"
WORD_AND_NUMBER = "a word and a number that disagree"
PERSON = "two ages or sexes for one patient"
_ALIVE = frozenset({"recovered", "discharged"})


def with_contradictions(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, with a flag on each that another one contradicts."""
    flags: dict[int, set[str]] = {}
    for group in _comparable(mentions):
        for (i, one), (j, other) in combinations(group, 2):
            for flag in _between(one, other):
                flags.setdefault(i, set()).add(flag)
                flags.setdefault(j, set()).add(flag)
    return [replace(m, flags=(*m.flags, *sorted(flags[i]))) if i in flags else m for i, m in enumerate(mentions)]


def _comparable(mentions: Sequence[Mention]) -> Iterable[list[tuple[int, Mention]]]:
    """Mentions that could contradict each other: of one patient, of one thing, and said of the patient."""
    groups: dict[tuple[str, str], list[tuple[int, Mention]]] = {}
    for place, mention in enumerate(mentions):
        if not _elsewhere(mention):
            thing = mention.kind.value if mention.kind in (Kind.AGE, Kind.SEX) else mention.name
            groups.setdefault((mention.patient, thing), []).append((place, mention))
    return groups.values()


def _elsewhere(mention: Mention) -> bool:
    """Whether it is not said of the patient here and now, negation apart."""
    return bool(mention.qualifiers - {Qualifier.NEGATED})


def _between(one: Mention, other: Mention) -> Iterator[str]:
    if one.kind is other.kind is Kind.COURSE and one.name == other.name == "outcome":
        if "died" in (one.word, other.word) and {one.word, other.word} & _ALIVE:
            yield DEATH
    elif one.kind is other.kind is Kind.FINDING and one.name == other.name and one.time == other.time:
        if (Qualifier.NEGATED in one.qualifiers) != (Qualifier.NEGATED in other.qualifiers):
            yield PRESENCE
    elif {one.kind, other.kind} == {Kind.LAB, Kind.LEVEL} and one.name == other.name and one.time == other.time:
        if _apart(one, other):
            yield WORD_AND_NUMBER
    elif one.kind is other.kind and one.kind in (Kind.AGE, Kind.SEX) and _two_persons(one, other):
        yield PERSON


def _apart(one: Mention, other: Mention) -> bool:
    """Whether a stated level and a measured value cannot both be so; without a limit in common that is not known."""
    lab, level = (one, other) if one.kind is Kind.LAB else (other, one)
    if lab.value is None or level.value is None or level.qualifiers:
        return False
    allowed = level.value
    if level.relative_to:
        limit = lab.high if level.relative_to == "uln" else lab.low
        if limit is None or limit <= 0:
            return False
        allowed = level.value.affine(limit)
    return disjoint(lab.value, allowed)


def disjoint(one: Interval, other: Interval) -> bool:
    """Whether no number lies in both."""
    if one.low > other.low:
        one, other = other, one
    return one.high < other.low or (one.high == other.low and not (one.high_closed and other.low_closed))


def _two_persons(one: Mention, other: Mention) -> bool:
    if one.kind is Kind.SEX:
        nouns = "a pronoun" not in (one.rule, other.rule)
        return one.name != other.name and nouns
    return (
        one.name == other.name == "years"
        and one.value is not None
        and other.value is not None
        and disjoint(one.value, other.value)
    )
