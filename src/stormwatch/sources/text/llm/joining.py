"""Two readings of one report as one, in which every fact says who read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from stormwatch.sources.text.mention import READ_BY, RULES_AND, Kind, Mention, Qualifier
from stormwatch.sources.text.patients import with_patients
from stormwatch.sources.text.qualifiers import is_about_literature, qualified
from stormwatch.sources.text.reading import Reading
from stormwatch.sources.text.sentences import Sentence, sentences


def together(rules: Reading, model: Reading, name: str) -> Reading:
    """The reading of the rules with what only the model of this name found.

    What both found stands once, as the rules read it; where the model reads it otherwise a flag says so. A fact that
    only the model found takes its patient from its place in the text, and the qualifiers that the rules see there
    besides the model's own: whoever doubts it is heard.
    """
    mentions, only = list(rules.mentions), []
    for mention in model.mentions:
        place = _same(mentions, mention)
        if place is None:
            only.append(mention)
        else:
            mentions[place] = _by_both(mentions[place], mention, name)
    parts = sentences(rules.document)
    alone = [_by_model(mention, parts, name) for mention in _once(only)]
    # Ages that the rules read tell patients apart, so both are looked at together.
    placed = with_patients(parts, _ordered([*mentions, *alone]))
    mentions += [mention for mention in placed if readers(mention) == name]
    return Reading(rules.document, tuple(_ordered(mentions)))


def readers(mention: Mention) -> str:
    """Who read it, where more than the rules were asked; else an empty text."""
    return mention.detail(READ_BY)


def by_both(reading: Reading) -> int:
    """How many facts of a reading the rules and a model found."""
    return sum(bool(readers(m)) and not m.by_model_alone for m in reading.mentions)


def by_model_alone(reading: Reading) -> int:
    """How many facts of a reading no rule found."""
    return sum(m.by_model_alone for m in reading.mentions)


def _same(mentions: Sequence[Mention], mention: Mention) -> int | None:
    """The place of the same thing at the same words: one that agrees, else the first."""
    found = [
        place
        for place, other in enumerate(mentions)
        if (other.kind, other.name) == (mention.kind, mention.name) and _overlap(other, mention)
    ]
    agreeing = (place for place in found if not _difference(mentions[place], mention))
    return next(agreeing, found[0] if found else None)


def _overlap(one: Mention, other: Mention) -> bool:
    return one.start < other.end and other.start < one.end


def _difference(rules: Mention, model: Mention) -> str:
    """In what the model reads a fact otherwise; a drug without its dose is no difference."""
    if model.kind is Kind.LAB and rules.value != model.value:
        return "value"
    if model.kind is Kind.DRUG and model.word and rules.word != model.word:
        return "dose"
    return "qualifiers" if rules.qualifiers != model.qualifiers else ""


def _by_both(rules: Mention, model: Mention, name: str) -> Mention:
    difference = _difference(rules, model)
    flags = (*rules.flags, f"{name} reads its {difference} otherwise") if difference else rules.flags
    kept = tuple(detail for detail in rules.details if detail[0] != READ_BY)
    return replace(rules, details=(*kept, (READ_BY, f"{RULES_AND}{name}")), flags=tuple(dict.fromkeys(flags)))


def _by_model(mention: Mention, parts: Sequence[Sentence], name: str) -> Mention:
    sentence = next((part for part in parts if part.start <= mention.start < part.end), None)
    if sentence is not None:
        (mention,) = qualified(sentence, [mention])
        if is_about_literature(sentence):
            mention = replace(mention, qualifiers=mention.qualifiers | {Qualifier.LITERATURE})
    return replace(mention, details=(*mention.details, (READ_BY, name)))


def _once(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Each fact at its words once, however often the model tells it."""
    kept: list[Mention] = []
    for mention in mentions:
        if _same(kept, mention) is None:
            kept.append(mention)
            yield mention


def _ordered(mentions: Sequence[Mention]) -> list[Mention]:
    return sorted(mentions, key=lambda m: (m.start, m.end))
