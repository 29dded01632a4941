"""Episodes: stretches of time in which the criteria of a syndrome hold, with onset, peak and end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from stormwatch.course.evidence import facts_of
from stormwatch.course.judging import Judge, judges, rules
from stormwatch.course.stretches import Stretch, joined, stretches
from stormwatch.engines import reference
from stormwatch.engines.readings import Readings
from stormwatch.engines.result import Moment, Track
from stormwatch.facts import Fact, Interval, Number
from stormwatch.logic.truth import Truth

if TYPE_CHECKING:
    from stormwatch.course.exposure import DrugCourse

End = Literal["resolved", "ongoing", "death", "not known", "not met, but not for long enough"]


@dataclass(frozen=True, slots=True)
class Latency:
    """How long before the onset ``drug`` was first given, last changed in dose, and last started.

    None where the record holds no such moment before the onset.
    """

    first_dose: timedelta | None = None
    last_step: timedelta | None = None
    last_start: timedelta | None = None
    drug: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of time in which a syndrome holds by one instrument.

    ``certain`` episodes were certainly met from ``onset`` on; the others never were, and were never excluded while
    something spoke for them. ``possible_onset`` is the first moment of the unbroken stretch up to the onset in which
    the criteria were not excluded; it is earlier than the onset when little was known. ``peak`` is the score at
    ``peak_at``, the first moment of the highest certain score, with its range; ``peak_possible`` is the highest score
    the missing answers leave open at any moment of the episode.

    ``last_met`` is the end of the last stretch in which the criteria were certainly met. ``resolved`` is the first
    moment after it at which they were certainly not met; an answer that turned unknown is no resolution, and then
    ``end`` says "not known". ``statements`` are what the instrument says of its population and confounders at the
    onset. ``moments`` are the answers from the onset to the end.
    """

    syndrome: str
    instrument: str
    number: int
    onset: datetime
    certain: bool
    peak: Interval | None
    peak_at: datetime | None
    resolved: datetime | None
    ongoing: bool
    rule: str
    latency: Latency
    moments: tuple[Moment, ...] = ()
    possible_onset: datetime | None = None
    last_met: datetime | None = None
    end: End = "not known"
    peak_possible: Number | None = None
    statements: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = field(default=(), repr=False)

    @property
    def stop(self) -> datetime:
        """Where the episode ends for certain: when it was last certainly met (or, if only possible, not excluded)."""
        return self.last_met or self.onset

    @property
    def about(self) -> datetime | None:
        """The latest time that the facts behind the onset are about: results can become known long after the draw."""
        return max((fact.time.latest for fact in self.facts), default=None)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two episodes of different syndromes that were certainly met at the same time, from when to when."""

    first: Episode
    second: Episode
    start: datetime
    stop: datetime


def episodes(
    tracks: Mapping[str, Track], drugs: Sequence[DrugCourse] = (), readings: Readings | None = None
) -> tuple[Episode, ...]:
    """Every episode that was certainly there, for each syndrome by each instrument that judges it.

    Args:
        tracks: tracks by instrument id. Instruments without a track judge nothing.
        drugs: the courses of the drugs under suspicion, for the latencies; without one these stay empty.

    Returns:
        Episodes by syndrome and instrument, numbered in time order; a second one is a recurrence.

    >>> import stormwatch as sw
    >>> record = sw.answers({"temperature": "39.1 Cel"})
    >>> [(e.syndrome, e.end) for e in episodes({"crs-astct": sw.track(record, "crs-astct")})]
    [('crs', 'ongoing')]
    """
    return tuple(one for judge, track in _judged(tracks) for one in _certain(judge, track, drugs, readings))


def possible(
    tracks: Mapping[str, Track], drugs: Sequence[DrugCourse] = (), readings: Readings | None = None
) -> tuple[Episode, ...]:
    """What may have been an episode and was never certainly one, kept apart from those that were.

    The criteria were not excluded, and at least one of them (or one point) was certainly there: a rule of ours, so
    that mere silence is no episode. Arguments as in ``episodes``; ``certain`` is false in all of them.
    """
    return tuple(one for judge, track in _judged(tracks) for one in _possible(judge, track, drugs, readings))


def undecided_judges() -> Mapping[str, str]:
    """Instruments that cannot judge, with the reason: their published rule was not confirmed."""
    return {judge.instrument: judge.note for judge in judges() if judge.holds == "never"}


def overlaps(found: Sequence[Episode]) -> tuple[Overlap, ...]:
    """Which episodes of different syndromes were certainly there at the same time."""
    pairs = ((one, other) for one, other in combinations(found, 2) if one.syndrome != other.syndrome)
    shared = (Overlap(one, other, max(one.onset, other.onset), min(one.stop, other.stop)) for one, other in pairs)
    return tuple(overlap for overlap in shared if overlap.start < overlap.stop)


def latency(onset: datetime, drugs: Sequence[DrugCourse]) -> Latency:
    """How long before the onset the suspect drug was first given, last changed in dose and last started.

    With several drugs under suspicion it is the one that was last started before the onset; ask for one of them by
    giving it alone.
    """
    before = [(start, drug) for drug in drugs for start in _starts(drug) if start <= onset]
    if not before:
        return Latency()
    start, drug = max(before, key=lambda pair: pair[0])
    steps = [step.at for step in drug.steps if step.at <= onset]
    return Latency(onset - drug.first, onset - max(steps) if steps else None, onset - start, drug.drug)


def _starts(drug: DrugCourse) -> list[datetime]:
    return [infusion.start for infusion in drug.infusions]


def _judged(tracks: Mapping[str, Track]) -> Iterator[tuple[Judge, Track]]:
    for judge in judges():
        if judge.holds != "never" and judge.instrument in tracks:
            yield judge, tracks[judge.instrument]


# --- certainly met -----------------------------------------------------------------------------------------------


def _certain(judge: Judge, track: Track, drugs: Sequence[DrugCourse], readings: Readings | None) -> Iterator[Episode]:
    parts = stretches(track, judge)
    places = list(joined(parts, rules()))
    record = readings or Readings(track.now.timeline)
    for number, (first, last) in enumerate(places, start=1):
        following = places[number][0] if number < len(places) else len(parts)
        tail = parts[last + 1 : following]
        yield _episode(judge, track, record, number, (parts[:first], parts[first : last + 1], tail), drugs)


def _episode(
    judge: Judge,
    track: Track,
    record: Readings,
    number: int,
    around: tuple[Sequence[Stretch], Sequence[Stretch], Sequence[Stretch]],
    drugs: Sequence[DrugCourse],
) -> Episode:
    """One episode, from the stretches before it, in it and after it."""
    before, within, after = around
    onset = within[0].start
    last_met, resolved, end = _ending(track, within[-1], after)
    at_onset = reference.assess(track.instrument, record, onset)
    met = [moment for part in within if part.answer is Truth.MET for moment in part.moments]
    peak = _peak(met)
    return Episode(
        syndrome=judge.syndrome,
        instrument=judge.instrument,
        number=number,
        onset=onset,
        certain=True,
        peak=None if peak is None else peak.score,
        peak_at=None if peak is None else max(peak.moment, onset),
        resolved=resolved,
        ongoing=end == "ongoing",
        rule=rules().text,
        latency=latency(onset, drugs),
        moments=_moments((*within, *after), resolved or last_met),
        possible_onset=_not_excluded_since(before, onset),
        last_met=last_met,
        end=end,
        peak_possible=max((m.score.high for part in within for m in part.moments if m.score is not None), default=None),
        statements=at_onset.statements,
        facts=facts_of(at_onset),
    )


def _ending(track: Track, last: Stretch, after: Sequence[Stretch]) -> tuple[datetime, datetime | None, End]:
    """When it was last certainly met, when it was certainly over, and what became of it."""
    died = _died(track)
    over = next((part.start for part in after if part.answer is Truth.NOT_MET), None)
    if died is not None and (over is None or died <= over):
        return max(min(last.stop, died), last.start), None, "death"
    if over is not None:
        seen = after[-1].stop - over
        confirmed = seen >= rules().quiet or after[-1].stop < track.until
        return last.stop, over if confirmed else None, "resolved" if confirmed else "not met, but not for long enough"
    return last.stop, None, "not known" if after else "ongoing"


def _died(track: Track) -> datetime | None:
    death = track.now.timeline.patient.death
    return None if death is None or death.latest > track.until else death.latest


def _not_excluded_since(before: Sequence[Stretch], onset: datetime) -> datetime:
    """The start of the open answer that leads up to the onset; the onset itself when it was excluded until then."""
    return before[-1].start if before and before[-1].answer is Truth.UNKNOWN else onset


def _peak(moments: Sequence[Moment]) -> Moment | None:
    """The first moment of the highest certain score."""
    scored = [moment for moment in moments if moment.score is not None]
    return max(scored, key=lambda m: m.score.low if m.score else 0, default=None)


def _moments(parts: Sequence[Stretch], until: datetime) -> tuple[Moment, ...]:
    return tuple(moment for part in parts for moment in part.moments if moment.moment <= until)


# --- never excluded ----------------------------------------------------------------------------------------------


def _possible(judge: Judge, track: Track, drugs: Sequence[DrugCourse], readings: Readings | None) -> Iterator[Episode]:
    parts = stretches(track, judge)
    record = readings or Readings(track.now.timeline)
    number = 0
    for place, part in enumerate(parts):
        beside = (near.answer for near in (*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2]))
        suggested = [moment for moment in part.moments if _something_there(track, moment)]
        if part.answer is Truth.UNKNOWN and suggested and Truth.MET not in beside:
            number += 1
            yield _possibility(judge, track, record, part, suggested, number, drugs)


def _something_there(track: Track, moment: Moment) -> bool:
    full = track.instrument.full_range
    return full is not None and moment.score is not None and moment.score.low > full.low


def _possibility(
    judge: Judge,
    track: Track,
    record: Readings,
    part: Stretch,
    suggested: Sequence[Moment],
    number: int,
    drugs: Sequence[DrugCourse],
) -> Episode:
    onset = max(suggested[0].moment, part.start)
    peak = _peak(suggested)
    assert peak is not None
    at_onset = reference.assess(track.instrument, record, onset)
    end: End = "ongoing" if part.stop >= track.until else "resolved"
    return Episode(
        syndrome=judge.syndrome,
        instrument=judge.instrument,
        number=number,
        onset=onset,
        certain=False,
        peak=peak.score,
        peak_at=max(peak.moment, onset),
        resolved=None if part.stop >= track.until else part.stop,
        ongoing=end == "ongoing" and _died(track) is None,
        rule="Not excluded, and at least one criterion or point certainly there; never certainly met (a rule of ours).",
        latency=latency(onset, drugs),
        moments=tuple(moment for moment in part.moments if moment.moment >= onset),
        possible_onset=part.start,
        last_met=part.stop,
        end="death" if end == "ongoing" and _died(track) else end,
        peak_possible=max((m.score.high for m in part.moments if m.score is not None), default=None),
        statements=at_onset.statements,
        facts=facts_of(at_onset),
    )
