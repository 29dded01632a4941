"""What is known of one case, in words that two cases can be compared by: a record's or a published report's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from stormwatch import analytes, terms
from stormwatch.facts import Exposure, Finding, Given, Interval, Level, Limit, Measurement, Timeline
from stormwatch.logic.evaluate import holds
from stormwatch.logic.nodes import Op
from stormwatch.logic.truth import Truth
from stormwatch.sources.text import Document, Kind, Reading, timeline_of
from stormwatch.sources.text.timeline import LABEL as RELATIVE

Statement = tuple[str, str]
"""Of what kind a fact is (``person``, ``finding``, ``level``, ``drug``, ``course``), and what it is about."""

_COURSE = frozenset({"response", "recurrence", "dechallenge", "rechallenge", "outcome"})
_ADULT = 18


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``facts`` says of each statement what is told of it; what nobody told is not in it.

    ``drugs`` were given, ``events`` are diseases stated to be so. ``year`` is that of publication, or of the record's
    end; None when it is not known. ``prior_reports`` is how many earlier ones the report itself speaks of.
    """

    facts: Mapping[Statement, frozenset[str]]
    drugs: frozenset[str]
    events: frozenset[str]
    year: int | None = None
    document: Document | None = None
    patient: str = ""
    prior_reports: str = ""


def case_of_record(timeline: Timeline) -> Case:
    """The case of a record.

    >>> from stormwatch.testing.records import given, record, stated
    >>> sorted(case_of_record(record([given("blinatumomab", 0), stated("fever", 5)])).facts)
    [('drug', 'blinatumomab'), ('finding', 'fever')]
    """
    year = timeline.end.year if timeline.end is not None and RELATIVE not in timeline.labels else None
    return Case(_gathered(_of_timeline(timeline)), _given(timeline), _present(timeline), year)


def case_of_report(reading: Reading, patient: str | None = None) -> Case:
    """The case of one patient of a report. Raises as ``timeline_of``."""
    timeline = timeline_of(reading, patient)
    own = {"", "all", timeline.patient.id}
    stated = [m for m in reading.mentions if m.stated and m.patient in own]
    said = [*_of_timeline(timeline)]
    said += [(("level", m.name), m.word) for m in stated if m.kind is Kind.LEVEL and m.word in _DIRECTIONS]
    said += [(("course", m.name), m.word) for m in stated if m.kind is Kind.COURSE and m.name in _COURSE and m.word]
    prior = next((m.word for m in reading.mentions if m.kind is Kind.COURSE and m.name == "prior_reports"), "")
    return Case(
        _gathered(said),
        _given(timeline) | {m.name for m in stated if m.kind is Kind.DRUG and m.name in terms.classes()},
        _present(timeline) | {m.name for m in stated if m.kind is Kind.DISEASE},
        reading.document.year,
        reading.document,
        timeline.patient.id,
        prior,
    )


def told(statement: Statement) -> str:
    """The words for what a statement is about, such as ``ferritin``."""
    kind, name = statement
    titles: dict[str, Callable[[], str]] = {
        "finding": lambda: terms.findings()[name].title if name in terms.findings() else name,
        "drug": lambda: terms.drugs()[name].title if name in terms.drugs() else name,
        "level": lambda: analytes.analyte(name).title if name in analytes.catalogue() else name,
    }
    return titles.get(kind, lambda: name)().replace("_", " ")


_DIRECTIONS = frozenset({"high", "low", "normal"})
_Said = tuple[Statement, str]


def _gathered(said: list[_Said] | Iterator[_Said]) -> dict[Statement, frozenset[str]]:
    found: defaultdict[Statement, set[str]] = defaultdict(set)
    for statement, word in said:
        found[statement].add(word)
    return {statement: frozenset(words) for statement, words in found.items()}


def _of_timeline(timeline: Timeline) -> Iterator[_Said]:
    if timeline.patient.sex:
        yield ("person", "sex"), timeline.patient.sex
    yield from _age(timeline)
    for fact in timeline.facts:
        if isinstance(fact, Finding):
            yield ("finding", fact.name), "present" if fact.present else "absent"
        elif isinstance(fact, Exposure):
            if fact.given is not Given.ORDERED:
                yield ("drug", fact.drug), fact.given.value
        elif direction := _direction(fact):
            yield ("level", fact.analyte), direction


def _age(timeline: Timeline) -> Iterator[_Said]:
    years = timeline.patient.age_years(timeline.end) if timeline.end is not None else None
    if years is not None and (years[0] >= _ADULT or years[1] < _ADULT):
        yield ("person", "age group"), "adult" if years[0] >= _ADULT else "child"


def _direction(fact: Measurement | Level) -> str:
    """High, low or normal where the reference limits say so for certain; empty otherwise."""
    above, below = _over(fact, Limit.ULN), _over(fact, Limit.LLN)
    if above is not None and holds(above, Op.ABOVE, 1) is Truth.MET:
        return "high"
    if below is not None and holds(below, Op.BELOW, 1) is Truth.MET:
        return "low"
    inside = above is not None and holds(above, Op.AT_MOST, 1) is Truth.MET
    return "normal" if inside and below is not None and holds(below, Op.AT_LEAST, 1) is Truth.MET else ""


def _over(fact: Measurement | Level, limit: Limit) -> Interval | None:
    if isinstance(fact, Level):
        return fact.value if fact.relative_to is limit else None
    number = fact.high if limit is Limit.ULN else fact.low
    return fact.value.affine(1 / number) if number is not None and number > 0 else None


def _given(timeline: Timeline) -> frozenset[str]:
    return frozenset(one.drug for one in timeline.exposures if one.given is Given.GIVEN)


def _present(timeline: Timeline) -> frozenset[str]:
    return frozenset(name for name, said in timeline.findings.items() if any(one.present for one in said))
