"""Sentences, with their place in the text and the kind of section they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from stormwatch.sources.text.document import TABLE, TITLE, Document, Section

# One sign for one sign, so that places in the sentence stay places in the text.
_PLAIN = str.maketrans(
    "\n\r\t\u00a0\u2009\u202f\u2007\u2002\u2003\u200a\u2212\u2010\u2011\u2019\u2018\u03bc⩾⩽≧≦\u02c3\u02c2\uff1e\uff1c\u2219\u22c5",
    "          ---''µ≥≤≥≤><><··",
)
_ABBREVIATIONS = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|approx|Dr|Prof|Fig|Figs|No|Nos|et al|resp|St|Pt|temp|wt|ca|"
    r"cf|Mr|Mrs|Ms|incl|max|min|ref|sp|spp|i\.v|p\.o"
    r"|s\.c|b\.i\.d|t\.i\.d|q\.d|Inc|Ltd|Co|Eq|Tab|Ref|(?<!/)(?<!\d )(?<!°)[A-Z])|^\s*\d{1,2})\.$"
)
_STOP = re.compile(r"[.!?]+[\"')\]]*(?=\s+[\"'(\[]?[A-Z0-9À-Þ<>~≥≤])|\n[ \t]*\n|\n(?=[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t])")
_HEADING = re.compile(
    r"(?<![a-z] )(?P<name>case (?:presentation|report|description|summary|history|study)s?|"
    r"cases?(?: \d+)?|patient(?: \d+)|clinical (?:case|presentation|course|findings)"
    r"|presentation|observation|background|introduction|objectives?|aims?|purpose|discussion|conclusions?|methods?|results?"
    r"|patient concerns|diagnos[ie]s|interventions?|outcomes?|lessons|rationale|importance|"
    r"significance|summary|management|investigations?|treatment)\s*[:.]\s",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(r"\b\d{1,3}[\s-]*(?:year|yr|month|week|day)s?[\s-]*old\b", re.IGNORECASE)
_OPENING = frozenset({"background", "introduction", "objective", "aim", "purpose", "rationale", "importance"})
_LONGEST = 1500
_GENERAL = frozenset(
    {
        "background", "introduction", "objective", "aim", "purpose", "discussion", "conclusion", "lesson", "rationale",
        "importance", "significance",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` is the report from ``start`` to ``end`` with white space and signs made plain, length unchanged."""

    text: str
    start: int
    end: int
    section: str
    general: bool = False
    headed: bool = False


def plain(text: str) -> str:
    """The text with look-alike signs made one; as long as before."""
    return text.translate(_PLAIN)


def sentences(document: Document) -> tuple[Sentence, ...]:
    """Every sentence of the prose, in order. A table is one sentence a line.

    A sentence is ``general`` in a section that is not about the patient (background, discussion), ``headed`` in any
    section that has a heading of its own.
    """
    return tuple(sentence for section in document.prose for sentence in _of_section(document, section))


def _of_section(document: Document, section: Section) -> Iterator[Sentence]:
    name, start, end = section.name, section.start, section.end
    text = document.text
    if name == TITLE:
        yield Sentence(plain(text[start:end]), start, end, name)
        return
    heading = ""
    for first, last in _pieces(text, start, end, lines=name == TABLE):
        found = _HEADING.match(text, first, last + 1)
        if found and (not found["name"].islower()):
            heading = found["name"].casefold().rstrip("s0123456789 ")
        if heading in _OPENING and _INTRODUCED.search(text, first, last):
            heading = "case"  # from here on an opening section tells the case itself
        general = heading in _GENERAL
        yield Sentence(plain(text[first:last]), first, last, name, general, bool(heading))


def _pieces(text: str, start: int, end: int, *, lines: bool) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends, without the white space around it."""
    stops = [m.end() for m in _STOP.finditer(text, start, end) if not _is_abbreviation(text, m)]
    if lines:
        stops = [m.end() for m in re.finditer(r"\n", text[start:end])]
        stops = [start + stop for stop in stops]
    cuts = sorted({start, *stops, *_headings(text, start, end), *_short_lines(text, start, end), end})
    for first, last in pairwise(_short_enough(text, cuts)):
        inside = text[first:last]
        if inside.strip():
            yield first + len(inside) - len(inside.lstrip()), first + len(inside.rstrip())


def _short_enough(text: str, cuts: list[int]) -> list[int]:
    """The cuts, with more of them at spaces where running text has no stops at all."""
    found = list(cuts)
    for first, last in pairwise(cuts):
        at = first
        while last - at > _LONGEST:
            space = text.rfind(" ", at, at + _LONGEST)
            at = space + 1 if space > at else at + _LONGEST
            found.append(at)
    return sorted(found)


def _is_abbreviation(text: str, stop: re.Match[str]) -> bool:
    return stop[0].startswith(".") and bool(_ABBREVIATIONS.search(text[max(0, stop.start() - 12) : stop.start() + 1]))


def _headings(text: str, start: int, end: int) -> list[int]:
    return [m.start() for m in _HEADING.finditer(text, start, end) if not m["name"].islower()]


def _short_lines(text: str, start: int, end: int) -> list[int]:
    """Line ends that end a sentence: the line is far shorter than running text, or the next one is a row of a table."""
    found, at = [], start
    for line in text[start:end].splitlines(keepends=True):
        at += len(line)
        if len(line.rstrip()) < 50 or "\t" in line:
            found.append(at)
    return found
