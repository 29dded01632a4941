"""Scores and grades the authors state."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stormwatch.facts import Interval
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.numbers import NUMBER_WORD, ROMAN, number_word, read_number
from stormwatch.sources.text.sentences import Sentence

PERCENT_SCORE = "a score stated as a percentage: read as its probability"
_NUM = r"\d{1,3}(?:\.\d+)?"
_PROBABILITY = (
    rf"(?P<sign>[<>≥≤]|more than|over|greater than|less than|above|below)?\s*(?P<low>{_NUM})\s*%?(?:\s*(?:-|"
    rf"–|to)\s*(?P<high>{_NUM}))?\s*%"
)
_HSCORE = re.compile(
    rf"\bH[- ]?scores?\b(?P<between>[^.;\d%<>]{{0,45}}?)(?:(?P<sign>[<>≥≤]|more than|over|"
    rf"above|greater than)\s*)?(?P<low>{_NUM})\s*(?P<first>%)?(?:\s*(?:-|–|to)\s*(?P<high>{_NUM}))?\s*(?P<percent>%)?",
    re.IGNORECASE,
)
_CHANCE = re.compile(rf"(?:probability|likelihood|chance)\b[^.;\d%<>]{{0,60}}?{_PROBABILITY}", re.IGNORECASE)
_OF_CHANCE = re.compile(rf"{_PROBABILITY}\s*(?:probability|likelihood|chance)\b", re.IGNORECASE)
_COUNT = rf"(?P<count>[1-8]|{NUMBER_WORD})\s*(?:/|out of|of)\s*(?:the\s+|a total of\s+)?(?:eight|8)\b"
_HLH = re.compile(
    rf"{_COUNT}(?=[^.;]{{0,60}}(?:HLH|criteria|diagnostic))|(?:HLH|criteria)[^.;]{{0,60}}?\b(?P<after>[1-8]|"
    rf"{NUMBER_WORD})\s*(?:/|out of|of)\s*(?:the\s+)?(?:eight|8)\b",
    re.IGNORECASE,
)
_GRADE = r"(?P<grade>[0-5]|I{1,3}|IV|V)(?:\s*(?:-|–|to|or|/)\s*(?P<upper>[1-5]|I{1,3}|IV|V))?(?![\w%]|\.\d)"
_GRADE_2 = _GRADE.replace("grade>", "grade2>").replace("upper>", "upper2>")
_NAMES = {
    "crs_grade": r"(?:CRS|cytokine[- ]release[- ]syndrome)",
    "icans_grade": r"(?:ICANS|immune effector cell[- ]associated neurotoxicity(?: syndrome)?)",
    "iec_hs_grade": r"IEC-HS",
}
_BEFORE = (
    r"(?:\s*(?:\(|,|:|was|were|is|of|graded|grade|as|severity|syndrome|to|reached|maximum|"
    r"max|the|ASTCT|Lee|event|above|at|not|\)))*?"
)
_GRADED = {
    name: re.compile(
        rf"\bgrade\s*{_GRADE}\s+(?:(?!(?:and|or|with|but|then|after|followed|without|by|as|"
        rf"to)\b)\w+[- ]){{0,2}}?{words}|"
        rf"{words}\b{_BEFORE}\s*(?:grade|graded(?:\s+as)?(?:\s+grade)?)\s*(?:of\s+)?{_GRADE_2}",
        re.IGNORECASE,
    )
    for name, words in _NAMES.items()
}
_POINTS = {
    "naranjo": re.compile(
        r"\bNaranjo\b[^.;\d]{0,80}?(?<![-\d])(?P<points>-?\d{1,2})(?![\d%/]|\.\d|\s*(?:of|out of)\b)", re.IGNORECASE
    ),
    "sofa": re.compile(
        r"(?<!q)\bSOFA\b(?:\s*(?:score|was|of|is|:|=|,|reached|at|a|total))*\s*(?P<points>\d{1,2})(?![\d%/]|\.\d)"
    ),
    "qsofa": re.compile(r"\bqSOFA\b(?:\s*(?:score|was|of|is|:|=))*\s*(?P<points>[0-3])(?![\d%/]|\.\d)"),
    "ecog": re.compile(
        r"\bECOG\b(?:\s*(?:performance|status|score|was|of|is|:|=|PS))*\s*(?P<points>[0-5])(?![\d%/]|\.\d)"
    ),
}


def score_mentions(sentence: Sentence) -> Iterator[Mention]:
    """Every score of a sentence."""
    yield from _hscores(sentence)
    for match in _HLH.finditer(sentence.text):
        count = number_word(match["count"] or match["after"])
        yield _mention(sentence, "hlh_2004_count", match.start(), match.end(), Interval.point(count or 0))
    for name, pattern in _GRADED.items():
        yield from (_grade(sentence, name, match) for match in pattern.finditer(sentence.text))
    for name, pattern in _POINTS.items():
        for match in pattern.finditer(sentence.text):
            yield _mention(sentence, name, match.start(), match.end("points"), Interval.point(int(match["points"])))


def _hscores(sentence: Sentence) -> Iterator[Mention]:
    found = list(_HSCORE.finditer(sentence.text))
    for match in found:
        value = _interval(match["sign"], match["low"], match["high"])
        if match["percent"] or match["first"]:
            flags = () if re.search("probab|likelihood", match["between"], re.IGNORECASE) else (PERCENT_SCORE,)
            yield _mention(sentence, "hscore_probability", match.start(), match.end(), value, flags)
            continue
        yield _mention(sentence, "hscore", match.start(), match.end(), value)
        at = match.end()
        chance = (
            _CHANCE.search(sentence.text, at) or _bracketed(sentence.text, at) or _OF_CHANCE.search(sentence.text, at)
        )
        if chance:
            yield _probability(sentence, chance)


def _bracketed(text: str, at: int) -> re.Match[str] | None:
    return re.compile(rf"\s*(?:points)?\s*\(\s*{_PROBABILITY}").match(text, at)


def _probability(sentence: Sentence, match: re.Match[str]) -> Mention:
    return _mention(
        sentence,
        "hscore_probability",
        match.start(),
        match.end(),
        _interval(match["sign"], match["low"], match["high"]),
    )


def _interval(sign: str | None, low: str, high: str | None) -> Interval:
    first = read_number(low).values[0]
    if high:
        return Interval(first, read_number(high).values[0])
    sign = (sign or "").casefold()
    if sign in (">", "more than", "over", "greater than", "above"):
        return Interval.above(first)
    if sign in ("<", "less than", "below"):
        return Interval.below(first, floor=0)
    return {"≥": Interval.above(first, closed=True), "≤": Interval.below(first, closed=True, floor=0)}.get(
        sign, Interval.point(first)
    )


def _grade(sentence: Sentence, name: str, match: re.Match[str]) -> Mention:
    low = match["grade"] or match["grade2"]
    high = match["upper"] or match["upper2"] or low
    numbers = [ROMAN.get(part.upper()) or int(part) for part in (low, high)]
    return _mention(sentence, name, match.start(), match.end(), Interval(numbers[0], numbers[-1]))


def _mention(
    sentence: Sentence, name: str, start: int, end: int, value: Interval, flags: tuple[str, ...] = ()
) -> Mention:
    text = sentence.text[start:end]
    return Mention(
        Kind.SCORE, name, sentence.start + start, sentence.start + end, text, "a stated score", value=value, flags=flags
    )
