"""Dechallenge: what was done with the drug in an episode, and whether what followed can be laid to it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from stormwatch.course.challenge import Dechallenge, DechallengeOutcome, began, coded, names, window
from stormwatch.course.episodes import Episode
from stormwatch.course.infusions import DrugCourse, Hold, Infusion, Step
from stormwatch.course.judging import answer, judges
from stormwatch.engines import reference
from stormwatch.engines.readings import Readings
from stormwatch.engines.result import Moment, Track
from stormwatch.facts import Exposure
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class _Change:
    """What was done with the drug: when, by which code, and in words."""

    at: datetime | None
    hold: Hold | None
    code: str
    text: str

    @property
    def is_less(self) -> bool:
        """Whether the patient had less of the drug from then on."""
        return self.code in {"1", "2"}


@dataclass(frozen=True, slots=True)
class _Followed:
    """How the episode went on after the change: better or not, since when, and in words."""

    improved: Truth
    by: datetime | None
    text: str


def dechallenges(
    episodes: Sequence[Episode],
    drugs: Sequence[DrugCourse],
    treatments: Sequence[Exposure],
    tracks: Mapping[str, Track],
    watched: datetime,
) -> tuple[Dechallenge, ...]:
    """For each episode and each drug begun before it: the change of the drug and what followed.

    Args:
        episodes: those that were certainly there.
        drugs: the courses of the drugs under suspicion.
        treatments: every other drug given, in time order.
        tracks: the instruments along the timeline, by id.
        watched: the end of what can be seen: the data cut, or death before it.

    Returns:
        ``confounded`` when a drug against the event was given within the window of ours. Otherwise ``positive`` when
        the episode resolved, or its score certainly fell, while the drug was off; ``negative`` when it was certainly
        still there at the end of that time, on facts recorded a day or more after the change. ``not assessable`` when
        the drug was not stopped or reduced, the patient died first, or too little was seen. An improvement that is
        unknown is never taken for one, nor for none.

    >>> dechallenges((), (), (), {}, __import__("datetime").datetime(2024, 1, 1))
    ()
    """
    return tuple(
        _dechallenge(episode, drug, drugs, treatments, tracks[episode.instrument], watched)
        for episode in episodes
        for drug in drugs
        if drug.first <= began(episode)
    )


def is_premedication(exposure: Exposure, drugs: Sequence[DrugCourse]) -> bool:
    """Whether a dose was given shortly before an infusion or dose of a suspect drug, and not soon after it was held."""
    if exposure.drug not in window("premedication").drugs:
        return False
    moment, span = exposure.time.latest, window("premedication").span
    before = any(_starts_within(drug, moment, moment + span) for drug in drugs)
    soon = any(timedelta() <= moment - hold.start < span for drug in drugs for hold in drug.holds)
    return before and not soon


def _starts_within(drug: DrugCourse, start: datetime, stop: datetime) -> bool:
    place = bisect_left(drug.infusions, start, key=lambda one: one.start)
    return place < len(drug.infusions) and drug.infusions[place].start <= stop


def _dechallenge(
    episode: Episode,
    drug: DrugCourse,
    drugs: Sequence[DrugCourse],
    treatments: Sequence[Exposure],
    track: Track,
    watched: datetime,
) -> Dechallenge:
    change = _change(episode, drug)
    followed = _followed(episode, change, track, watched)
    given = tuple(_against(change, followed, drugs, treatments)) if change.is_less else ()
    outcome, why = _judged(episode, change, followed, given)
    never_again = change.hold is not None and change.hold.restart is None
    return Dechallenge(
        drug=drug.drug,
        episode=episode,
        at=change.at,
        hold=change.hold,
        treatments=given,
        outcome=outcome,
        improved=followed.improved,
        why=why,
        action=coded("G.k.8", change.code),
        not_given_again=coded("G.k.9.i.4", "4") if never_again else None,
    )


# --- what was done with the drug ---------------------------------------------------------------------------------


def _change(episode: Episode, drug: DrugCourse) -> _Change:
    start, stop = began(episode), episode.resolved or episode.stop
    if drug.kind == "car_t":
        return _Change(None, None, "9", "cells cannot be stopped")
    for hold in drug.holds:
        if start - window("onset").span <= hold.start <= stop:
            return _Change(hold.start, hold, "1", "the drug was stopped")
    step = next((step for step in drug.steps if start <= step.at <= stop), None)
    if step is not None:
        return _stepped(step)
    return _unchanged(episode, drug, start)


def _stepped(step: Step) -> _Change:
    if step.after < step.before:
        return _Change(step.at, None, "2", "the dose was reduced")
    return _Change(step.at, None, "3", "the dose was raised")


def _unchanged(episode: Episode, drug: DrugCourse, start: datetime) -> _Change:
    """Why there is no change: death, the drug was off already, it went on, or the record does not tell."""
    latest = [one for one in drug.infusions if one.start <= start][-1]
    if episode.end == "death":
        return _Change(None, None, "9", "the patient died before the drug was stopped or reduced")
    if latest.open_ended:
        return _Change(None, None, "0", "the end of the infusion is not recorded")
    if not drug.cycles:
        return _of_doses(drug, latest, start)
    if latest.stop is not None and latest.stop < start:
        return _Change(None, None, "9", "the drug was not running when the episode began")
    return _Change(None, None, "4", "the drug went on unchanged")


def _of_doses(drug: DrugCourse, latest: Infusion, start: datetime) -> _Change:
    following = next((one for one in drug.infusions if one.start > start), None)
    if following is None or following.mg is None or following.mg != latest.mg:
        return _Change(None, None, "0", "single doses: the record does not tell what was done with the drug")
    return _Change(None, None, "4", "the next dose was the same")


# --- what followed -----------------------------------------------------------------------------------------------


def _followed(episode: Episode, change: _Change, track: Track, watched: datetime) -> _Followed:
    """Whether the episode got better after the change, while it lasted (after the onset, when nothing was changed)."""
    since = change.at or episode.onset
    until = min(change.hold.stop, watched) if change.hold is not None and change.hold.stop is not None else watched
    least = window("observation").span
    if episode.resolved is not None and since < episode.resolved <= until:
        return _Followed(Truth.MET, episode.resolved, "the criteria were certainly not met any more")
    fell = _fell(episode, since, track, until)
    if fell is not None:
        return _Followed(Truth.MET, fell, "the score certainly fell below its peak")
    if until - since < least:
        return _Followed(Truth.UNKNOWN, None, f"less than {_hours(least)} were seen")
    if episode.stop >= until and _still_there(track, since + least, until):
        return _Followed(Truth.NOT_MET, None, "the criteria were certainly still met, on what was recorded since")
    return _Followed(Truth.UNKNOWN, None, "the record leaves open whether the criteria were still met")


def _fell(episode: Episode, since: datetime, track: Track, until: datetime) -> datetime | None:
    """When the score was last seen, if it was then certainly below the peak of the episode."""
    if episode.peak is None:
        return None
    seen = bisect_right(track.moments, min(episode.stop, until), key=lambda one: one.moment)
    last = track.moments[seen - 1] if seen else None
    if last is None or last.moment <= since or last.score is None:
        return None
    return last.moment if last.score.high < episode.peak.low else None


def _still_there(track: Track, since: datetime, until: datetime) -> bool:
    """Whether the criteria are certainly met on later facts alone: older ones only say how it was before."""
    timeline = track.now.timeline
    begin = bisect_left(timeline.facts, since, key=lambda fact: fact.time.latest)
    end = bisect_right(timeline.facts, until, key=lambda fact: fact.time.latest)
    before = tuple(fact for fact in timeline.exposures if fact.time.latest < since)
    now = (fact for fact in timeline.facts[begin:end] if isinstance(fact, Exposure) or fact.time.earliest >= since)
    later = (*before, *now)
    alone = reference.assess(track.instrument, Readings(replace(timeline, facts=later), until), until)
    judge = next(judge for judge in judges() if judge.instrument == track.instrument.id)
    return answer(judge, Moment(until, alone.verdict, alone.score)) is Truth.MET


def _against(
    change: _Change, followed: _Followed, drugs: Sequence[DrugCourse], treatments: Sequence[Exposure]
) -> Iterator[Exposure]:
    """The drugs that could explain an improvement: given from some days before the change until it was seen."""
    rule = window("treatment")
    assert change.at is not None
    start, stop = change.at - rule.span, followed.by or change.at + rule.span
    first, end = (bisect_left(treatments, moment, key=lambda one: one.time.latest) for moment in (start, stop))
    for one in treatments[first:end]:
        if one.drug in rule.drugs and not is_premedication(one, drugs):
            yield one


def _judged(
    episode: Episode, change: _Change, followed: _Followed, given: Sequence[Exposure]
) -> tuple[DechallengeOutcome, str]:
    if not change.is_less:
        return "not assessable", f"Not stopped or reduced: {change.text}."
    if episode.end == "death" and followed.improved is not Truth.MET:
        return "not assessable", f"The patient died after {change.text}, before any improvement was seen."
    if followed.improved is Truth.NOT_MET:
        also = f", with treatment too: {names(given)}" if given else ""
        return "negative", f"After {change.text}, {followed.text}{also}."
    if given:
        return "confounded", f"After {change.text}, {followed.text}; but these were given as well: {names(given)}."
    if followed.improved is Truth.MET:
        return "positive", f"After {change.text}, {followed.text}, without other treatment in the record."
    return "not assessable", f"After {change.text}, {followed.text}."


def _hours(span: timedelta) -> str:
    return f"{span / timedelta(hours=1):.0f} h"
