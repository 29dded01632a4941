"""The course as plain data. Reports, text and every other view are renderings of this.

Numbers are JSON numbers, or a range with ``low`` and ``high`` where known within bounds; a missing one is null.
Moments are ISO 8601 in the record's own zone. Every fact carries where it stands in the record. Days count from the
first dose of the first drug under suspicion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from stormwatch import analytes, terms
from stormwatch.course.challenge import Coded, Dechallenge, Rechallenge, began, window
from stormwatch.course.concentration import band, kinetics, moments_to_show
from stormwatch.course.differential import Diagnosis, Line
from stormwatch.course.episodes import Episode, Overlap
from stormwatch.course.exposure import day, day_of_cycle
from stormwatch.course.follow import Course
from stormwatch.course.infusions import Cycle, DrugCourse, Hold, Infusion, Step
from stormwatch.course.trajectories import Trajectory
from stormwatch.engines.result import Track
from stormwatch.explain.payload import fact_payload, instrument_payload, number, track_payload
from stormwatch.facts import Exposure, Fact, Interval, Number, Timeline

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


class _Writer:
    """Writes one course: holds the record, its zone and its drugs, which most parts need."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._timeline = course.timeline

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

    # --- the patient and the drugs

    def _patient(self, timeline: Timeline) -> Payload:
        patient = timeline.patient
        birth, death = patient.birth, patient.death
        return {
            "id": patient.id,
            "sex": patient.sex or None,
            "birth": None if birth is None else birth.text,
            "death": None if death is None else death.text,
        }

    def _drug(self, drug: DrugCourse) -> Payload:
        return {
            "drug": drug.drug,
            "title": terms.drugs()[drug.drug].title,
            "kind": drug.kind,
            "first": self._time(drug.first),
            "last": self._time(drug.last),
            "running": drug.running,
            "infused": _span(drug.infused),
            "infusions": [self._infusion(one, drug) for one in drug.infusions],
            "cycles": [self._cycle(one) for one in drug.cycles],
            "steps": [self._step(one, drug) for one in drug.steps],
            "holds": [self._hold(one, drug) for one in drug.holds],
            "concentration": self._concentration(drug),
            "assumptions": list(drug.assumptions),
        }

    def _infusion(self, one: Infusion, drug: DrugCourse) -> Payload:
        return {
            **self._when(one.start, drug),
            "stop": self._time(one.stop),
            "running": one.running,
            "end_recorded": not one.open_ended,
            "mcg_per_day": _number(one.mcg_per_day),
            "mg": _number(one.mg),
            "recorded": one.recorded,
            "status": one.status or None,
            "facts": [self._exposure(fact) for fact in one.facts],
        }

    def _cycle(self, cycle: Cycle) -> Payload:
        return {
            "number": cycle.number,
            "number_stated": cycle.stated,
            "start": self._time(cycle.start),
            "stop": self._time(cycle.stop),
            "infused": _span(cycle.infused),
            "rates": [_number(one.mcg_per_day) for one in cycle.infusions],
        }

    def _step(self, step: Step, drug: DrugCourse) -> Payload:
        return {
            **self._when(step.at, drug),
            "before": number(step.before),
            "after": number(step.after),
            "unit": step.unit,
        }

    def _hold(self, hold: Hold, drug: DrugCourse) -> Payload:
        return {
            **self._when(hold.start, drug),
            "stop": self._time(hold.stop),
            "length": _span(hold.length),
            "why": hold.why,
            "cycle": hold.cycle,
            "restart": None if hold.restart is None else self._infusion(hold.restart, drug),
        }

    def _concentration(self, drug: DrugCourse) -> Payload | None:
        if drug.drug != "blinatumomab" or self._course.at is None:
            return None
        levels = band(drug, moments_to_show(drug, self._course.at), self._course.at)
        return {
            "unit": "pg/mL",
            "statements": list(kinetics().statements),
            "levels": [
                {
                    "at": self._time(level.at),
                    "day": round(day(level.at, drug), 4),
                    "low": _rounded(level.low),
                    "typical": _rounded(level.typical),
                    "high": _rounded(level.high),
                }
                for level in levels
            ],
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
            "peak": _interval(one.peak),
            "peak_at": self._days(one.peak_at),
            "peak_possible": _number(one.peak_possible),
            "last_met": self._days(one.last_met),
            "resolved": self._days(one.resolved),
            "ongoing": one.ongoing,
            "end": one.end,
            "rule": one.rule,
            "latency": {
                "drug": latency.drug or None,
                "first_dose": _span(latency.first_dose),
                "last_step": _span(latency.last_step),
                "last_start": _span(latency.last_start),
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
            "mcg_per_day": _number(one.mcg_per_day),
            "mg": _number(one.restart.mg),
            "after": _span(one.after),
            "premedication": [self._briefly(given) for given in one.premedication],
            "outcome": one.outcome,
            "recurrence": None if again is None else {"instrument": again.instrument, "number": again.number},
            "observed": _span(one.observed),
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
            "extreme_within": _interval(one.bounds),
            "fold": _interval(one.fold),
            "doubling_hours": _interval(one.doubling),
            "halving_hours": _interval(one.halving),
            "normal_after": _span(one.normal_after),
            "why_not": dict(one.why_not),
            "rule": one.rule,
        }

    def _point(self, fact: Any) -> Payload:
        return {**self._fact(fact), "value": _interval(fact.value)}

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

    # --- facts and times

    def _facts(self, facts: Sequence[Fact]) -> list[Payload]:
        return [self._fact(fact) for fact in facts]

    def _fact(self, fact: Fact) -> Payload:
        if isinstance(fact, Exposure):
            return self._exposure(fact)
        return {**fact_payload(fact, self._timeline), "day": self._day(fact.time.latest)}

    def _one(self, fact: Any) -> Payload | None:
        return None if fact is None else self._point(fact)

    def _exposure(self, one: Exposure) -> Payload:
        said = {"dose": one.dose, "rate": one.rate, "route": one.route, "status": one.status}
        return {
            "drug": one.drug,
            **fact_payload(one, self._timeline),
            "day": self._day(one.time.latest),
            **{name: text or None for name, text in said.items()},
        }

    def _briefly(self, one: Exposure) -> Payload:
        """A drug given, where its whole entry stands under ``treatments``."""
        moment = self._days(one.time.latest)
        return {"drug": one.drug, "at": moment, "dose": one.dose or one.rate or None, "record": one.origin.record}

    def _when(self, moment: datetime, drug: DrugCourse) -> Payload:
        """A moment with its day since the drug's first dose, and the day of its cycle where those are numbered."""
        place = day_of_cycle(moment, drug)
        return {
            "start": self._time(moment),
            "day": round(day(moment, drug), 4),
            "cycle": None if place is None else place[0],
            "day_of_cycle": None if place is None else place[1],
        }

    def _days(self, moment: datetime | None) -> Payload | None:
        return None if moment is None else {"time": self._time(moment), "day": self._day(moment)}

    def _day(self, moment: datetime) -> float | None:
        """Days since the first dose of the first drug under suspicion; None without one."""
        first = min((drug.first for drug in self._course.drugs), default=None)
        return None if first is None else round((moment - first) / timedelta(days=1), 4)

    def _time(self, moment: datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(self._timeline.zone).isoformat()


def _coded(one: Coded) -> Payload:
    return {"element": one.element, "code": one.code, "text": one.text}


def _span(span: timedelta | None) -> Payload | None:
    """A length of time in hours, and in words."""
    if span is None:
        return None
    hours = span / timedelta(hours=1)
    return {"hours": round(hours, 4), "text": f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"}


def _interval(value: Interval | None) -> Payload | None:
    """A number or the range it lies in; an end that does not exist is null."""
    if value is None:
        return None
    return {"low": number(value.low), "high": number(value.high), "text": str(value)}


def _number(value: Number | None) -> int | float | None:
    return None if value is None else number(value)


def _rounded(level: float) -> float:
    """Four significant figures: the model is no more exact than that."""
    return float(f"{level:.4g}")
