"""The course of a patient: everything computed from one record, as known at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from stormwatch._version import version
from stormwatch.course.challenge import Dechallenge, Rechallenge
from stormwatch.course.dechallenge import dechallenges
from stormwatch.course.differential import Diagnosis, differential, window
from stormwatch.course.episodes import Episode, Overlap, episodes, overlaps, possible, undecided_judges
from stormwatch.course.exposure import exposure, treatments
from stormwatch.course.infusions import DrugCourse
from stormwatch.course.rechallenge import rechallenges
from stormwatch.course.trajectories import Trajectory, trajectories
from stormwatch.engines import reference
from stormwatch.engines.api import At, moment_of
from stormwatch.engines.readings import Readings
from stormwatch.engines.result import Track
from stormwatch.facts import Exposure, Timeline
from stormwatch.instruments.catalogue import instrument, shipped

_EMPTY = "The record holds no fact that can be used."
_NO_SUSPECT = "No T-cell engager, CAR-T product or other drug under suspicion was given in this record."


@dataclass(frozen=True)
class Course:
    """What happened to one patient, as known at ``at`` (None only for an empty record).

    ``drugs`` are those under suspicion, ``treatments`` every other drug given. ``episodes`` were certainly there;
    ``possible`` ones were never excluded and never certain. ``undecided`` are instruments that cannot judge, with the
    reason. ``assumptions`` were made in reading the exposure; ``notes`` are what the reader must know besides.
    """

    timeline: Timeline
    at: datetime | None
    drugs: tuple[DrugCourse, ...]
    treatments: tuple[Exposure, ...]
    tracks: Mapping[str, Track]
    episodes: tuple[Episode, ...]
    possible: tuple[Episode, ...]
    overlaps: tuple[Overlap, ...]
    trajectories: tuple[Trajectory, ...]
    dechallenges: tuple[Dechallenge, ...]
    rechallenges: tuple[Rechallenge, ...]
    differential: tuple[Diagnosis, ...]
    software: str
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    undecided: Mapping[str, str] = field(default_factory=dict)


def follow(timeline: Timeline, *, suspect: str | None = None, at: At = None) -> Course:
    """The course of a patient from the record: exposure, episodes, trajectories, what stopping and restarting did.

    Args:
        timeline: one patient's facts, from ``stormwatch.read``.
        suspect: a drug under suspicion besides T-cell engagers and CAR-T products, by id or name.
        at: the moment up to which the record is used, as in ``assess``. Default: the end of the record, or a death
            recorded after it.

    Returns:
        The course. An empty record gives an empty one that says so. What is missing is said where it is missing, and a
        missing value is never a normal value.

    Raises:
        UnknownName: no drug is called like the suspect.
        UsageError: ``at`` is no time.

    >>> import stormwatch as sw
    >>> course = follow(sw.answers({"temperature": "39.1 Cel"}))
    >>> {episode.syndrome for episode in course.episodes}
    {'crs'}
    """
    if at is None and timeline.end is None:
        return _nothing(timeline)
    return _followed(timeline, _last_moment(timeline) if at is None else moment_of(at, timeline), suspect)


def _last_moment(timeline: Timeline) -> datetime:
    end, death = moment_of(None, timeline), timeline.patient.death
    return end if death is None else max(end, death.latest)


def _followed(timeline: Timeline, at: datetime, suspect: str | None) -> Course:
    watched = _watched(timeline, at)
    record = Readings(timeline)
    tracks = {name: reference.track(instrument(name), record, at) for name in shipped()}
    drugs = exposure(timeline, at, suspect)
    others = treatments(timeline, at, drugs)
    found = episodes(tracks, drugs, record)
    stopped = dechallenges(found, drugs, others, tracks, watched)
    return Course(
        timeline=timeline,
        at=at,
        drugs=drugs,
        treatments=others,
        tracks=tracks,
        episodes=found,
        possible=possible(tracks, drugs, record),
        overlaps=overlaps(found),
        trajectories=trajectories(timeline, drugs, at),
        dechallenges=stopped,
        rechallenges=rechallenges(stopped, found, others, tracks, watched),
        differential=differential(timeline, *window(found, at), record),
        software=f"stormwatch {version()}",
        assumptions=tuple(dict.fromkeys(said for drug in drugs for said in drug.assumptions)),
        notes=(*timeline.notes, *(() if drugs else (_NO_SUSPECT,))),
        undecided=undecided_judges(),
    )


def _watched(timeline: Timeline, at: datetime) -> datetime:
    """The end of what can be seen: the data cut, or death before it."""
    death = timeline.patient.death
    return at if death is None else min(at, death.latest)


def _nothing(timeline: Timeline) -> Course:
    empty = ((),) * 2
    return Course(timeline, None, *empty, {}, (), (), (), (), (), (), (), f"stormwatch {version()}", notes=(_EMPTY,))
