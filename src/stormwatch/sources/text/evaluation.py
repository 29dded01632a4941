"""How well reports are read: what was read, held against what a person labelled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stormwatch.facts import Interval, Number
from stormwatch.sources.text.mention import Kind, Mention
from stormwatch.sources.text.reading import Reading, read_prose

Reader = Callable[[str], Reading]
_DERIVED = frozenset({"dechallenge", "rechallenge"})
_QUALIFIED = frozenset({Kind.FINDING, Kind.DISEASE, Kind.DRUG, Kind.LEVEL, Kind.INTERVENTION})
_TIMED = frozenset({Kind.LAB, Kind.FINDING})


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled fact: its kind, name and value, the quote and where it begins, its time, qualifiers and patient."""

    kind: Kind
    name: str
    quote: str
    start: int
    value: str = ""
    time: str = ""
    qualifiers: frozenset[str] = frozenset()
    patient: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text. ``kinds`` are those of which every fact is labelled."""

    name: str
    text: str
    kinds: frozenset[Kind]
    labels: tuple[Label, ...]


@dataclass(slots=True)
class Count:
    """What was right, what was read and is not there, and what was missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


@dataclass(slots=True)
class Score:
    """Counts by row of the table, the differences in words, and how many spans do not hold what they claim."""

    rows: dict[str, Count] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    invented: int = 0
    mentions: int = 0

    def row(self, name: str) -> Count:
        return self.rows.setdefault(name, Count())


def examples(folder: Path) -> Iterator[Example]:
    """The labelled texts of one part of the corpus: passages, divided by blank lines, and whole cases."""
    for path in sorted(folder.glob("passages/*.txt")):
        labelled = json.loads(path.with_suffix(".json").read_text("utf-8"))
        texts = path.read_text("utf-8").rstrip("\n").split("\n\n")
        for number, (text, labels) in enumerate(zip(texts, labelled["passages"], strict=True), 1):
            yield _example(f"{path.stem} {number}", text, labelled["kinds"], labels)
    for path in sorted(folder.glob("cases/*.txt")):
        labelled = json.loads(path.with_suffix(".json").read_text("utf-8"))
        yield _example(path.stem, path.read_text("utf-8"), labelled["kinds"], labelled["labels"])


def evaluate(found: Iterable[Example], reader: Reader = read_prose) -> Score:
    """Read every example and count. Each row counts exactly: name, value and place must agree.

    A further mention of something that is labelled once in the same text is not counted again. Sex is counted once a
    text. Qualifiers and times are counted on the mentions that were found.
    """
    score = Score()
    for example in found:
        reading = reader(example.text)
        score.mentions += len(reading.mentions)
        score.invented += sum(not _holds(reading.document.text, m) for m in reading.mentions)
        _compare(example, _counted(example, reading.mentions), score)
    return score


def _example(name: str, text: str, kinds: Sequence[str], labels: Sequence[dict[str, Any]]) -> Example:
    made = tuple(
        Label(Kind(x["kind"]), x["name"], x["quote"], x["start"], x.get("value", ""), x.get("time", ""),
              frozenset(x.get("qualifiers", ())), x.get("patient", ""))
        for x in labels
    )  # fmt: skip
    return Example(name, text, frozenset(Kind(kind) for kind in kinds), made)


def _holds(text: str, mention: Mention) -> bool:
    """Whether the span of a mention holds its text, white space apart."""
    written = text[mention.start : mention.end]
    return bool(written.strip()) and len(written) == len(mention.text)


def _counted(example: Example, mentions: Sequence[Mention]) -> list[Mention]:
    chosen = [m for m in mentions if m.kind in example.kinds and m.name not in _DERIVED]
    sexes: Counter[str] = Counter()
    found = []
    for mention in chosen:
        if mention.kind is Kind.SEX:
            sexes[mention.name] += 1
            if sexes[mention.name] > 1:
                continue
        found.append(mention)
    return found


