"""A reading by a language model, of which only what the text bears out is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stormwatch.errors import InputError
from stormwatch.sources.text.document import Document
from stormwatch.sources.text.documents import document_of
from stormwatch.sources.text.lexicon import Lexicon, data, flat
from stormwatch.sources.text.llm.cache import Cache
from stormwatch.sources.text.llm.client import Model
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.passes.amounts import amount
from stormwatch.sources.text.passes.doses import doses
from stormwatch.sources.text.passes.drugs import drug_hits
from stormwatch.sources.text.passes.findings import finding_mentions
from stormwatch.sources.text.passes.times import times
from stormwatch.sources.text.passes.values import values
from stormwatch.sources.text.reading import Reading
from stormwatch.sources.text.sentences import Sentence, plain

_KINDS = frozenset({Kind.LAB, Kind.DRUG, Kind.FINDING, Kind.DISEASE})
_RULE = "a language model, quote found in the text"


@dataclass(frozen=True, slots=True)
class ModelReader:
    """Reads reports with a model. ``cache`` keeps its answers, where one is given."""

    model: Model
    cache: Cache | None = None

    def read(self, document: Document) -> Reading:
        """What the model says of the document, as far as the text bears it out. Raises InputError as the model does."""
        return Reading(document, tuple(sorted(self._mentions(document), key=lambda m: (m.start, m.end))))

    def read_prose(self, text: str) -> Reading:
        """A text at hand; the evaluation compares readers by this."""
        return self.read(document_of(text))

    def _mentions(self, document: Document) -> Iterator[Mention]:
        instructions = _instructions()
        if self.cache is None:
            answer = self.model.answer(instructions, document.text)
        else:
            answer = self.cache.answer(self.model, instructions, document.text)
        for row in _rows(answer):
            found = _span(document.text, str(row.get("quote", "")))
            mention = _mention(row, document.text, found) if found else None
            if mention is not None:
                yield mention


def _rows(answer: str) -> list[dict[str, Any]]:
    """The rows of an answer; a model may wrap its JSON in a fence of code."""
    bare = re.sub(r"^\s*```(?:json)?|```\s*$", "", answer.strip())
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        raise InputError("the language model did not answer with JSON; try another model") from None
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _span(text: str, quote: str) -> tuple[int, int] | None:
    """Where a quote stands in the text, white space apart; None when it does not."""
    words = quote.split()
    match = re.search(r"\s+".join(map(re.escape, words)), text) if words else None
    return match.span() if match else None


def _mention(row: dict[str, Any], text: str, span: tuple[int, int]) -> Mention | None:
    """A mention read from the quote; None when the quote names nothing of this kind."""
    kind, quote = row.get("kind"), plain(text[span[0] : span[1]])
    if kind not in _KINDS:
        return None
    sentence = Sentence(quote, span[0], span[1], "body")
    said = frozenset(Qualifier(q) for q in row.get("qualifiers") or () if q in set(Qualifier))
    when = [t.plain for t in times(plain(str(row.get("time") or ""))) if str(row["time"]) in text]
    time = when[0] if when else ""
    if kind == Kind.LAB:
        return _lab(sentence, time, said)
    if kind == Kind.DRUG:
        return _drug(sentence, time, said)
    named = [m for m in finding_mentions(sentence) if m.kind == kind]
    if len(named) != 1:
        return None
    words = text[span[0] : span[1]]
    return Mention(named[0].kind, named[0].name, *span, words, _RULE, time=time, qualifiers=said)


def _lab(sentence: Sentence, time: str, qualifiers: frozenset[Qualifier]) -> Mention | None:
    names, numbers = list(_tests().find(sentence.text)), list(values(sentence.text))
    if len(names) != 1 or len(numbers) != 1:
        return None
    meaning = amount(names[0].id, numbers[0])
    if meaning is None:
        return None
    return Mention(
        Kind.LAB, meaning.analyte, sentence.start, sentence.end, sentence.text, _RULE, value=meaning.value, time=time,
        qualifiers=qualifiers, flags=meaning.flags,
    )  # fmt: skip


def _drug(sentence: Sentence, time: str, qualifiers: frozenset[Qualifier]) -> Mention | None:
    names, found = drug_hits(sentence.text), list(doses(sentence.text))
    if len(names) != 1 or len(found) > 1:
        return None
    return Mention(
        Kind.DRUG, names[0].id, sentence.start, sentence.end, sentence.text, _RULE,
        word=found[0].text if found else "", time=time, qualifiers=qualifiers,
    )  # fmt: skip


@cache
def _tests() -> Lexicon:
    return Lexicon(flat(data("analytes.toml")))


@cache
def _instructions() -> str:
    return files("stormwatch.sources.text.llm").joinpath("instructions.txt").read_text("utf-8")
