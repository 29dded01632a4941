"""Laboratory and bedside values: which number belongs to which test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import pairwise

from stormwatch.sources.text.lexicon import Hit, Lexicon, data, flat
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.passes.amounts import Amount, amount, limit_of
from stormwatch.sources.text.passes.limits import Limit, limits
from stormwatch.sources.text.passes.times import times
from stormwatch.sources.text.passes.values import Value, values
from stormwatch.sources.text.sentences import Sentence

_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_LIST = re.compile(r"(?:\s|,|/|&|\band\b|\bor\b|\blevels?\b|\bcounts?\b|\bvalues?\b|\bserum\b)*", re.IGNORECASE)
_NEXT = re.compile(
    r"\s*(?:$|[.,;:)\](]|/|and\b|on\b|at\b|with\b|by\b|in\b|which\b|then\b|after\b|before\b|respectively\b|were\b|was\b)"
)
_NEAR = re.compile(
    r"[\s:=(,]*(?:levels?|counts?|values?|scores?|ratio)?\s*(?:was|were|is|of|at|to|=|:|-|,)?\s*(?:only|about|approximately|~)?\s*\(?\s*"
)
_FARTHEST = 110
_PRONOUN = re.compile(r"\b(?:it|its level|the level|the value|levels?|which)\b", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:$|[.,;)]|and\b)")
_COUNTED = frozenset({"wbc", "platelets", "neutrophils", "lymphocytes"})
_NO_BARE = frozenset({"temperature", "heart_rate", "respiratory_rate", "spo2", "sbp", "dbp", "map", "weight", "height"})


# Two tests that share their last word: "direct and total bilirubin".
_SHARED = re.compile(r"\b(?P<first>total|direct|conjugated)\s*(?:and|/|,)\s*[tdc]$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bound:
    """A value and the name it was bound to."""

    name: Hit
    value: Value
    amount: Amount


def lab_mentions(sentence: Sentence, before: Hit | None = None) -> tuple[list[Mention], Hit | None]:
    """The values of a sentence, and its last test, to which "it" in the next sentence may point back."""
    text = sentence.text
    names = list(_names().find(text))
    printed = limits(text)
    apart = [(limit.start, limit.end) for limit in printed] + [(time.start, time.end) for time in times(text)]
    found = _sharing(text, [v for v in values(text) if not any(start <= v.start < end for start, end in apart)])
    bound = list(_bind(text, names, found, before))
    mentions = [_mention(sentence, each, printed) for each in bound]
    ours = [name for name in names if name.id]
    return mentions, (ours[-1] if ours else before)


def _sharing(text: str, found: list[Value]) -> list[Value]:
    """Values in a row that ends with a unit share it: "20, 35 and 60 x10^9/L", "900 → 300 ng/mL"."""
    shared = list(found)
    for at in range(len(shared) - 2, -1, -1):
        gap = text[shared[at].end : shared[at + 1].start]
        if not shared[at].unit and not shared[at].pair and re.fullmatch(r"\s*(?:→|->|,|and|,\s*and|then)\s*", gap):
            shared[at] = replace(shared[at], unit=shared[at + 1].unit)
    return shared


def _bind(text: str, names: Sequence[Hit], found: Sequence[Value], before: Hit | None) -> Iterator[Bound]:
    taken: set[int] = set()
    for each in (*_blood_pressures(found), *_counts_before(text, names, found), *_lists(text, names, found)):
        taken.update(v.start for v in found if each.value.start <= v.start < each.value.end)
        yield each
    for value in found:
        alone = None if value.start in taken else _nearest(text, names, value, before)
        if alone is not None:
            yield alone


def _blood_pressures(found: Sequence[Value]) -> Iterator[Bound]:
    """84/42 mmHg is a blood pressure, whoever says so."""
    for upper, lower in pairwise(found):
        if upper.pair and lower.pair and lower.unit == "mmHg" and upper.end <= lower.start <= upper.end + 1:
            whole = replace(upper, end=lower.end)
            for name, one in (("sbp", upper), ("dbp", lower)):
                meaning = amount(name, replace(one, unit="mmHg"))
                if meaning:
                    yield Bound(
                        Hit(upper.start, lower.end, name),
                        whole if name == "sbp" else replace(lower, start=upper.start),
                        meaning,
                    )


def _counts_before(text: str, names: Sequence[Hit], found: Sequence[Value]) -> Iterator[Bound]:
    """Counts that stand before what was counted: "1,300/µL WBC, 30,000/µL platelets"."""
    counted: set[int] = set()
    for value in found:
        behind = next((n for n in names if n.start >= value.end), None)
        if behind is None or not behind.id or text[value.end : behind.start].strip() not in ("", "of"):
            continue
        meaning = (
            amount(behind.id, value) if value.unit.endswith(("/uL", "/L")) and _ENDS.match(text, behind.end) else None
        )
        before = [n for n in names if n.end <= value.start and n.start not in counted]
        if meaning and behind.id in _COUNTED and not (before and _NEAR.fullmatch(text, before[-1].end, value.start)):
            counted.add(behind.start)
            yield Bound(behind, value, meaning)


def _lists(text: str, names: Sequence[Hit], found: Sequence[Value]) -> Iterator[Bound]:
    """Names in a row, then as many values in a row: "AST and ALT were 188 and 142 U/L"."""
    for run in _runs(text, names):
        after = [v for v in found if v.start >= run[-1].end]
        row = _group(text, after)
        group, longer = row[: len(run)], len(row) > len(run)
        if len(run) < 2 or len(group) != len(run) or longer or not _tied(text, run[-1].end, group[0].start, names):
            continue
        shared = [_shared_unit(group, i) for i in range(len(group))]
        meanings = [amount(name.id, value) if name.id else None for name, value in zip(run, shared, strict=True)]
        if all(meanings):
            yield from (Bound(n, v, m) for n, v, m in zip(run, shared, meanings, strict=True) if m)


def _runs(text: str, names: Sequence[Hit]) -> Iterator[list[Hit]]:
    run: list[Hit] = []
    for name in names:
        if run and not _LIST.fullmatch(text, run[-1].end, name.start):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


def _group(text: str, found: Sequence[Value]) -> list[Value]:
    """The first values that stand in a row, with their reference limits or without."""
    group: list[Value] = []
    text = _without_limits(text)
    for value in found:
        if group and not re.fullmatch(r"(?:\s|,|/|;|&|\band\b)*", text[group[-1].end : value.start]):
            break
        group.append(value)
    return group


def _without_limits(text: str) -> str:
    """The text with the printed limits in brackets blanked."""
    chars = list(text)
    for limit in limits(text):
        if text[limit.start] in "([":
            chars[limit.start : limit.end] = " " * (limit.end - limit.start)
    return "".join(chars)


def _shared_unit(group: Sequence[Value], at: int) -> Value:
    """The value with its unit, or with that of the next one that has one."""
    unit = next((value.unit for value in group[at:] if value.unit), "")
    return replace(group[at], unit=group[at].unit or unit)


def _nearest(text: str, names: Sequence[Hit], value: Value, before: Hit | None) -> Bound | None:
    """The closest test before the value that has such a unit, with nothing but known words between."""
    for name in sorted((n for n in names if n.end <= value.start), key=lambda n: -n.end):
        if not name.id or value.start - name.end > _FARTHEST or not _tied(text, name.end, value.start, names):
            break
        meaning = amount(name.id, value)
        if meaning is not None and (value.unit or _bare(text, name, value, meaning)):
            return Bound(name, value, meaning)
        if meaning is None and _NEAR.fullmatch(text, name.end, value.start):
            return None  # it is this test's own value, in a unit that cannot be: no other test's
    if before is not None and value.unit and not any(n.end <= value.start for n in names):
        meaning = amount(before.id, value)
        if meaning and _PRONOUN.search(text, 0, value.start) and _tied(text, 0, value.start, names):
            return Bound(before, value, meaning)
    return None


def _bare(text: str, name: Hit, value: Value, meaning: Amount) -> bool:
    """Whether a number without a unit stands so close to the name that it must be its value."""
    if name.id in _NO_BARE or value.start - name.end > 25:
        return False
    close = _NEAR.fullmatch(text, name.end, value.start) is not None
    return (
        close
        and _NEXT.match(text, value.end) is not None
        and not re.match(r"\s*/\s*\d+ ?(?:mm|HLH)", text[value.end :])
    )


def _tied(text: str, start: int, end: int, names: Sequence[Hit]) -> bool:
    """Whether only connecting words, numbers and names of tests stand between two places."""
    gap = list(text[start:end])
    for name in names:
        for at in range(max(name.start, start), min(name.end, end)):
            gap[at - start] = " " if name.id else "§"
    between = "".join(gap)
    if "§" in between:
        return False
    words = (word.casefold() for word in _WORD.findall(_without_units(between)))
    return all(word in _connecting() or word.endswith("ly") for word in words)


def _without_units(between: str) -> str:
    """The text without the values in it, whose units are no words."""
    chars = list(between)
    for value in values(between):
        chars[value.start : value.end] = " " * (value.end - value.start)
    return "".join(chars)


def _mention(sentence: Sentence, bound: Bound, printed: Sequence[Limit]) -> Mention:
    value, meaning = bound.value, bound.amount
    low, high = _reference(value, bound.name, meaning, printed)
    start, end = sentence.start + value.start, sentence.start + value.end
    peak = _extreme(sentence.text, bound)
    return Mention(
        Kind.LAB,
        meaning.analyte,
        start,
        end,
        sentence.text[value.start : value.end],
        "value of a test",
        value=meaning.value,
        flags=meaning.flags,
        details=(("unit", value.unit), *((("extreme", peak),) if peak else ())),
        low=low,
        high=high,
    )


def _extreme(text: str, bound: Bound) -> str:
    around = text[max(0, min(bound.name.start, bound.value.start) - 12) : bound.value.start].casefold()
    if re.search(r"\bpeak|maxim|highest|\bmax\b", around):
        return "peak"
    return "nadir" if re.search(r"nadir|lowest|minim", around) else ""


def _reference(
    value: Value, name: Hit, meaning: Amount, printed: Sequence[Limit]
) -> tuple[Fraction | None, Fraction | None]:
    """The limits printed just behind the value, or between its name and it, in the canonical unit."""
    for limit in printed:
        if 0 <= limit.start - value.end <= 4 or name.end <= limit.start < value.start:
            unit = limit.unit or value.unit
            return limit_of(meaning.analyte, limit.low, unit), limit_of(meaning.analyte, limit.high, unit)
    return None, None


def test_named(text: str) -> str:
    """The test that a whole text names, such as the first cell of a row; empty when it names none."""
    hits = list(_names().find(text))
    named = sum(hit.end - hit.start for hit in hits)
    return hits[0].id if len({hit.id for hit in hits}) == 1 and named >= len(text.strip()) - 8 else ""


@cache
def _names() -> Lexicon:
    """Tests of the catalogue, words that stand for one of them (thrombocytopenia), and tests that are not ours."""
    words = {n: w["analytes"][0] for w in data("levels.toml")["word"] if len(w["analytes"]) == 1 for n in w["names"]}
    others = dict.fromkeys(data("connect.toml")["others"], "")
    return _WithOthers({**words, **flat(data("analytes.toml"))}, others)


class _WithOthers(Lexicon):
    """A lexicon whose other names are found too, with an empty id."""

    def __init__(self, names: dict[str, str], others: dict[str, str]) -> None:
        super().__init__({**names, **dict.fromkeys(others, "§")})

    def find(self, text: str) -> Iterator[Hit]:
        for hit in super().find(text):
            shared = _SHARED.search(text[: hit.start + 1]) if hit.id.startswith("bilirubin") else None
            if shared and text[hit.start : hit.end].casefold()[0] != shared["first"].casefold()[0]:
                total = shared["first"].casefold() == "total"
                yield Hit(shared.start(), shared.end("first"), "bilirubin_total" if total else "bilirubin_direct")
            yield replace(hit, id="") if hit.id == "§" else hit


@cache
def _connecting() -> frozenset[str]:
    return frozenset(data("connect.toml")["words"].split())
