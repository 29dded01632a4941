"""What was done with a drug: withheld, stopped, given, restarted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from stormwatch.sources.text.lexicon import Hit, data
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.passes.doses import doses
from stormwatch.sources.text.passes.drugs import SUSPECT_ASSUMED, drug_hits
from stormwatch.sources.text.sentences import Sentence

_PASSIVE = re.compile(
    r"\b(?:was|were|been|be|being|is|are|and|then|but|not|subsequently|later|finally|,)\s+(?:(?!started|given)\w+ly\s+|not\s+|then\s+|also\s+|again\s+|therefore\s+|subsequently\s+|on\s+)*$|[,]\s*$",
    re.IGNORECASE,
)
_RIGHT = re.compile(
    r"(?:\s|\(|\b(?:on|with|of|to|both|the|a|an|single|intravenous|IV|oral|high|low|dose|doses|dosage|infusion|infusions|therapy|treatment|cycle|cycles|her|his|first|second|third|two|three|four|another|further|additional|one|pulse|subcutaneous|empirical|"
    r"empiric|broad|spectrum|combination|commercial|drug|weekly|daily|days?|in|at|by|up|course|courses|again|pulses|full|reduced|escalating|step-up|continuous|been|prompt|early|immediate)\b|-|\d+)*",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?:\s|,|;|/|\+|&|\(|\)|\b(?:and|or|plus|with|as well as|then|followed|by|both|together|"
    r"in combination|along|single|dose|of|intravenous|IV|oral|once|daily|for|days?|a|the|"
    r"every|hours?|high|low|twice|h|weekly|started|weeks?|three|two|at|on|was|were|SC|"
    r"PO|given|five|four|six|one)\b|\d+)*",
    re.IGNORECASE,
)
_THE_DRUG = re.compile(
    r"\b(?:the|this|study|offending|suspect(?:ed)?|causative)\s+(?:\w+\s+)?(?:drug|agent|infusion|medication|bispecific|antibody|therapy|treatment)\b",
    re.IGNORECASE,
)


_SOMEONE = re.compile(r"\b(?:she|he|they|we|patient|who|which|fever|symptoms|it)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of doing something, in the sentence."""

    start: int
    end: int
    action: str


def intervention_mentions(
    sentence: Sentence, suspect: str = "", short: Mapping[str, str] | None = None
) -> Iterator[Mention]:
    """Interventions of a sentence, one for each drug they are about. "The drug" is the report's only suspect drug."""
    text = _without_doses(sentence.text)
    cues, drugs = list(_cues(text)), drug_hits(sentence.text, short)
    last: list[Hit] = []
    for at, cue in enumerate(cues):
        floor = cues[at - 1].end if at else 0
        ceiling = cues[at + 1].start if at + 1 < len(cues) else len(text)
        targets = _targets(text, cue, drugs, floor, ceiling)
        if (
            not targets
            and last
            and re.fullmatch(r"[^;.]{0,60}", text[floor : cue.start])
            and _goes_on(text, floor, cue, drugs)
        ):
            targets = last
        if targets:
            last = targets
            yield from (_mention(sentence, cue, hit.id) for hit in targets)
        elif suspect and _THE_DRUG.search(text, floor, min(ceiling, cue.end + 40)):
            yield _mention(sentence, cue, suspect, (SUSPECT_ASSUMED,))


def with_actions(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions of a sentence, each drug with what is done with it there in its details."""
    done: dict[str, list[str]] = {}
    for mention in mentions:
        if mention.kind is Kind.INTERVENTION:
            done.setdefault(mention.word, []).append(mention.name)
    return [
        replace(m, details=(*m.details, ("actions", " ".join(done[m.name]))))
        if m.kind is Kind.DRUG and m.name in done
        else m
        for m in mentions
    ]


def _without_doses(text: str) -> str:
    """The text with its doses blanked, so that they are no obstacle between a drug and what was done with it."""
    chars = list(text)
    for dose in doses(text):
        chars[dose.start : dose.end] = " " * (dose.end - dose.start)
    return "".join(chars)


def _cues(text: str) -> Iterator[Cue]:
    at = 0
    while match := _pattern().search(text, at):
        action = match.lastgroup or ""
        yield Cue(match.start(), match.end(), action)
        at = match.end()


def _targets(text: str, cue: Cue, drugs: list[Hit], floor: int, ceiling: int) -> list[Hit]:
    """Of a passive the drugs before the cue ("X was stopped"), and those given with them; else the drugs behind it."""
    right = [d for d in drugs if cue.end <= d.start < ceiling]
    left = _subjects(text, cue, [d for d in drugs if floor <= d.start and d.end <= cue.start])
    if left:
        with_them = right and re.fullmatch(
            r"\s*(?:together |along |concurrently |in combination )?(?:with|plus)\s+", text[cue.end : right[0].start]
        )
        return [*left, *(_run(text, right) if with_them else [])]
    return _run(text, right) if right and _RIGHT.fullmatch(text, cue.end, right[0].start) else []


def _subjects(text: str, cue: Cue, left: list[Hit]) -> list[Hit]:
    """The drugs that are the subject of a passive; none when a person or something else is."""
    if not left or text[cue.start : cue.end].casefold().endswith((" of", "ing")):
        return []
    between = text[left[-1].end : cue.start]
    passive = _PASSIVE.search(text[: cue.start]) or not between.strip()
    if not passive or len(between) > 70 or ";" in between or _SOMEONE.search(between):
        return []
    if not between.strip() and text[cue.end - 5 : cue.end].casefold() == "taper":
        return left[-1:]  # a noun: "a prednisone taper" is of this drug alone
    return _run(text, left[::-1], backward=True)[::-1]


def _run(text: str, drugs: list[Hit], *, backward: bool = False) -> list[Hit]:
    """The first drug and those in a row with it."""
    run = [drugs[0]]
    for drug in drugs[1:]:
        first, second = (drug, run[-1]) if backward else (run[-1], drug)
        if not _LIST.fullmatch(text, first.end, second.start):
            break
        run.append(drug)
    return run


def _goes_on(text: str, floor: int, cue: Cue, drugs: list[Hit]) -> bool:
    """Whether the cue goes on with the same drug: "was tapered over two weeks and then stopped"."""
    joined = re.search(r"(?:\band\b|\bthen\b|,|\bbut\b)[^,;]*$", text[floor : cue.start])
    return joined is not None and not any(floor <= d.start < cue.start for d in drugs)


def _mention(sentence: Sentence, cue: Cue, drug: str, flags: tuple[str, ...] = ()) -> Mention:
    return Mention(
        Kind.INTERVENTION, cue.action, sentence.start + cue.start, sentence.start + cue.end,
        sentence.text[cue.start : cue.end], "a word of doing something with a drug", word=drug, flags=flags,
    )  # fmt: skip


@cache
def _pattern() -> re.Pattern[str]:
    groups = (
        f"(?P<{action}>{'|'.join(sorted(words, key=len, reverse=True))})"
        for action, words in data("interventions.toml").items()
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(groups)})(?![\w-])", re.IGNORECASE)
