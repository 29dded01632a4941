"""The differential table: for each diagnosis the facts that speak for it, against it, and what was never measured.

It lists; it does not rank and has no weights. Every question is an item of a published instrument, or a statement of
the record, with its source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stormwatch.course.differential_file import (
    DiagnosisFile,
    Feature,
    Note,
    instrument_of,
    node_of,
    source_of,
    table,
    window_rule,
)
from stormwatch.course.episodes import Episode
from stormwatch.course.situations import answers
from stormwatch.course.thinning import thinned
from stormwatch.engines.readings import Readings, knowledge
from stormwatch.explain.words import amount, fact_words, name_of
from stormwatch.facts import Fact, Interval, Timeline, plain, usable_from
from stormwatch.logic import nodes as n
from stormwatch.logic.inputs import Input, LabInput, Relative
from stormwatch.logic.knowledge import open_inputs
from stormwatch.logic.sweep import shifted
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that speaks for or against a diagnosis, the facts that say it, and where the question is published."""

    text: str
    facts: tuple[Fact, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One row of the table. ``undecided`` are questions the record touches and does not settle."""

    id: str
    title: str
    speaks_for: tuple[Line, ...]
    speaks_against: tuple[Line, ...]
    never_measured: tuple[str, ...]
    source: str
    undecided: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()


def differential(
    timeline: Timeline, start: datetime, stop: datetime, readings: Readings | None = None
) -> tuple[Diagnosis, ...]:
    """The table for a stretch of time, on what was known in it.

    A question speaks by being met at any moment of the stretch, or by being certainly not met and never met. Each
    looks back as its instrument does. A missing value speaks neither way: it stands under ``never_measured``.
    ``readings`` are those of the timeline, where they have been taken already.

    >>> import stormwatch as sw
    >>> record = sw.answers({"ferritin": "10749 ng/mL"})
    >>> row = differential(record, record.end, record.end)[1]
    >>> row.id, [line.text for line in row.speaks_for]
    ('mas_hlh', ['hlh-2004, Ferritin: met (ferritin 10749 ng/mL)'])
    """
    record = readings or Readings(timeline)
    return tuple(_diagnosis(row, record, start, stop) for row in table())


def window(episodes: Sequence[Episode], until: datetime) -> tuple[datetime, datetime]:
    """The stretch the table looks at: around the latest episodes that overlap; without any, the last days.

    >>> from datetime import UTC
    >>> start, stop = window((), datetime(2024, 1, 8, tzinfo=UTC))
    >>> start.isoformat()
    '2024-01-01T00:00:00+00:00'
    """
    rule = window_rule()
    certain = sorted((one for one in episodes if one.certain), key=lambda one: one.stop, reverse=True)
    if not certain:
        return shifted(until, -timedelta(days=rule.days_without_episode)), until
    start, stop = certain[0].onset, certain[0].stop
    for one in certain:
        if one.stop >= start:
            start = min(start, one.onset)
    return shifted(start, -timedelta(days=rule.days_before)), min(stop, until)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a question came to over a stretch of time."""

    feature: Feature
    answer: Truth
    facts: tuple[Fact, ...]
    value: Truth | Interval
    open: tuple[str, ...] = ()


def _diagnosis(row: DiagnosisFile, record: Readings, start: datetime, stop: datetime) -> Diagnosis:
    seen = [_seen(feature, record, start, stop) for feature in row.features]
    unsettled = [one for one in seen if one.answer is Truth.UNKNOWN]
    return Diagnosis(
        id=row.id,
        title=row.title,
        speaks_for=tuple(_line(one) for one in seen if _direction(one) == "for"),
        speaks_against=tuple(_line(one) for one in seen if _direction(one) == "against"),
        never_measured=tuple(dict.fromkeys(name for one in unsettled for name in one.open)),
        source=row.source,
        undecided=tuple(_line(one) for one in unsettled if one.facts),
        notes=row.notes,
    )


def _direction(one: _Seen) -> str:
    if one.answer is Truth.UNKNOWN:
        return ""
    return one.feature.met if one.answer is Truth.MET else one.feature.not_met


def _line(one: _Seen) -> Line:
    said = "; ".join(dict.fromkeys(fact_words(fact) for fact in one.facts)) if one.feature.item else ""
    return Line(f"{_name(one.feature)}: {_worth(one)}{f' ({said})' if said else ''}", one.facts, source_of(one.feature))


def _name(feature: Feature) -> str:
    node = node_of(feature)
    title = node.title if isinstance(node, n.TruthItem | n.NumberItem) else "verdict"
    return title if feature.instrument == "record" else f"{feature.instrument}, {title}"


def _worth(one: _Seen) -> str:
    """The answer in words; points and grades with their number, which is the highest that was certain."""
    if isinstance(one.value, Truth):
        return "not settled" if one.answer is Truth.UNKNOWN else one.value.value
    unit = instrument_of(one.feature).definition.result.unit or "points"
    worth = plain(one.value.low) if one.answer is Truth.MET else amount(one.value)
    return f"{unit} {worth}" if unit == "grade" else f"{worth} {unit}"


# --- one question over a stretch of time -------------------------------------------------------------------------


def _seen(feature: Feature, record: Readings, start: datetime, stop: datetime) -> _Seen:
    node = node_of(feature)
    found = answers(node, record, start, stop)
    answer = _standing(feature, [one.truth for one in found.given])
    value = max((one.value for one in found.given if one.truth is answer), key=_height)
    if answer is Truth.UNKNOWN:
        touched = (fact for which in node.inputs for fact in _facts(record, which, start, stop))
        return _Seen(feature, answer, thinned(touched, node), value, tuple(_never(node, record, start, stop)))
    return _Seen(feature, answer, thinned(found.facts[answer], node), value)


def _standing(feature: Feature, found: Sequence[Truth]) -> Truth:
    """The answer that stands for the whole stretch; unknown only when no moment settles the question."""
    settled = [answer for answer in found if answer is not Truth.UNKNOWN]
    if not settled:
        return Truth.UNKNOWN
    if feature.counts == "last":
        return settled[-1]
    wanted = Truth.MET if feature.counts == "met" else Truth.NOT_MET
    return wanted if wanted in settled else settled[-1]


def _height(value: Truth | Interval) -> float:
    return 0.0 if isinstance(value, Truth) else float(value.low)


def _facts(record: Readings, which: Input, start: datetime, stop: datetime) -> Iterator[Fact]:
    """Every fact that answered an input at some moment of the stretch."""
    yield from record.reading(which, start).facts
    yield from (fact for step in record.between(which, start, stop) for fact in step.reading.facts)


def _never(node: n.Node, record: Readings, start: datetime, stop: datetime) -> Iterator[str]:
    """The open inputs for which the stretch holds nothing at all, in words."""
    readings = record.readings(node.inputs, stop)
    for which in sorted(open_inputs(node, knowledge(readings)), key=repr):
        if not any(_facts(record, which, start, stop)):
            yield _missing_name(which, record, start, stop)


def _missing_name(which: Input, record: Readings, start: datetime, stop: datetime) -> str:
    """A value that was measured and has no limit or baseline to compare with is not 'never measured'."""
    if isinstance(which, LabInput) and which.relative_to:
        since = shifted(start, -(which.within or timedelta(0)))
        measured = record.timeline.measurements.get(which.analyte, ())
        if any(since < one.time.latest and usable_from(one) <= stop for one in measured):
            return f"{_NEEDED[which.relative_to]} of {name_of(which)}"
    return name_of(which)


_NEEDED = {
    Relative.ULN: "upper reference limit",
    Relative.LLN: "lower reference limit",
    Relative.BASELINE: "value before treatment",
}
