"""Which time expression of a sentence belongs to which mention."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.passes.times import Time, times
from stormwatch.sources.text.sentences import Sentence

_BOUNDARY = re.compile(
    r";|\bbut\b|\bwhile\b|\bwhereas\b|\bthen\b|,\s*(?:and\s+)?(?=(?:on|at|by|two|three|peaked|fell|rose)\b)"
    r"|\band\s+(?=(?:was|fell|rose|\d)\b)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\)?,\s*(?:showing|revealing|demonstrating|which (?:showed|revealed|demonstrated))\s[^,;]*", re.I
)
_BACK_STOP = re.compile(
    r";|,\s*(?:managed|treated|followed|requiring)\s(?:with|by)?|\bbut\b|\bwhile\b|\bwhereas\b|\bthen\b|,\s*(?:and|who|which)\s+(?:she|he|the|it|was|had|then|began)\b",
    re.IGNORECASE,
)
_TIMED = frozenset(
    {Kind.LAB, Kind.LEVEL, Kind.DRUG, Kind.FINDING, Kind.DISEASE, Kind.SCORE, Kind.INTERVENTION, Kind.COURSE}
)
_ELSEWHERE = frozenset({Qualifier.PAST, Qualifier.FAMILY, Qualifier.LITERATURE})


def timed(sentence: Sentence, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions of a sentence, each with the time expression it belongs to."""
    found = times(sentence.text)
    return [replace(m, time=_time_of(m, sentence, found, mentions)) for m in mentions] if found else list(mentions)


def _time_of(mention: Mention, sentence: Sentence, found: list[Time], mentions: Sequence[Mention]) -> str:
    if mention.kind not in _TIMED or mention.qualifiers & _ELSEWHERE:
        return ""
    start, end = mention.start - sentence.start, mention.end - sentence.start
    inside = [t for t in found if t.start >= start and t.end <= end]
    if inside:
        return inside[-1].plain
    behind = next((t for t in found if t.start >= end and not t.weak and not _bracketed_off(sentence, end, t)), None)
    if behind and _trails(sentence, behind, mentions) and _reaches(mention, sentence, end, behind, mentions):
        return behind.plain
    before = [t for t in found if t.end <= start and not _bracketed_off(sentence, start, t)]
    for time in reversed(before):
        if _GOES_ON.fullmatch(sentence.text, time.end, start):
            return time.plain
        if time.weak or not _trails(sentence, time, mentions):
            return time.plain if ";" not in sentence.text[time.end : start] else ""
        if not any(m.start - sentence.start >= time.end for m in mentions if m.start < mention.start):
            continue
    return ""


def _bracketed_off(sentence: Sentence, at: int, time: Time) -> bool:
    """Whether the time stands in brackets that do not hold the place."""
    opened = sentence.text.rfind("(", 0, time.start)
    closed = sentence.text.find(")", max(opened, 0))
    return opened >= 0 and time.end <= closed and not opened < at <= closed and time.start - opened > 2


def _trails(sentence: Sentence, time: Time, mentions: Sequence[Mention]) -> bool:
    """Whether the time stands behind what it is about: its clause has a mention before it."""
    cuts = [m.end() for m in _BOUNDARY.finditer(sentence.text, 0, time.start)]
    clause = sentence.start + (cuts[-1] if cuts else 0)
    return any(clause <= m.start and m.end <= sentence.start + time.start + 3 for m in mentions if m.kind in _TIMED)


def _reaches(mention: Mention, sentence: Sentence, end: int, time: Time, mentions: Sequence[Mention]) -> bool:
    """Whether a time behind a mention reaches back to it: no other clause, no later value of the same thing between."""
    between = sentence.text[end : time.start]
    same = any(
        m.name == mention.name and m.kind == mention.kind and mention.end <= m.start < sentence.start + time.start
        for m in mentions
        if m.kind in (Kind.LAB, Kind.DRUG)
    )
    return not same and not _BACK_STOP.search(between)
