"""How it went on (response, recurrence, outcome), and what the authors say is published and expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from stormwatch.facts import Interval
from stormwatch.sources.text.lexicon import data
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.numbers import number_word
from stormwatch.sources.text.sentences import Sentence

ABOUT_THE_LITERATURE = frozenset({"prior_reports", "first_report", "expected"})
_NOT_THE_PATIENT = re.compile(
    r"(?:(?:may|can|could|might|often|potentially|frequently|if|risk of|cause of|highly|"
    r"rapidly|is|be|usually|as)\s+(?:\w+\s+)?|mother |father |brother |sister |uncle |"
    r"aunt |near-)$",
    re.I,
)
_KIN = re.compile(r"\b(?:mother|father|brother|sister|uncle|aunt|sibling|cousin)\b", re.IGNORECASE)


def course_mentions(sentence: Sentence) -> Iterator[Mention]:
    """Course statements of a sentence; where two cues fit one place, the first in the table counts."""
    taken: list[tuple[int, int]] = []
    for name, word, pattern in _cues():
        for match in pattern.finditer(sentence.text):
            span = match.span()
            if any(start < span[1] and span[0] < end for start, end in taken) or not _of_patient(
                sentence.text, match, name
            ):
                continue
            taken.append(span)
            yield _mention(sentence, name, word, match)


def _of_patient(text: str, match: re.Match[str], name: str) -> bool:
    before = text[: match.start()]
    if name == "outcome" and (_NOT_THE_PATIENT.search(before) or _KIN.search(before)):
        return False
    return not (
        name == "response"
        and re.search(r"\b(?:hormone|immune|inflammatory|complete|partial)\s+$", before, re.IGNORECASE)
    )


def _mention(sentence: Sentence, name: str, word: str, match: re.Match[str]) -> Mention:
    value = None
    if name == "prior_reports":
        printed = "" if word == "0" else match["n"].casefold().removeprefix("a ")
        count = 0 if word == "0" else 1 if printed == "single" else number_word(printed) or 0
        value, word = Interval.point(count), str(count)
    return Mention(
        Kind.COURSE, name, sentence.start + match.start(), sentence.start + match.end(), match[0],
        "words of the course", value=value, word=word,
    )  # fmt: skip


@cache
def _cues() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple((c["name"], c["word"], re.compile(c["pattern"], re.IGNORECASE)) for c in data("course.toml")["cue"])
