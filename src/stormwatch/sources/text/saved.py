"""A reading as a file: what was read, and, apart from it, what a person corrected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from math import inf
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stormwatch.errors import InputError
from stormwatch.facts import Interval, Number, Origin, Timeline
from stormwatch.sources.opening import StrPath, file_name, opened
from stormwatch.sources.text.document import Document, Section
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.reading import Reading
from stormwatch.sources.text.timeline import timeline_of

FORMAT = "stormwatch reading"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bounds(_Table):
    """An interval: exact ends as texts ("12450", "1/3"), ``inf`` and ``-inf`` where there is none."""

    low: str = "-inf"
    high: str = "inf"
    low_closed: bool = True
    high_closed: bool = True


class Words(_Table):
    """A mention as a row of the file. ``start`` and ``end`` are characters of ``document.text``."""

    kind: Kind
    name: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str = ""
    rule: str = ""
    value: Bounds | None = None
    word: str = ""
    relative_to: Literal["", "uln", "lln"] = ""
    time: str = ""
    qualifiers: tuple[Qualifier, ...] = ()
    patient: str = ""
    flags: tuple[str, ...] = ()
    details: dict[str, str] = {}
    low: str | None = None
    high: str | None = None


class Correction(_Table):
    """What a person put right. ``mention`` is its place in the list of mentions, from 0.

    ``remove`` takes a mention away, ``change`` replaces the members given in ``to``, ``add`` brings a new one.
    """

    action: Literal["remove", "change", "add"]
    mention: int | None = Field(default=None, ge=0)
    to: dict[str, Any] = {}
    note: str = ""


class _DocumentRow(_Table):
    text: str
    sections: tuple[tuple[str, int, int], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    title: str = ""
    authors: tuple[str, ...] = ()
    journal: str = ""
    year: int | None = None
    doi: str = ""
    pmid: str = ""
    keyphrases: tuple[str, ...] = ()


class _File(_Table):
    format: Literal["stormwatch reading"]
    version: Literal[1]
    document: _DocumentRow
    mentions: tuple[Words, ...]
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved:
    """A reading as it was read, and the corrections to it."""

    reading: Reading
    corrections: tuple[Correction, ...] = ()

    @property
    def corrected(self) -> Reading:
        """The reading with the corrections made. Raises InputError when one does not fit."""
        return Reading(self.reading.document, _corrected(self.reading, self.corrections))


def reading_json(reading: Reading, corrections: Iterable[Correction] = ()) -> dict[str, Any]:
    """The JSON form of a reading; ``load_reading`` reads it back."""
    document = reading.document
    about = {f.name: getattr(document, f.name) for f in fields(document) if f.name not in ("sections", "sources")}
    return {
        "format": FORMAT,
        "version": 1,
        "document": {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in about.items()},
            "sections": [[s.name, s.start, s.end] for s in document.sections],
            "sources": [[o.file, o.record] for o in document.sources],
        },
        "mentions": [_row(m).model_dump(mode="json", exclude_defaults=True) for m in reading.mentions],
        "corrections": [c.model_dump(mode="json", exclude_defaults=True) for c in corrections],
    }


def load_reading(content: str, file: str = "reading") -> Saved:
    """Read the JSON form back. Raises InputError for anything else; the message names the place, never a value."""
    try:
        found = _File.model_validate_json(content)
    except ValidationError as problem:
        where = ".".join(str(part) for part in problem.errors()[0]["loc"]) or "the file"
        raise InputError(f"{file}: not a reading of a report; look at {where}") from None
    row = found.document
    document = Document(
        row.text, tuple(Section(*s) for s in row.sections), tuple(Origin(*o) for o in row.sources), row.title,
        row.authors, row.journal, row.year, row.doi, row.pmid, row.keyphrases,
    )  # fmt: skip
    mentions = tuple(_mention(words, row.text, file) for words in found.mentions)
    return Saved(Reading(document, mentions), found.corrections)


def is_reading(content: str) -> bool:
    """Whether a JSON text is a saved reading: it says so in its first member.

    >>> is_reading('{"format": "stormwatch reading", "version": 1}')
    True
    """
    head = content.lstrip()[:200]
    return head.startswith("{") and json.dumps(FORMAT) in head


def read_saved(path: StrPath, patient: str | None = None, complete: Iterable[str] = ()) -> Timeline:
    """The timeline of a saved reading, with its corrections made. Raises as ``load_reading`` and ``timeline_of``."""
    with opened(path) as stream:
        content = stream.read().decode("utf-8-sig", errors="replace")
    return timeline_of(load_reading(content, file_name(path)).corrected, patient, complete)


def _corrected(reading: Reading, corrections: Sequence[Correction]) -> tuple[Mention, ...]:
    rows: list[Words | None] = [_row(m) for m in reading.mentions]
    for number, correction in enumerate(corrections):
        where = f"corrections.{number}"
        if correction.action == "add":
            rows.append(_changed({"rule": "added by a person"}, correction, where))
            continue
        if correction.mention is None or correction.mention >= len(reading.mentions):
            raise InputError(f"{where}: it names no mention of the reading")
        old = rows[correction.mention]
        if correction.action == "remove" or old is None:
            rows[correction.mention] = None
        else:
            kept = {**old.model_dump(), "rule": "corrected by a person"}
            rows[correction.mention] = _changed(kept, correction, where)
    made = [_mention(row, reading.document.text, "corrections") for row in rows if row is not None]
    return tuple(sorted(made, key=lambda m: (m.start, m.end)))


def _changed(members: dict[str, Any], correction: Correction, where: str) -> Words:
    try:
        return Words.model_validate({**members, **correction.to})
    except ValidationError as problem:
        part = ".".join(str(p) for p in problem.errors()[0]["loc"])
        raise InputError(f"{where}: it cannot be made; look at {part}") from None


def _row(mention: Mention) -> Words:
    value = mention.value
    bounds = None if value is None else Bounds(
        low=_end(value.low), high=_end(value.high), low_closed=value.low_closed, high_closed=value.high_closed
    )  # fmt: skip
    return Words(
        kind=mention.kind, name=mention.name, start=mention.start, end=mention.end, text=mention.text,
        rule=mention.rule, value=bounds, word=mention.word,
        relative_to=mention.relative_to,  # type: ignore[arg-type]
        time=mention.time, qualifiers=tuple(sorted(mention.qualifiers)), patient=mention.patient, flags=mention.flags,
        details=dict(mention.details),
        low=None if mention.low is None else str(mention.low), high=None if mention.high is None else str(mention.high),
    )  # fmt: skip


def _mention(row: Words, text: str, file: str) -> Mention:
    if not row.start < row.end <= len(text):
        raise InputError(f"{file}: a mention stands outside the text of the document")
    bounds = row.value
    try:
        value = (
            None
            if bounds is None
            else Interval(_number(bounds.low), _number(bounds.high), bounds.low_closed, bounds.high_closed)
        )
        low, high = (None if end is None else Fraction(end) for end in (row.low, row.high))
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{file}: a value of a mention is no number") from None
    return Mention(
        row.kind, row.name, row.start, row.end, row.text or text[row.start : row.end], row.rule, value, row.word,
        row.relative_to, row.time, frozenset(row.qualifiers), row.patient, row.flags, tuple(row.details.items()),
        low, high,
    )  # fmt: skip


def _end(value: Number) -> str:
    return str(value) if value in (inf, -inf) else str(Fraction(value))


def _number(text: str) -> Number:
    return float(text) if text in ("inf", "-inf") else Fraction(text)
