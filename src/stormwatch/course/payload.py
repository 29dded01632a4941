"""The course as plain data. Reports, text and every other view are renderings of this.

Numbers are JSON numbers, or a range with ``low`` and ``high`` where known within bounds; a missing one is null.
Moments are ISO 8601 in the record's own zone. Every fact carries where it stands in the record. Days count from the
first dose of the first drug under suspicion.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from stormwatch import analytes
from stormwatch.course.challenge import Coded, Dechallenge, Rechallenge, began, window
from stormwatch.course.differential import Diagnosis, Line
from stormwatch.course.drug_payload import DrugWriter
from stormwatch.course.episodes import Episode, Overlap
from stormwatch.course.follow import Course
from stormwatch.course.trajectories import Trajectory
from stormwatch.course.writing import as_number, interval, pause, span
from stormwatch.engines.result import Track
from stormwatch.explain.payload import instrument_payload, track_payload
from stormwatch.facts import Timeline

Payload = dict[str, Any]
SCHEMA = "stormwatch course 1"


def payload(course: Course) -> Payload:
    """The course as plain data, for JSON and for every report.

    >>> import stormwatch as sw
    >>> from stormwatch.course.follow import follow
    >>> payload(follow(sw.answers({"temperature": "39.1 Cel"})))["episodes"][0]["syndrome"]
    'crs'
    """
    return _Writer(course).course()


class _Writer(DrugWriter):
    """Writes the whole of one course."""

    def course(self) -> Payload:
        course, timeline = self._course, self._timeline
        return {
            "schema": SCHEMA,
            "patient": self._patient(timeline),
            "record_says": list(timeline.labels),
            "software": course.software,
            "data_cut": self._time(timeline.end),
            "as_known_at": self._time(course.at),
            "drugs": [self._drug(drug) for drug in course.drugs],
            "treatments": [self._exposure(one) for one in course.treatments],
            "episodes": [self._episode(one) for one in course.episodes],
            "possible_episodes": [self._episode(one) for one in course.possible],
            "overlaps": [self._overlap(one) for one in course.overlaps],
            "dechallenges": [self._dechallenge(one) for one in course.dechallenges],
            "rechallenges": [self._rechallenge(one) for one in course.rechallenges],
            "trajectories": [self._trajectory(one) for one in course.trajectories],
            "differential": [self._diagnosis(one) for one in course.differential],
            "instruments": [self._instrument(track) for track in course.tracks.values()],
            "undecided_instruments": dict(course.undecided),
            "choices": {name: window(name).why for name in ("treatment", "premedication", "observation", "onset")},
            "assumptions": list(course.assumptions),
            "notes": list(course.notes),
            "rows": {
                "read": timeline.accounting.read,
                "used": timeline.accounting.used,
                "rejected": len(timeline.accounting.rejected),
                "outside": timeline.accounting.outside.total(),
            },
        }

    def _patient(self, timeline: Timeline) -> Payload:
        patient = timeline.patient
        birth, death = patient.birth, patient.death
        return {
            "id": patient.id,
            "sex": patient.sex or None,
            "birth": None if birth is None else birth.text,
            "death": None if death is None else death.text,
        }

    # --- the syndromes

    def _episode(self, one: Episode) -> Payload:
        latency = one.latency
        return {
            "syndrome": one.syndrome,
            "instrument": one.instrument,
            "number": one.number,
            "certain": one.certain,
            "onset": self._days(one.onset),
            "began": self._days(began(one)),
            "possible_onset": self._days(one.possible_onset),
            "peak": interval(one.peak),
            "peak_at": self._days(one.peak_at),
            "peak_possible": as_number(one.peak_possible),
            "last_met": self._days(one.last_met),
            "resolved": self._days(one.resolved),
            "ongoing": one.ongoing,
            "end": one.end,
            "rule": one.rule,
            "latency": {
                "drug": latency.drug or None,
                "first_dose": span(latency.first_dose),
                "last_step": span(latency.last_step),
                "last_start": span(latency.last_start),
            },
            "statements": list(one.statements),
            "facts": self._facts(one.facts),
        }

    def _overlap(self, one: Overlap) -> Payload:
        return {
            "syndromes": [one.first.syndrome, one.second.syndrome],
            "instruments": [one.first.instrument, one.second.instrument],
            "start": self._time(one.start),
            "stop": self._time(one.stop),
        }

    def _dechallenge(self, one: Dechallenge) -> Payload:
        return {
            **self._of_episode(one.drug, one.episode),
            "at": self._days(one.at),
            "outcome": one.outcome,
            "improved": one.improved.value,
            "why": one.why,
            "treatments": [self._briefly(treatment) for treatment in one.treatments],
            "e2b": [_coded(code) for code in (one.action, one.not_given_again) if code is not None],
        }

    def _rechallenge(self, one: Rechallenge) -> Payload:
        again = one.recurrence
        return {
            **self._of_episode(one.drug, one.episode),
            "at": self._days(one.restart.start),
            "mcg_per_day": as_number(one.mcg_per_day),
            "mg": as_number(one.restart.mg),
            "after": pause(one.after),
            "premedication": [self._briefly(given) for given in one.premedication],
            "outcome": one.outcome,
            "recurrence": None if again is None else {"instrument": again.instrument, "number": again.number},
            "observed": span(one.observed),
            "why": one.why,
            "e2b": [_coded(one.recurred)],
        }

    def _of_episode(self, drug: str, episode: Episode) -> Payload:
        return {
            "drug": drug,
            "syndrome": episode.syndrome,
            "instrument": episode.instrument,
            "episode": episode.number,
        }

    # --- values, diagnoses, instruments

    def _trajectory(self, one: Trajectory) -> Payload:
        return {
            "analyte": one.analyte,
            "title": analytes.analyte(one.analyte).title,
            "unit": analytes.analyte(one.analyte).unit,
            "points": [self._point(point) for point in one.points],
            "baseline": self._one(one.baseline),
            "extreme": self._one(one.extreme),
            "extreme_within": interval(one.bounds),
            "fold": interval(one.fold),
            "doubling_hours": interval(one.doubling),
            "halving_hours": interval(one.halving),
            "normal_after": span(one.normal_after),
            "why_not": dict(one.why_not),
            "rule": one.rule,
        }

    def _diagnosis(self, one: Diagnosis) -> Payload:
        return {
            "id": one.id,
            "title": one.title,
            "speaks_for": self._lines(one.speaks_for),
            "speaks_against": self._lines(one.speaks_against),
            "undecided": self._lines(one.undecided),
            "never_measured": list(one.never_measured),
            "notes": [{"text": note.text, "source": note.source} for note in one.notes],
            "source": one.source,
        }

    def _lines(self, lines: Iterable[Line]) -> list[Payload]:
        return [{"text": line.text, "source": line.source, "facts": self._facts(line.facts)} for line in lines]

    def _instrument(self, track: Track) -> Payload:
        whole = track_payload(track, ())
        return {**instrument_payload(track.instrument), **{name: whole[name] for name in ("first_met", "worst", "now")}}


def _coded(one: Coded) -> Payload:
    return {"element": one.element, "code": one.code, "text": one.text}