def _compare(example: Example, mentions: list[Mention], score: Score) -> None:
    left = list(mentions)
    for label in example.labels:
        same = [m for m in left if m.kind is label.kind and m.name == label.name and _meets(m, label)]
        exact = next((m for m in same if agrees(m, label)), None)
        if exact is not None:
            left.remove(exact)
        _count(score, example, label, exact, next(iter(same), None))
    labelled = {(x.kind, x.name) for x in example.labels}
    for mention in left:
        again = (mention.kind, mention.name) in labelled and mention.kind is not Kind.LAB and not _dose(mention)
        if not again:
            for row in _rows(mention.kind, bool(_dose(mention))):
                score.row(row).wrong += 1
            score.differences.append(f"{example.name}: not labelled: {_shown(mention)}")


def _count(score: Score, example: Example, label: Label, exact: Mention | None, near: Mention | None) -> None:
    with_dose = label.kind is Kind.DRUG and bool(label.value)
    for row in _rows(label.kind, with_dose):
        count = score.row(row)
        if exact is None:
            count.missed += 1
        else:
            count.right += 1
    if exact is None:
        seen = f"; read: {_shown(near)}" if near else ""
        score.differences.append(
            f"{example.name}: missed: {label.kind} {label.name} = {label.value} | {label.quote}{seen}"
        )
    found = exact or near
    if found is not None:
        _count_around(score, example, label, found)


def _count_around(score: Score, example: Example, label: Label, found: Mention) -> None:
    """Qualifiers, time and patient of a mention that was found."""
    if label.kind in _QUALIFIED:
        _count_sets(score, "qualifiers", label.qualifiers, {q.value for q in found.qualifiers}, example, label)
    if label.kind in _TIMED:
        _count_sets(score, "timing", {label.time} - {""}, {found.time} - {""}, example, label)
    if label.patient:
        _count_sets(score, "patient", {label.patient}, {found.patient} - {""}, example, label)


def _count_sets(
    score: Score, row: str, want: Iterable[str], got: Iterable[str], example: Example, label: Label
) -> None:
    wanted, given = set(want), set(got)
    count = score.row(row)
    count.right += len(wanted & given)
    count.wrong += len(given - wanted)
    count.missed += len(wanted - given)
    if wanted != given:
        difference = f"{sorted(wanted)} read as {sorted(given)}"
        score.differences.append(f"{example.name}: {row}: {label.name} | {label.quote}: {difference}")


def _rows(kind: Kind, with_dose: bool) -> tuple[str, ...]:
    return (kind.value, "drug with dose") if kind is Kind.DRUG and with_dose else (kind.value,)


def _dose(mention: Mention) -> str:
    return mention.word if mention.kind is Kind.DRUG else ""


def _meets(mention: Mention, label: Label) -> bool:
    if mention.kind is Kind.SEX:
        return True
    return mention.start < label.start + len(label.quote) and label.start < mention.end


def agrees(mention: Mention, label: Label) -> bool:
    """Whether name and value are the same, to six digits."""
    if label.kind is Kind.DRUG:
        return mention.word == label.value
    if label.kind in (Kind.LAB, Kind.SCORE) or (label.kind is Kind.AGE and mention.value is not None):
        return same_interval(mention.value, label.value)
    if label.kind is Kind.LEVEL and label.value not in ("high", "low", "normal"):
        return same_interval(mention.value, label.value)
    return not label.value or mention.word == label.value


def same_interval(value: Interval | None, text: str) -> bool:
    """Whether a value is what a label says: ``12``, ``>40``, ``<5``, ``3..5``, or ``?`` for none.

    >>> same_interval(Interval.above(40), ">40"), same_interval(None, "?")
    (True, True)
    """
    if value is None or text == "?":
        return value is None and text == "?"
    if text[0] in "<>":
        end, other = (value.low, value.high) if text[0] == ">" else (value.high, value.low)
        return _near(end, float(text[1:])) and (other in (float("inf"), float("-inf"), 0))
    low, _, high = text.partition("..")
    return _near(value.low, float(low)) and _near(value.high, float(high or low))


def _near(one: Number, other: float) -> bool:
    return abs(float(one) - other) <= 1e-5 * max(1.0, abs(other))


def _shown(mention: Mention) -> str:
    value = f" = {mention.value}" if mention.value is not None else ""
    return f"{mention.kind} {mention.name}{value} {mention.word} | {mention.text}"
