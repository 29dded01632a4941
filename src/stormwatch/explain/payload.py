"""Results as plain data. Text, JSON and every other view are renderings of these payloads.

Numbers are JSON numbers; an infinite bound is null; times are ISO 8601 in the record's own zone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from fractions import Fraction
from math import isinf
from typing import Any

from stormwatch.engines.missing import MissingAnswer
from stormwatch.engines.reasons import Because
from stormwatch.engines.result import Assessment, Moment, Track
from stormwatch.explain import words
from stormwatch.facts import Exposure, Fact, Interval, Measurement, Number, Timeline
from stormwatch.instruments.instrument import Instrument
from stormwatch.logic import nodes as n
from stormwatch.logic.truth import Truth

Payload = dict[str, Any]


MOMENTS = ("first_met", "worst", "now")


def track_payload(track: Track, detail: Collection[str] = MOMENTS) -> Payload:
    """An instrument along the timeline: first met, worst, now, and every change between.

    ``detail`` names the moments that come with their items, reasons and open answers; the others are verdict and score.
    """
    zone = track.now.timeline.zone
    return {
        "instrument": instrument_payload(track.instrument),
        "patient": track.now.timeline.patient.id,
        "record_says": list(track.now.timeline.labels),
        "software": track.now.software,
        "data_cut": _time(track.now.timeline.end, track.now.timeline),
        "as_known_at": track.until.astimezone(zone).isoformat(),
        **{name: _moment(getattr(track, name), in_full=name in detail) for name in MOMENTS},
        "changes": [_change(moment, track) for moment in track.moments[1:]],
    }


def assessment_payload(assessment: Assessment) -> Payload:
    """An instrument at one moment: verdict, score range, items with their reasons, what is missing."""
    return {
        **_answer(assessment),
        "items": [_item(assessment, item) for item in assessment.items],
        "because": None if assessment.tree is None else _tree(assessment.tree, assessment.timeline),
        "missing": [_missing(one) for one in assessment.missing],
    }


def _moment(assessment: Assessment | None, *, in_full: bool) -> Payload | None:
    if assessment is None:
        return None
    return assessment_payload(assessment) if in_full else _answer(assessment)


def _answer(assessment: Assessment) -> Payload:
    return {
        "at": _time(assessment.at, assessment.timeline),
        "verdict": _verdict(assessment.verdict),
        "score": _score(assessment.instrument, assessment.score),
        "statements": list(assessment.statements),
    }


def instrument_payload(instrument: Instrument) -> Payload:
    definition = instrument.definition
    return {
        "id": instrument.id,
        "edition": instrument.edition,
        "title": instrument.title,
        "kind": definition.kind,
        "sha256": instrument.hash,
        "evidence": definition.result.evidence,
        "population": definition.population.text,
        "look_back": definition.look_back.model_dump(exclude_none=True),
        "citations": [citation.model_dump(exclude_defaults=True) for citation in definition.citations],
    }


def fact_payload(fact: Fact, timeline: Timeline) -> Payload:
    """A fact as recorded, with both its times and where it stands in the record."""
    payload: Payload = {
        "text": words.fact_words(fact),
        "recorded": fact.recorded,
        "time": fact.time.text,
        "known_at": fact.known_at.text,
        "file": fact.origin.file,
        "record": fact.origin.record,
    }
    if isinstance(fact, Measurement) and fact.parts:
        payload["parts"] = [fact_payload(part, timeline) for part in fact.parts]
    if isinstance(fact, Exposure):
        payload["stop"] = fact.stop.text if fact.stop else ("running" if fact.running else fact.time.text)
    return payload


def bands(instrument: Instrument, score: Interval) -> list[str]:
    """What the publication says of each stretch that the score may still lie in, lowest first."""
    return [band.text for band in instrument.definition.result.bands if _overlaps(band, score)]


def _overlaps(band: Any, score: Interval) -> bool:
    return (band.high is None or score.low <= Fraction(band.high)) and (
        band.low is None or score.high >= Fraction(band.low)
    )


def _change(moment: Moment, track: Track) -> Payload:
    return {
        "time": _time(moment.moment, track.now.timeline),
        "verdict": _verdict(moment.verdict),
        "score": _score(track.instrument, moment.score),
    }


def _verdict(verdict: Truth | None) -> str | None:
    return None if verdict is None else verdict.value


def _score(instrument: Instrument, score: Interval | None) -> Payload | None:
    if score is None:
        return None
    whole = instrument.full_range
    said = bands(instrument, score)
    return {
        "low": number(score.low),
        "high": number(score.high),
        "text": words.score_range(score),
        "of": None if whole is None else number(whole.high),
        "unit": instrument.definition.result.unit,
        "published": said if len(said) < 2 else [said[0], said[-1]],
    }


def _item(assessment: Assessment, because: Because) -> Payload:
    assert isinstance(because.node, n.TruthItem | n.NumberItem)
    item = next(i for i in assessment.instrument.definition.items if i.id == because.node.id)
    return {
        "id": item.id,
        "title": item.title,
        "value": _value(because.value),
        "text": words.amount(because.value),
        "published": item.published,
        "evidence": item.evidence,
        "note": item.note,
        "facts": [fact_payload(fact, assessment.timeline) for fact in facts_of(because)],
        "open": sorted({_open(reason) for reason in readings_of(because) if _is_open(reason)}),
        "because": _tree(because, assessment.timeline),
    }


def _tree(because: Because, timeline: Timeline) -> Payload:
    tree: Payload = {"text": words.condition(because.node), "value": _value(because.value)}
    if because.reading is not None:
        tree["facts"] = [fact_payload(fact, timeline) for fact in because.reading.facts]
        if because.reading.why_open:
            tree["why_open"] = because.reading.why_open
    if because.parts:
        tree["parts"] = [_tree(part, timeline) for part in because.parts if not isinstance(part.node, n.Constant)]
    return tree


def readings_of(because: Because) -> Iterator[Because]:
    """The leaves of a tree of reasons that were read from the record."""
    if because.reading is not None:
        yield because
    for part in because.parts:
        yield from readings_of(part)


def facts_of(because: Because) -> list[Fact]:
    """Every fact a result rests on, once."""
    found = (fact for leaf in readings_of(because) if leaf.reading for fact in leaf.reading.facts)
    return list({id(fact): fact for fact in found}.values())


def _is_open(leaf: Because) -> bool:
    return leaf.reading is not None and bool(leaf.reading.why_open)


def _open(leaf: Because) -> str:
    assert leaf.reading is not None
    return f"{words.condition(leaf.node)}: {leaf.reading.why_open}"


def _missing(missing: MissingAnswer) -> Payload:
    return {
        "question": words.question(missing.input),
        "name": words.name_of(missing.input),
        "items": list(missing.items),
        "why": missing.why,
        "could_change_verdict": missing.matters,
        "answers": missing.answers,
        "answers_that_settle": missing.settling,
        "narrows_score_by": None if isinf(missing.swing) else missing.swing,
    }


def _value(value: Truth | Interval) -> Any:
    if isinstance(value, Truth):
        return value.value
    return number(value.low) if value.is_point else {"low": number(value.low), "high": number(value.high)}


def number(value: Number) -> int | float | None:
    """An exact number as a JSON number; None for a bound that does not exist."""
    if isinstance(value, float) and isinf(value):
        return None
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


def _time(moment: datetime | None, timeline: Timeline) -> str | None:
    return None if moment is None else moment.astimezone(timeline.zone).isoformat()
