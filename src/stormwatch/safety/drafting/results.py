"""Tests and procedures (section F): of each quantity the value before, the worst one, and the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormwatch import analytes, terms
from stormwatch.facts import Finding, Interval, Level, Limit, Measurement, plain, usable_from
from stormwatch.safety.drafting.events import Event
from stormwatch.safety.drafting.knowledge import signs
from stormwatch.safety.drafting.pen import Drafting, Place

_WHY = {
    "before": "The last value before the first reaction.",
    "extreme": "The worst value, by the trajectory of the quantity.",
    "criterion": "A value by which the criteria of an instrument were met.",
    "last": "The last value of the record.",
}

_LIMITS = {
    Limit.ULN: "the upper reference limit",
    Limit.LLN: "the lower reference limit",
    Limit.BASELINE: "the value before treatment",
}


def put_results(drafting: Drafting, events: tuple[Event, ...]) -> None:
    """The values that tell the story, in time order; all others stay in the record."""
    for one, whys in _chosen(drafting, events):
        place = drafting.case.add("F.r")
        title = analytes.analyte(one.analyte)
        why = " ".join(_WHY[name] for name in whys)
        date = drafting.date(one.time)
        place.put("F.r.1", date, why, (one,), null=None if date else "UNK")
        place.put("F.r.2.1", title.title, why, (one,))
        _value(place, one, why)
        if one.low is not None:
            place.put("F.r.4", plain(one.low), "The limit printed with the result.", (one,))
        if one.high is not None:
            place.put("F.r.5", plain(one.high), "The limit printed with the result.", (one,))


def put_levels(drafting: Drafting) -> None:
    """What the record says of a quantity in words alone ("elevated AST"): told in those words, without a number."""
    for fact in drafting.timeline.facts:
        known = drafting.course.at is None or usable_from(fact) <= drafting.course.at
        if isinstance(fact, Level) and known:
            place = drafting.case.add("F.r")
            date, why = (
                drafting.date(fact.time),
                "The words of the record, and what they say of the limit; it gives no number.",
            )
            place.put("F.r.1", date, why, (fact,), null=None if date else "UNK")
            place.put("F.r.2.1", analytes.analyte(fact.analyte).title, why, (fact,))
            limit = _LIMITS[fact.relative_to]
            place.put("F.r.3.4", f"{fact.recorded[:1900]} ({fact.value} times {limit})", why, (fact,))


def _value(place: Place, one: Measurement, why: str) -> None:
    """A number with its unit; words where the record has no figure, whatever they were read as."""
    if not any(sign.isdigit() for sign in one.recorded):
        place.put("F.r.3.4", one.recorded[:2000] or None, "The words of the record; it gives no number.", (one,))
        return
    place.put("F.r.3.2", result(one.value), why, (one,))
    place.put("F.r.3.3", analytes.analyte(one.analyte).unit, why, (one,))


def put_signs(drafting: Drafting, events: tuple[Event, ...]) -> None:
    """Signs stated around the reactions; told in the narrative, and no reactions of their own."""
    if not events:
        return
    from datetime import timedelta

    start = min(event.first for event in events) - timedelta(days=7)
    stop = max(event.until(drafting.course.at or event.first) for event in events)
    for name in signs():
        for fact in drafting.findings(name):
            if fact.present and start <= fact.time.latest <= stop:
                place = drafting.case.add("SW.sign", name)
                ended = _ended(drafting, name, fact)
                place.put("SW.sign.term", terms.findings()[name].title, "As stated.", (fact,))
                place.put("SW.sign.start", drafting.date(fact.time), "As stated.", (fact,))
                if ended is not None:
                    place.put("SW.sign.end", drafting.date(ended.time), "First stated to be absent.", (ended,))
                break


def result(value: Interval) -> str | None:
    """A value as F.r.3.2 writes it: a number, with <, <=, > or >= for a censored one; None where it is neither.

    >>> result(Interval.above(40000)), result(Interval.point(5)), result(Interval(2, 3))
    ('>40000', '5', None)
    """
    text = str(value).replace(" ", "")
    return text if value.is_point or text[0] in "<>" else None


def _chosen(drafting: Drafting, events: tuple[Event, ...]) -> list[tuple[Measurement, list[str]]]:
    found: dict[int, tuple[Measurement, list[str]]] = {}
    for name, one in _candidates(drafting, events):
        if one.origin.file == "derived" or result(one.value) is None:
            continue
        kept = found.setdefault(id(one), (one, []))[1]
        if name not in kept:
            kept.append(name)
    return sorted(found.values(), key=lambda pair: (pair[0].time.latest, pair[0].analyte))


def _candidates(drafting: Drafting, events: tuple[Event, ...]) -> Iterator[tuple[str, Measurement]]:
    criteria = [
        fact for event in events for one in event.episodes for fact in one.facts if isinstance(fact, Measurement)
    ]
    for trajectory in drafting.course.trajectories:
        if trajectory.extreme is not None:
            yield "extreme", trajectory.extreme
        if trajectory.baseline is not None:
            yield "before", trajectory.baseline
        if trajectory.points:
            yield "last", trajectory.points[-1]
    followed = {one.analyte for one in drafting.course.trajectories}
    onset = min((event.first for event in events), default=None)
    for name in dict.fromkeys(one.analyte for one in criteria if one.analyte not in followed):
        points = [one for one in drafting.timeline.measurements[name] if _known(drafting, one)]
        yield from (("criterion", one) for one in _first(criteria, name))
        before = [one for one in points if onset is not None and one.time.latest < onset]
        yield from (("before", one) for one in before[-1:])
        yield from (("last", one) for one in points[-1:])


def _first(criteria: Iterable[Measurement], name: str) -> list[Measurement]:
    return [one for one in criteria if one.analyte == name][:1]


def _known(drafting: Drafting, one: Measurement) -> bool:
    return drafting.course.at is None or usable_from(one) <= drafting.course.at


def _ended(drafting: Drafting, name: str, since: Finding) -> Finding | None:
    later = (one for one in drafting.findings(name) if one.time.latest > since.time.latest)
    return next((one for one in later if not one.present), None)
