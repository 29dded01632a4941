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

# A comma behind which something was done or somebody acts: "due to suspected HLH, dexamethasone was given".
_NEXT_CLAUSE = re.compile(
    r",\s+(?=(?:(?:she|he|we|they|the patient|it)\s+(?:\w+ly\s+)?(?:was|were|had|received|underwent|started|began|"
    r"developed|defervesced|improved|responded|did|remained)\b"
    r"|(?!(?:and|or|nor)\b)[^,;:.]{1,70}?\b(?:was|were)\s+(?:\w+ly\s+)?(?:diagnosed|made|started|initiated|given|"
    r"administered|performed|commenced|established|added|continued|withheld|held|stopped|discontinued)\b))",
    re.IGNORECASE,
)
_ENDS_WITH_CLAUSE = frozenset({Qualifier.NEGATED, Qualifier.UNCERTAIN, Qualifier.HYPOTHETICAL})
_CONDITION = re.compile(r"(?:if|unless|should|when|in case of|in the event of)\b", re.IGNORECASE)

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
            stop = _forward_stop(text, qualifier, cue.end(), spans, conditional=bool(_CONDITION.match(cue[0])))
            reached.update(i for i, span in enumerate(spans) if cue.end() <= span[0] < stop)
    return reached


def _forward_stop(
    text: str, qualifier: Qualifier, start: int, spans: Sequence[Span], *, conditional: bool = False
) -> int:
    """Where a cue stops to reach: at a stop word, a semicolon, or, within a list of other things, at the next comma."""
    at_once = qualifier is Qualifier.PAST  # "with no past history presented": nothing follows the cue
    found = _pattern(qualifier, "stops").finditer(text, start)
    stops = [m.start() for m in found if at_once or text[start : m.start()].strip()]
    ends = [m.start() for m in re.finditer(r";|:(?=\s)|\.\s", text[start:])]
    clauses = [m.start() for m in _NEXT_CLAUSE.finditer(text, start)] if qualifier in _ENDS_WITH_CLAUSE else []
    clauses = [] if conditional else clauses
    stop = min([len(text), start + _LONGEST, *stops, *clauses, *(start + end for end in ends)])
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
    if _in_the_bracket_before(text, cue.start(), span) or re.match(r"none of\b", cue[0], re.IGNORECASE):
        return True
    if ";" in gap or _pattern(qualifier, "stops").search(gap):
        return False
    return "," not in gap or _ROW.fullmatch(gap) is not None


def _in_the_bracket_before(text: str, at: int, span: Span) -> bool:
    """Whether the cue follows a bracket that holds the span: "other causes (CMV, HIV) were negative"."""
    closed = text[:at].rstrip()
    opened = closed.rfind("(") if closed.endswith(")") else -1
    return 0 <= opened < span[0] and ")" not in closed[opened:-1]


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


@cache
def _pattern(qualifier: Qualifier, part: str) -> re.Pattern[str]:
    cues = data("cues.toml")[qualifier.value][part]
    return re.compile(rf"(?<![\w-])(?:{'|'.join(_alternatives(cues))})(?![\w-])" if cues else r"(?!)", re.IGNORECASE)


def _alternatives(cues: Sequence[str]) -> Iterator[str]:
    """Longest first, so that "not only" is not taken for "not"."""
    yield from sorted(cues, key=len, reverse=True)
