"""The reference engine: plain Python, one patient, explains itself. It is the specification of what a result means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from stormwatch._version import version
from stormwatch.engines.readings import Readings, knowledge
from stormwatch.engines.result import Assessment, Moment, Track
from stormwatch.facts import Interval
from stormwatch.instruments.instrument import Instrument, Item, Statement
from stormwatch.logic import nodes as n
from stormwatch.logic.evaluate import bounds, truth
from stormwatch.logic.inputs import Input
from stormwatch.logic.knowledge import Knowledge
from stormwatch.logic.places import cuts_of, place
from stormwatch.logic.reading import Reading
from stormwatch.logic.sweep import BEGINNING
from stormwatch.logic.truth import Truth


def assess(instrument: Instrument, record: Readings, at: datetime) -> Assessment:
    """The instrument at one moment, on what was known then, with its tree of reasons."""
    readings = record.readings(_inputs(instrument), at)
    known = knowledge(readings)
    return Assessment(
        instrument=instrument,
        at=at,
        verdict=None if instrument.verdict is None else truth(instrument.verdict, known),
        score=None if instrument.score is None else bounds(instrument.score, known),
        readings=readings,
        statements=tuple(_statements(instrument, known)),
        timeline=record.timeline,
        software=f"stormwatch {version()}",
    )


def track(instrument: Instrument, record: Readings, until: datetime) -> Track:
    """The instrument at every moment, up to ``until``, at which its answer changed."""
    moments = tuple(changes(instrument, record, until))
    met = next((m.moment for m in moments if m.verdict is Truth.MET), None)
    return Track(
        instrument=instrument,
        until=until,
        moments=moments,
        first_met=None if met is None else assess(instrument, record, met),
        worst=assess(instrument, record, _worst(moments, until)),
        now=assess(instrument, record, until),
    )


def changes(instrument: Instrument, record: Readings, until: datetime) -> Iterator[Moment]:
    """Every moment at which the verdict or the score changed, the first from the beginning of the record."""
    last: Moment | None = None
    for moment, known in _states(_roots(instrument), instrument.items, record, until):
        answer = _answer(instrument, known, moment)
        if last is None or (answer.verdict, answer.score) != (last.verdict, last.score):
            last = answer
            yield answer


def item_changes(item: Item, record: Readings, until: datetime) -> Iterator[tuple[datetime, Truth | Interval]]:
    """Every moment at which the answer of one item changed, the first from the beginning of the record."""
    last: Truth | Interval | None = None
    for moment, known in _states((item,), (item,), record, until):
        answer = truth(item, known) if isinstance(item, n.TruthItem) else bounds(item, known)
        if answer != last:
            last = answer
            yield moment, answer


def _states(
    roots: Iterable[n.Node], items: Iterable[Item], record: Readings, until: datetime
) -> Iterator[tuple[datetime, Knowledge]]:
    """What is known of the inputs, from each moment on at which a value crosses a cut-off (or, where the very number
    is used, changes at all): no other moment can change an answer. One object, updated in place."""
    cuts = cuts_of(roots)
    inputs = sorted(cuts, key=repr)
    values = {which: record.of(which)[0].reading for which in inputs}
    places = {which: place(reading, cuts[which]) for which, reading in values.items()}
    known = knowledge(values)
    touched = _items_by_input(items)
    yield BEGINNING, known
    for moment, group in groupby(_events(record, inputs, until), key=lambda event: event[0]):
        crossed = False
        for _, which, reading in group:
            known.values[which] = reading.value  # type: ignore[index]
            _note(known, which, reading)
            before, places[which] = places[which], place(reading, cuts[which])
            if places[which] != before:
                crossed = True
                for item in touched[which]:
                    known.items.pop(item, None)
        if crossed:
            yield moment, known


def _answer(instrument: Instrument, known: Knowledge, moment: datetime) -> Moment:
    verdict = None if instrument.verdict is None else truth(instrument.verdict, known)
    return Moment(moment, verdict, None if instrument.score is None else bounds(instrument.score, known))


def _roots(instrument: Instrument) -> tuple[n.Node, ...]:
    """What the answer is: the score and the verdict, where there are such."""
    return tuple(node for node in (instrument.score, instrument.verdict) if node is not None)


def _inputs(instrument: Instrument) -> frozenset[Input]:
    """Every input, also those of items, population and confounders that decide nothing."""
    aside: Iterable[n.Node] = (*instrument.items, *(s.when for s in (*instrument.population, *instrument.confounders)))
    return frozenset().union(*(node.inputs for node in (*_roots(instrument), *aside)))


def _items_by_input(items: Iterable[Item]) -> dict[Input, list[n.Node]]:
    found: dict[Input, list[n.Node]] = defaultdict(list)
    for item in items:
        for which in item.inputs:
            found[which].append(item)
    return found


def _events(record: Readings, inputs: list[Input], until: datetime) -> list[tuple[datetime, Input, Reading]]:
    events = [
        (step.moment, which, step.reading) for which in inputs for step in record.of(which)[1:] if step.moment <= until
    ]
    events.sort(key=lambda event: event[0])
    return events


def _note(known: Knowledge, which: Input, reading: Reading) -> None:
    assert isinstance(known.recorded, set)
    if reading.recorded:
        known.recorded.add(which)
    else:
        known.recorded.discard(which)


def _worst(moments: tuple[Moment, ...], until: datetime) -> datetime:
    """The moment of the worst answer."""
    if len(moments) == 1:
        return until
    return max(moments[1:], key=lambda m: (*_height(m), -m.moment.timestamp())).moment


def _height(moment: Moment) -> tuple[object, ...]:
    """How bad an answer is: certain score, then verdict, then possible score; the earliest of equals is the worst."""
    met = 0 if moment.verdict is None else (Truth.NOT_MET, Truth.UNKNOWN, Truth.MET).index(moment.verdict)
    return (met,) if moment.score is None else (moment.score.low, met, moment.score.high)


def _statements(instrument: Instrument, known: Knowledge) -> Iterator[str]:
    for statement in instrument.population:
        met = truth(statement.when, known)
        if met is Truth.NOT_MET:
            yield f"Outside its population: {statement.text}"
        elif met is Truth.UNKNOWN:
            yield f"Population not certain: {statement.untold or statement.text}"
    yield from (s.text for s in instrument.confounders if _is_met(s, known))


def _is_met(statement: Statement, known: Knowledge) -> bool:
    return truth(statement.when, known) is Truth.MET
