"""Free text without what could name a person: dates, times, numbers of records, addresses, names given elsewhere.

It finds patterns, and no program finds everything: the list of what was removed is for a person to read, and so is the
text that is left.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = r"(?:[T ]+(?:at )?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*(?:[ap]\.?m\.?|Z|[+-]\d{2}:?\d{2}))?)?"
_YEAR = r"(?:19|20)\d{2}"
_DATES = re.compile(
    rf"(?<![\d.])(?:"
    rf"(?P<iso>{_YEAR}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?(?!\d)){_CLOCK}"
    rf"|(?P<hl7>{_YEAR}[01]\d[0-3]\d(?:\d{{2,6}})?(?:[+-]\d{{4}})?)(?!\d)"
    rf"|(?P<words>\d{{1,2}}(?:st|nd|rd|th)?[-\s./]*(?:of\s+)?{_MONTH}\.?[-\s.,/]*(?:\d{{4}}|\d{{2}}(?!\d)))(?!\d){_CLOCK}"
    rf"|(?P<us>{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})(?!\d){_CLOCK}"
    rf"|(?P<numeric>\d{{1,2}}[/.-]\d{{1,2}}[/.-](?:\d{{4}}|\d{{2}}))(?![\d/.-]*\d){_CLOCK}"
    rf"|(?P<monthyear>[-\s]*(?<![a-z]){_MONTH}\.?[-\s,]*{_YEAR})(?!\d)"
    rf")",
    re.IGNORECASE,
)
_DAY_MONTH = re.compile(
    rf"(?<![\w.])(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?)\b",
    re.IGNORECASE,
)
_RECORD = (
    r"\b(?:MRN|NHS|SSN|ID|patient|record|case|hospital|file|chart|subject)\b[ ]*(?:no\.?|number|#|id)?[ ]*[:#=][ ]*"
    r"[\w/-]*\d[\w/-]*"
)
_TELEPHONE = r"(?<![\w.])\+?\d{1,4}(?:[ ().-]{1,2}\d{2,5}){2,5}(?![\w.])|(?<![\w.])\+\d{7,15}(?!\w)"
_TITLE = r"\b(?:Dr|Mr|Mrs|Ms|Miss|Prof|Professor|Sister|Nurse)\b\.?(?:\s+[A-Z][\w'’-]*\.?){1,3}"
_AGE = re.compile(
    r"(?<![\w.])(?:(?P<years>\d{1,3})[ -]*(?:years?|yrs?)[ -]*(?:old|of age)"
    r"|aged? (?P<aged>\d{1,3})(?![\d.]| to \d| or over))",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("e-mail address", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("web address", re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    ("number of a record", re.compile(_RECORD, re.IGNORECASE)),
    ("telephone number", re.compile(_TELEPHONE)),
    ("name", re.compile(_TITLE)),
    ("long number", re.compile(r"(?<![\w.])\d{7,}(?![\w.])")),
    ("time of day", re.compile(r"(?<![\w:])\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?(?![\w:])", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """The text that is left, and how many of each kind were removed."""

    text: str
    removed: Counter[str]


def scrub(text: str, known: Iterable[str] = (), dated: Callable[[date], str] | None = None) -> Scrubbed:
    """Take dates, times, identifiers and known names out of a text.

    Args:
        text: the words.
        known: names and numbers that stand in fields of the case; they are removed wherever they occur.
        dated: what to put for a whole date (such as ``day 12``); without it, or for part of one, ``[date]``.

    >>> scrub("Seen by Dr. Smith on 12-MAR-2024, MRN: 445-12; ferritin 40000 ng/mL.").text
    'Seen by [name] on [date], [number of a record]; ferritin 40000 ng/mL.'
    """
    removed: Counter[str] = Counter()

    def by(kind: str) -> Callable[[re.Match[str]], str]:
        def put(match: re.Match[str]) -> str:
            removed[kind] += 1
            whole = _whole(match) if kind == "date" and dated is not None else None
            return dated(whole) if whole is not None and dated is not None else f"[{kind}]"

        return put

    for word in sorted({one.strip() for one in known if len(one.strip()) > 1}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", by("known name or number"), text, flags=re.IGNORECASE)
    text = _DATES.sub(by("date"), text)
    text = _DAY_MONTH.sub(by("date"), text)
    text = _AGE.sub(_decade(removed), text)
    for kind, pattern in _KINDS:
        text = pattern.sub(by(kind), text)
    return Scrubbed(text, removed)


def _decade(removed: Counter[str]) -> Callable[[re.Match[str]], str]:
    """An age as its decade; from 90 on all are one."""

    def put(match: re.Match[str]) -> str:
        removed["exact age"] += 1
        start = int(match["years"] or match["aged"]) // 10 * 10
        return "aged 90 or over" if start >= 90 else f"aged {start} to {start + 9}"

    return put


def _whole(match: re.Match[str]) -> date | None:
    """The day a match names, where it names one without doubt: day and month in figures could be either."""
    groups = match.groupdict()
    try:
        if groups.get("iso"):
            return date(*map(int, re.split(r"[-/.]", groups["iso"])))
        if groups.get("hl7"):
            return date.fromisoformat(groups["hl7"][:8])
        named = groups.get("words") or groups.get("us")
        if named is None:
            return None
        month = next(i for i, name in enumerate(_MONTHS, start=1) if name in named.lower())
        figures = [int(one) for one in re.findall(r"\d+", named)]
        return date(figures[1], month, figures[0]) if figures[1] > 999 else None
    except (ValueError, TypeError, IndexError, StopIteration):
        return None
