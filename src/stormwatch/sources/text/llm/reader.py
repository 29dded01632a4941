"""A reading by a language model, of which only what the text bears out is kept."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stormwatch.errors import InputError
from stormwatch.sources.text.document import Document
from stormwatch.sources.text.documents import document_of
from stormwatch.sources.text.llm.bearing import borne_out
from stormwatch.sources.text.llm.cache import Cache
from stormwatch.sources.text.llm.client import Model
from stormwatch.sources.text.llm.quotes import spans
from stormwatch.sources.text.mention import Kind
from stormwatch.sources.text.reading import Reading

KINDS = frozenset({Kind.LAB, Kind.DRUG, Kind.FINDING, Kind.DISEASE})
"""The kinds of fact a model is asked for."""

_FENCED = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)


class Unusable(InputError):
    """An answer that is no JSON list. Nothing of it is read, and it is not kept."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a model's answer.

    ``not_in_text`` are rows whose quote the text does not hold. ``not_borne_out`` are those whose quote is in the text
    and does not say, by the rules, the one thing the row claims. Both are thrown away.
    """

    reading: Reading
    rows: int
    not_in_text: int
    not_borne_out: int


@dataclass(frozen=True, slots=True)
class ModelReader:
    """Reads reports with a model. ``cache`` keeps its answers, where one is given."""

    model: Model
    cache: Cache | None = None

    def read(self, document: Document) -> Reading:
        """What the model says of the document, as far as the text bears it out. Raises InputError as the model does."""
        return self.answered(document).reading

    def read_prose(self, text: str) -> Reading:
        """A text at hand; the evaluation compares readers by this."""
        return self.read(document_of(text))

    def answered(self, document: Document) -> Answered:
        """The reading, and how much of the answer was thrown away.

        Raises:
            Unusable: the answer is no JSON list.
            InputError: as the model.
        """
        rows = self._rows(document.text)
        placed = list(_placed(rows, document))
        found = [borne_out(row, document, place) for row, place in placed if place is not None]
        kept = sorted((m for m in found if m is not None), key=lambda m: (m.start, m.end))
        return Answered(Reading(document, tuple(kept)), len(rows), len(rows) - len(found), len(found) - len(kept))

    def _rows(self, text: str) -> list[dict[str, Any]]:
        if self.cache is None:
            return _rows(self.model.answer(_instructions(), text))
        return self.cache.understood(self.model, _instructions(), text, _rows)


def _placed(rows: list[dict[str, Any]], document: Document) -> Iterator[tuple[dict[str, Any], tuple[int, int] | None]]:
    """Each row with the place of its quote. The same row once more stands at the next place of the same words."""
    before: Counter[tuple[str, str]] = Counter()
    for row in rows:
        quote, same = str(row.get("quote", "")), (str(row.get("kind")), " ".join(str(row.get("quote")).split()))
        places = spans(document, quote)
        yield row, places[min(before[same], len(places) - 1)] if places else None
        before[same] += 1


def _rows(answer: str) -> list[dict[str, Any]]:
    """The rows of an answer; a model may wrap its JSON in a fence of code."""
    fenced = _FENCED.search(answer)
    try:
        found = json.loads(fenced[1] if fenced else answer)
    except (ValueError, RecursionError):
        raise Unusable("the language model did not answer with JSON; try another model") from None
    if not isinstance(found, list):
        raise Unusable("the language model did not answer with a list of facts; try another model")
    return [row if isinstance(row, dict) else {} for row in found]


@cache
def _instructions() -> str:
    return files("stormwatch.sources.text.llm").joinpath("instructions.txt").read_text("utf-8")
