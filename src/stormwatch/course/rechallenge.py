"""Rechallenge: the drug given again after a hold, with what before it, and whether the event came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from stormwatch.course.challenge import Dechallenge, Rechallenge, RechallengeOutcome, began, coded, window
from stormwatch.course.episodes import Episode
from stormwatch.course.infusions import Infusion
from stormwatch.course.judging import judges
from stormwatch.course.stretches import stretches
from stormwatch.engines.result import Track
from stormwatch.facts import Exposure, Fact, Finding, Measurement, usable_from
from stormwatch.logic.inputs import FindingInput, LabInput
from stormwatch.logic.truth import Truth

_CODE: dict[RechallengeOutcome, str] = {"recurred": "1", "did not recur": "2", "cannot tell": "3"}


def rechallenges(
    dechallenges: Sequence[Dechallenge],
    episodes: Sequence[Episode],
    treatments: Sequence[Exposure],
    tracks: Mapping[str, Track],
    watched: datetime,
) -> tuple[Rechallenge, ...]:
    """For each hold in an episode that was followed by a restart: what came after it.

    Args:
        dechallenges: what was stopped in which episode.
        episodes: those that were certainly there.
        treatments: every other drug given; premedication is looked for among them.
        tracks: the instruments along the timeline, by id.
        watched: the end of what can be seen: the data cut, or death before it.

    Returns:
        ``recurred`` when an episode of the same syndrome, by any instrument, began after the restart. ``did not
        recur`` when none did and the criteria could be judged, and were certainly not met, on something recorded since
        the restart; it holds for the time observed and no longer. ``cannot tell`` otherwise.

    >>> rechallenges((), (), (), {}, __import__("datetime").datetime(2024, 1, 1))
    ()
    """
    return tuple(
        _rechallenge(one, one.hold.restart, episodes, treatments, tracks[one.episode.instrument], watched)
        for one in dechallenges
        if one.hold is not None and one.hold.restart is not None
    )


def _rechallenge(
    before: Dechallenge,
    restart: Infusion,
    episodes: Sequence[Episode],
    treatments: Sequence[Exposure],
    track: Track,
    watched: datetime,
) -> Rechallenge:
    assert before.hold is not None
    recurrence = _recurrence(before.episode, restart, episodes)
    looked = tuple(_looked_for(track, restart.start, watched))
    outcome, why, observed = _judged(before.episode, restart, recurrence, looked, watched)
    return Rechallenge(
        drug=before.drug,
        episode=before.episode,
        restart=restart,
        mcg_per_day=restart.mcg_per_day,
        after=restart.start - before.hold.start,
        premedication=tuple(_premedication(restart, treatments)),
        outcome=outcome,
        recurrence=recurrence,
        observed=observed,
        why=why,
        recurred=coded("G.k.9.i.4", _CODE[outcome]),
    )


def _recurrence(episode: Episode, restart: Infusion, episodes: Sequence[Episode]) -> Episode | None:
    """The first episode of the same syndrome whose facts are about the time after the restart."""
    later = [one for one in episodes if one.syndrome == episode.syndrome and began(one) > restart.start]
    return min(later, key=began, default=None)


def _judged(
    episode: Episode, restart: Infusion, recurrence: Episode | None, looked: Sequence[datetime], watched: datetime
) -> tuple[RechallengeOutcome, str, timedelta]:
    if recurrence is not None:
        after = began(recurrence) - restart.start
        return "recurred", f"An episode began {_days(after)} after the restart ({recurrence.instrument}).", after
    if episode.stop > restart.start:
        return "cannot tell", "By this instrument the episode was not over at the restart.", timedelta()
    seen = _days(max(watched - restart.start, timedelta()))
    if not looked:
        nothing = f"Nothing recorded in the {seen} after the restart shows that the criteria were not met."
        return "cannot tell", nothing, timedelta()
    observed = max(looked) - restart.start
    said = f"Judged and certainly not met at {len(looked)} times in the {_days(observed)} after the restart"
    return "did not recur", f"{said}; the record goes on for {seen} after it.", observed


def _looked_for(track: Track, restart: datetime, watched: datetime) -> Iterator[datetime]:
    """The times since the restart that something the criteria ask for is about, when they were certainly not met."""
    judge = next(judge for judge in judges() if judge.instrument == track.instrument.id)
    free = [part for part in stretches(track, judge) if part.answer is Truth.NOT_MET and part.stop > restart]
    seen: set[datetime] = set()
    for fact in _asked_for(track):
        known = usable_from(fact)
        if fact.time.earliest > restart and known <= watched and any(one.start <= known <= one.stop for one in free):
            seen.add(fact.time.latest)
    yield from sorted(seen)


def _asked_for(track: Track) -> Iterator[Fact]:
    """Every measurement and finding that the criteria of an instrument ask for."""
    timeline = track.now.timeline
    roots = [node for node in (track.instrument.verdict, track.instrument.score) if node is not None]
    inputs = frozenset().union(*(root.inputs for root in roots))
    measured = {which.analyte for which in inputs if isinstance(which, LabInput)}
    found = {which.finding for which in inputs if isinstance(which, FindingInput)}
    facts: dict[str, tuple[Measurement, ...] | tuple[Finding, ...]] = {
        **{name: timeline.measurements.get(name, ()) for name in measured},
        **{name: timeline.findings.get(name, ()) for name in found - measured},
    }
    for several in facts.values():
        yield from several


def _premedication(restart: Infusion, treatments: Sequence[Exposure]) -> Iterator[Exposure]:
    rule = window("premedication")
    for one in treatments:
        if one.drug in rule.drugs and timedelta() <= restart.start - one.time.latest <= rule.span:
            yield one


def _days(span: timedelta) -> str:
    return f"{span / timedelta(days=1):.1f} d"
