"""Stretches of time in which the answer of an instrument stays the same, and how they join into episodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from stormwatch.course.judging import Judge, Rules, answer
from stormwatch.engines.result import Moment, Track
from stormwatch.logic.truth import Truth


@dataclass(frozen=True, slots=True)
class Stretch:
    """The same answer, met, not met or unknown, from ``start`` to ``stop``; ``moments`` are the answers within."""

    answer: Truth
    start: datetime
    stop: datetime
    moments: tuple[Moment, ...]


def stretches(track: Track, judge: Judge) -> tuple[Stretch, ...]:
    """The track in stretches, from the first fact of the record to the end of the track. Empty for an empty record."""
    begin = track.now.timeline.begin
    if begin is None:
        return ()
    answers = (
        (answer(judge, moment), moment, stop)
        for moment, stop in zip(track.moments, _stops(track), strict=True)
        if not stop <= begin < track.until
    )
    return tuple(_stretch(same, list(group), begin) for same, group in groupby(answers, key=lambda one: one[0]))


def _stretch(same: Truth, group: Sequence[tuple[Truth, Moment, datetime]], begin: datetime) -> Stretch:
    moments = tuple(moment for _, moment, _ in group)
    return Stretch(same, max(moments[0].moment, begin), group[-1][-1], moments)


def joined(parts: Sequence[Stretch], rules: Rules) -> Iterator[tuple[int, int]]:
    """First and last place of the stretches of one episode; both are certainly met."""
    places = [place for place, part in enumerate(parts) if part.answer is Truth.MET]
    if not places:
        return
    first = last = places[0]
    for place in places[1:]:
        if not _one_episode(parts[last : place + 1], rules):
            yield first, last
            first = place
        last = place
    yield first, last


def _one_episode(parts: Sequence[Stretch], rules: Rules) -> bool:
    """Whether the last stretch goes on with the episode of the first, given what lies between."""
    again = parts[-1].start
    over = next((part.start for part in parts if part.answer is Truth.NOT_MET), None)
    if over is not None:
        return again - over < rules.quiet
    return again - parts[0].stop < rules.silent


def _stops(track: Track) -> list[datetime]:
    return [*(later.moment for later in track.moments[1:]), track.until]
