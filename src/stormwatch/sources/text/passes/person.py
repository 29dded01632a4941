"""Age and sex, the latter also from pronouns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from stormwatch.facts import Interval
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.numbers import NUMBER_WORD, number_word
from stormwatch.sources.text.sentences import Sentence

_N = rf"(?P<number>\d{{1,3}}|{NUMBER_WORD})"
_AGE = re.compile(
    rf"(?<![\w.,-]){_N}(?P<half>½)?[\s-]*(?:(?P<unit>years?|yrs?|months?|mos?|weeks?|wks?|"
    rf"days?)[\s-]*(?:old|of age)\b|(?P<short>y/?o|yo|y\.o\.|YO|Y/O)\b)"
    rf"|\b(?:aged|age(?: of)?:?|at the age of)\s+(?P<aged>\d{{1,3}})(?P<aged_unit>\s*(?:months?|"
    rf"weeks?|days?))?(?!\s*(?:-|–|to)\s*\d)(?![\d.%/])"
    r"|(?:^|(?<=\ba )|(?<=\ban )|(?<=\bthis )|(?<=\bour ))(?P<compact>\d{1,2})[\s-]?(?P<sex>[FM])\b(?![./°])"
    r"|\b(?:in|during) (?:his|her|their) (?:(?P<part>early|mid|late)[- ])?(?P<decade>[2-9]0)'?s\b"
    r"|\b(?P<group>adults?|child|children|infant|neonate|newborn|toddler|adolescent|teenager|elderly|p(?:a)?ediatric)\b(?![\s-]+(?:onset|of|intensive|icu|ward|department|unit|case\b|dose|population|literature|patients|hospital|t-cell|still))",
    re.IGNORECASE,
)
_SEX = re.compile(
    r"\b(?P<female>woman|female|girl|lady|housewife|pregnant|she|her|herself|hers)\b|\b(?P<male>man|male|boy|gentleman|he|his|him|himself)\b",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:mother|father|brother|sister|sibling|aunt|uncle|cousin|son|daughter|donor|wife|husband|parents?)\b",
    re.IGNORECASE,
)
_GROUPS = {
    "adults": "adult",
    "children": "child",
    "pediatric": "child",
    "paediatric": "child",
    "teenager": "adolescent",
    "newborn": "neonate",
}
_PLURAL = frozenset({"adults", "children"})


def person_mentions(sentence: Sentence) -> Iterator[Mention]:
    """Ages and sexes of a sentence."""
    for match in _AGE.finditer(sentence.text):
        if (match["group"] or "").casefold() not in _PLURAL and not match["sex"]:
            yield _age(sentence, match)
        elif match["sex"]:
            yield from _compact(sentence, match)
    yield from _sexes(sentence)


def _age(sentence: Sentence, match: re.Match[str]) -> Mention:
    name, value, word = "years", None, ""
    if match["group"]:
        name, word = "group", _GROUPS.get(match["group"].casefold(), match["group"].casefold())
    elif match["decade"]:
        low = int(match["decade"])
        value = Interval(*{"early": (low, low + 3), "mid": (low + 4, low + 6), "late": (low + 7, low + 9)}.get(
            (match["part"] or "").casefold(), (low, low + 9)))  # fmt: skip
    else:
        number = number_word(match["number"] or match["aged"])
        value = Interval.point(number or 0)
        name = _unit((match["unit"] or match["aged_unit"] or "years").strip())
    mention = _mention(sentence, Kind.AGE, name, match.start(), match.end(), "age", value, word)
    then = match["aged"] is not None and match[0].casefold().startswith("at")
    return replace(mention, qualifiers=frozenset({Qualifier.PAST})) if then else mention


def _unit(text: str) -> str:
    return {"y": "years", "m": "months", "w": "weeks", "d": "days"}[text[0].casefold()]


def _compact(sentence: Sentence, match: re.Match[str]) -> Iterator[Mention]:
    """A patient written as 37F."""
    if match["sex"].isupper():
        age = Interval.point(int(match["compact"]))
        yield _mention(sentence, Kind.AGE, "years", match.start("compact"), match.end("compact"), "age", age)
        sex = "female" if match["sex"] == "F" else "male"
        yield _mention(sentence, Kind.SEX, sex, match.start("sex"), match.end("sex"), "a letter for the sex")


def _sexes(sentence: Sentence) -> Iterator[Mention]:
    """Nouns and pronouns; those of relatives and donors are not the patient's."""
    kin = _KIN.search(sentence.text)
    for match in _SEX.finditer(sentence.text):
        pronoun = match[0].casefold() in ("she", "her", "herself", "hers", "he", "his", "him", "himself")
        if kin and (pronoun and match.start() > kin.start()):
            continue
        if re.match(r"\s*(?:donor|sex\b|partner)", sentence.text[match.end() :], re.IGNORECASE):
            continue
        rule = "a pronoun" if pronoun else "a word for the sex"
        sex = "female" if match["female"] else "male"
        yield _mention(sentence, Kind.SEX, sex, match.start(), match.end(), rule)


def _mention(
    sentence: Sentence,
    kind: Kind,
    name: str,
    start: int,
    end: int,
    rule: str,
    value: Interval | None = None,
    word: str = "",
) -> Mention:
    text = sentence.text[start:end]
    return Mention(kind, name, sentence.start + start, sentence.start + end, text, rule, value=value, word=word)
