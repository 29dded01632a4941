"""Which patient a sentence is about, when a report describes several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.numbers import ORDINALS
from stormwatch.sources.text.sentences import Sentence

_NUMBERED = re.compile(
    r"(?:^|(?<=[.;:(\s]))(?:Case|Patient|Pt)\s*(?:report\s*)?(?:no\.?\s*|#)?(?P<number>[1-9]|[A-D])\b(?!\s*(?:/|of\b|%|,\d))"
)
_NTH = re.compile(
    rf"\bthe\s+(?P<nth>{'|'.join(ORDINALS)}|other|latter|former)\s+(?:case|patient|woman|man|child|boy|girl)\b(?!\s+(?:of|report))",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:both|all|the two|the three)\s+(?:patients|cases|of them)\b|\btwo patients\b|\bthree patients\b",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(r"\d+[- ]?(?:year|yr|month|week|day)s?[- ]?old|y/o", re.IGNORECASE)
ALL = "all"


def with_patients(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions, each with the number of its patient; with nothing when the report describes one."""
    starts = _starts(sentences, mentions)
    if len({patient for _, patient in starts if patient != ALL}) < 2:
        return list(mentions)
    return [replace(m, patient=_patient_at(m.start, starts)) for m in mentions]


def _patient_at(place: int, starts: Sequence[tuple[int, str]]) -> str:
    return next((patient for start, patient in reversed(starts) if start <= place), "")


def _starts(sentences: Sequence[Sentence], mentions: Sequence[Mention]) -> list[tuple[int, str]]:
    """The places from which on the text is about a patient: by a number, or by a person of another age or sex."""
    found: list[tuple[int, str]] = []
    for sentence in sentences:
        marks = [(m.start(), _number(m["number"])) for m in _NUMBERED.finditer(sentence.text)]
        marks += [(m.start(), _nth(m["nth"])) for m in _NTH.finditer(sentence.text)]
        if _ALL.search(sentence.text) and not marks:
            found.append((sentence.start, ALL))
        found += [(sentence.start + start, patient) for start, patient in sorted(marks) if patient]
    return found if len({p for _, p in found} - {ALL}) > 1 else _by_age(mentions)


def _number(text: str) -> str:
    return text if text.isdigit() else str("ABCD".index(text) + 1)


def _nth(text: str) -> str:
    folded = text.casefold()
    return {"other": "2", "latter": "2", "former": "1"}.get(folded, str(ORDINALS.get(folded, "")))


def _by_age(mentions: Sequence[Mention]) -> list[tuple[int, str]]:
    """A person introduced with another age is another patient."""
    found: list[tuple[int, str]] = []
    known: list[object] = []
    for mention in mentions:
        introduced = mention.kind is Kind.AGE and mention.value is not None and _INTRODUCED.search(mention.text)
        if not introduced or mention.qualifiers & {Qualifier.FAMILY, Qualifier.LITERATURE, Qualifier.PAST}:
            continue
        person = (mention.name, mention.value)
        if person not in known:
            known.append(person)
        found.append((mention.start, str(known.index(person) + 1)))
    return found
