"""What a quote says by the rules that read every report: a model points at words, and never says what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from stormwatch.sources.text.document import Document
from stormwatch.sources.text.lexicon import Lexicon, data, flat
from stormwatch.sources.text.mention import Kind, Mention, Qualifier
from stormwatch.sources.text.passes.amounts import amount
from stormwatch.sources.text.passes.doses import doses
from stormwatch.sources.text.passes.drugs import drug_hits
from stormwatch.sources.text.passes.findings import finding_mentions
from stormwatch.sources.text.passes.times import times
from stormwatch.sources.text.passes.values import values
from stormwatch.sources.text.qualifiers import qualified
from stormwatch.sources.text.sentences import Sentence, plain

RULE = "a language model, quote found in the text"
_AROUND = 60


def borne_out(row: Mapping[str, Any], document: Document, span: tuple[int, int]) -> Mention | None:
    """The mention that a quote bears out; None when it does not name the one thing the row claims.

    Name, number, unit and dose are read from the quote by the rules, and so are the qualifiers that stand in it; the
    model's are added to them. Which words tell the time, the model says. A name or number that is part of a longer one
    where it stands is not taken.
    """
    start, end = span
    text = document.text
    quote = Sentence(plain(text[start:end]), start, end, "body")
    said, time = _qualifiers(row.get("qualifiers")), _time(row.get("time"), text)
    match row.get("kind"):
        case Kind.LAB:
            return _lab(quote, text, time, said)
        case Kind.DRUG:
            return _drug(quote, text, time, said)
        case Kind.FINDING | Kind.DISEASE:
            return _named(row.get("name"), quote, text, time, said)
    return None


def _lab(quote: Sentence, text: str, time: str, said: frozenset[Qualifier]) -> Mention | None:
    names, numbers = list(_tests().find(quote.text)), list(values(quote.text))
    if len(names) != 1 or len(numbers) != 1:
        return None
    around, before = _around(quote, text)
    here = [v for v in values(around) if v.start < before + len(quote.text) and before < v.end]
    meaning = amount(names[0].id, numbers[0])
    if meaning is None or len(here) != 1 or amount(names[0].id, here[0]) != meaning:
        return None
    return Mention(
        Kind.LAB, meaning.analyte, quote.start, quote.end, quote.text, RULE, value=meaning.value, time=time,
        qualifiers=said, flags=meaning.flags,
    )  # fmt: skip


def _drug(quote: Sentence, text: str, time: str, said: frozenset[Qualifier]) -> Mention | None:
    names, found = drug_hits(quote.text), [dose.text for dose in doses(quote.text)]
    around, before = _around(quote, text)
    here = [d.text for d in doses(around) if d.start < before + len(quote.text) and before < d.end]
    if len(names) != 1 or len(found) > 1 or found != here:
        return None
    named = Mention(Kind.DRUG, names[0].id, quote.start + names[0].start, quote.start + names[0].end, "", RULE)
    (read,) = qualified(quote, [named])
    return replace(
        read, start=quote.start, end=quote.end, text=quote.text, word="".join(found), time=time,
        qualifiers=read.qualifiers | said,
    )  # fmt: skip


def _named(name: object, quote: Sentence, text: str, time: str, said: frozenset[Qualifier]) -> Mention | None:
    """A finding or a disease, as the rules have it; of several in the quote the one that the model names."""
    named = list(qualified(quote, list(finding_mentions(quote))))
    if len(named) > 1:
        meant = {m.name for m in finding_mentions(Sentence(plain(str(name)), 0, len(str(name)), "body"))}
        named = [m for m in named if m.name in meant]
    around, before = _around(quote, text)
    there = finding_mentions(Sentence(around, quote.start - before, quote.end, "body"))
    here = [(m.name, m.start) for m in there]
    if len(named) != 1 or (named[0].name, named[0].start) not in here:
        return None
    return replace(named[0], rule=RULE, time=time, qualifiers=named[0].qualifiers | said)


def _around(quote: Sentence, text: str) -> tuple[str, int]:
    """The quote with a little of the text on both sides, and how much is before it."""
    first = max(0, quote.start - _AROUND)
    return plain(text[first : quote.end + _AROUND]), quote.start - first


def _qualifiers(said: object) -> frozenset[Qualifier]:
    names: Iterable[object] = said if isinstance(said, list) else ()
    return frozenset(Qualifier(name) for name in names if isinstance(name, str) and name in set(Qualifier))


def _time(said: object, text: str) -> str:
    """The time in its plain form, where those words are in the text."""
    if not isinstance(said, str) or not said.strip() or said not in text:
        return ""
    return next((time.plain for time in times(plain(said))), "")


@cache
def _tests() -> Lexicon:
    return Lexicon(flat(data("analytes.toml")))
