"""How far the cue of a qualifier reaches in its sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from stormwatch.sources.text.lexicon import data
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.sentences import Sentence

_BY_CUES = (Qualifier.NEGATED, Qualifier.UNCERTAIN, Qualifier.HYPOTHETICAL, Qualifier.FAMILY, Qualifier.PAST)
_FREE = frozenset({Kind.SEX, Kind.COURSE, Kind.SCORE})
_ONLY_FAMILY = frozenset({Kind.LAB, Kind.AGE})
_LONGEST = 140
_ROW = re.compile(r"(?:\s|,|/|\b(?:and|or|nor|both|the|any|also|all|significant|marked|new)\b)*", re.IGNORECASE)

Span = tuple[int, int]


def qualified(sentence: Sentence, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions of a sentence, each with the qualifiers whose cues reach it; one pass for each qualifier."""
    found = list(mentions)
    for qualifier in _BY_CUES:
        spans = [(m.start - sentence.start, m.end - sentence.start) for m in found]
        reached = _reached(sentence.text, qualifier, spans)
        found = [_with(m, qualifier) if i in reached and _can(m, qualifier) else m for i, m in enumerate(found)]
    return found


def _can(mention: Mention, qualifier: Qualifier) -> bool:
    if mention.kind in _FREE:
        return False
    return mention.kind not in _ONLY_FAMILY or qualifier is Qualifier.FAMILY


def _with(mention: Mention, qualifier: Qualifier) -> Mention:
    return replace(mention, qualifiers=mention.qualifiers | {qualifier})


def _reached(text: str, qualifier: Qualifier, spans: Sequence[Span]) -> set[int]:
    """Which spans the cues of a qualifier reach."""
    pseudo = [m.span() for m in _pattern(qualifier, "pseudo").finditer(text)]
    backward = [m for m in _pattern(qualifier, "backward").finditer(text) if not _overlaps(m.span(), pseudo)]
    reached: set[int] = set()
    for cue in backward:
        inside = {i for i, span in enumerate(spans) if cue.start() < span[0] and span[1] <= cue.end()}
        reached.update(inside, (i for i, span in enumerate(spans) if _reaches_back(text, qualifier, cue, span, spans)))
    taken = pseudo + [m.span() for m in backward]
    for cue in _pattern(qualifier, "forward").finditer(text):
        if not _overlaps(cue.span(), taken):
            stop = _forward_stop(text, qualifier, cue.end(), spans)
            reached.update(i for i, span in enumerate(spans) if cue.end() <= span[0] < stop)
    return reached


def _forward_stop(text: str, qualifier: Qualifier, start: int, spans: Sequence[Span]) -> int:
    """Where a cue stops to reach: at a stop word, a semicolon, or, within a list of other things, at the next comma."""
    stops = [m.start() for m in _pattern(qualifier, "stops").finditer(text, start) if text[start : m.start()].strip()]
    ends = [m.start() for m in re.finditer(r";|:(?=\s)|\.\s", text[start:])]
    stop = min([len(text), start + _LONGEST, *stops, *(start + end for end in ends)])
    if qualifier is Qualifier.NEGATED and _amid_a_list(text, start, spans):
        comma = text.find(",", start, stop)
        return comma if comma >= 0 else stop
    return stop


def _amid_a_list(text: str, at: int, spans: Sequence[Span]) -> bool:
    """Whether the cue stands behind other items of a list: "fever, no rash, and splenomegaly"."""
    before = [end for _, end in spans if end <= at]
    return bool(before) and re.fullmatch(r"\s*,\s*(?:and\s+|but\s+|with\s+)?\w+\s*", text[max(before) : at]) is not None


def _reaches_back(text: str, qualifier: Qualifier, cue: re.Match[str], span: Span, spans: Sequence[Span]) -> bool:
    if span[1] > cue.start() or cue.start() - span[1] > _LONGEST:
        return False
    between = list(text[span[1] : cue.start()])
    for first, last in spans:
        for at in range(max(first, span[1]), min(last, cue.start())):
            between[at - span[1]] = " "
    gap = "".join(between)
    if ";" in gap or _pattern(qualifier, "stops").search(gap):
        return False
    return "," not in gap or _ROW.fullmatch(gap) is not None


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


@cache
def _pattern(qualifier: Qualifier, part: str) -> re.Pattern[str]:
    cues = data("cues.toml")[qualifier.value][part]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(_alternatives(cues))})(?![\w-])" if cues else r"(?!)", re.IGNORECASE)


def _alternatives(cues: Sequence[str]) -> Iterator[str]:
    """Longest first, so that "not only" is not taken for "not"."""
    yield from sorted(cues, key=len, reverse=True)
