"""The course of a patient as guidance asks for it: this is the one place that reads a Course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stormwatch.course.amounts import mcg_per_day, milligrams
from stormwatch.facts import Exposure, Fact, Finding, Interval, Measurement, Timeline, usable_from
from stormwatch.guidance.known import Break, DrugGiven, Given, Reaction
from stormwatch.guidance.words import spoken_analyte

if TYPE_CHECKING:
    from stormwatch.course.episodes import Episode
    from stormwatch.course.follow import Course
    from stormwatch.course.infusions import DrugCourse, Hold, Infusion

_TOXICITY = {"crs": "crs", "icans": "neurotoxicity"}
_STATED = ("macrophage_activation_syndrome", "hlh")
_NO_TERM = "the grade of HLH or MAS: CTCAE version 5 has no term for it"
# A finding stated anew within this time belongs to the same seizure (ours).
_ONE_SEIZURE = timedelta(hours=1)
_LIVER = ("ast", "alt", "bilirubin")


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of one patient at a moment, in the words of labels.

    ``drugs`` are the T-cell-engaging drugs, ``treatments`` all other drugs of interest that were given.
    """

    timeline: Timeline
    at: datetime
    drugs: tuple[DrugGiven, ...]
    treatments: tuple[Given, ...]
    reactions: tuple[Reaction, ...]

    def drug(self, name: str) -> DrugGiven | None:
        """The course of a T-cell-engaging drug, or None when it is not recorded."""
        return next((drug for drug in self.drugs if drug.drug == name), None)

    def given(self, name: str) -> tuple[Given, ...]:
        """Every recorded dose of a drug, in time order."""
        own = self.drug(name)
        return own.doses if own else tuple(one for one in self.treatments if one.drug == name)

    def reactions_of(self, toxicity: str, grading: str = "") -> tuple[Reaction, ...]:
        """The reactions of a kind, graded by one instrument where several grade it."""
        of_kind = [one for one in self.reactions if one.toxicity == toxicity]
        return tuple(one for one in of_kind if not one.grading or one.grading == grading)

    def told(self, moment: datetime) -> str:
        """A moment on the clock the record was kept by."""
        return moment.astimezone(self.timeline.zone).isoformat(timespec="minutes")


def situation(course: Course) -> Situation | None:
    """Read a course; None for that of an empty record."""
    if course.at is None:
        return None
    engagers = [drug for drug in course.drugs if drug.kind != "other"]
    names = {drug.drug for drug in engagers}
    others = [one for drug in course.drugs if drug.kind == "other" for one in _infusions(drug)]
    treatments = {one.fact: one for one in (*others, *(_treatment(one) for one in course.treatments))}
    return Situation(
        timeline=course.timeline,
        at=course.at,
        drugs=tuple(_drug(drug) for drug in engagers),
        treatments=tuple(sorted((t for t in treatments.values() if t.drug not in names), key=lambda one: one.at)),
        reactions=tuple(_reactions(course, course.at)),
    )


def known_facts(timeline: Timeline, at: datetime) -> Iterator[Fact]:
    """The facts that could be known at a moment."""
    return (fact for fact in timeline.facts if usable_from(fact) <= at)


# --- drugs


def _drug(drug: DrugCourse) -> DrugGiven:
    breaks = tuple(_break(number, hold) for number, hold in enumerate(drug.holds, start=1))
    return DrugGiven(drug.drug, tuple(_infusions(drug)), breaks, {cycle.number: cycle.start for cycle in drug.cycles})


def _infusions(drug: DrugCourse) -> Iterator[Given]:
    return (_infusion(one) for one in drug.infusions)


def _infusion(one: Infusion) -> Given:
    return Given(one.drug, one.start, one.stop, one.mg, one.mcg_per_day, one.recorded, one.fact)


def _treatment(one: Exposure) -> Given:
    stop = None if one.stop is None else one.stop.latest
    recorded = one.dose or one.rate or "dose not recorded"
    return Given(one.drug, one.time.latest, stop, milligrams(one), mcg_per_day(one), recorded, one)


def _break(number: int, hold: Hold) -> Break:
    restart = None if hold.restart is None else _infusion(hold.restart)
    return Break(number, hold.start, hold.stop, hold.cycle, restart)


# --- reactions


def _reactions(course: Course, at: datetime) -> Iterator[Reaction]:
    first = min((drug.first for drug in course.drugs if drug.kind != "other"), default=None)
    if first is None:
        return
    for episode in course.episodes:
        if episode.certain and episode.syndrome in _TOXICITY and episode.stop >= first:
            yield _graded(episode)
    known = [fact for fact in known_facts(course.timeline, at) if fact.time.latest >= first]
    yield from _stated(known)
    yield from _seizures(known)
    yield from _liver(course.timeline, known)


def _graded(episode: Episode) -> Reaction:
    low = None if episode.peak is None else episode.peak.low
    high = episode.peak_possible if episode.peak_possible is not None else low
    grade = None if low is None or high is None else Interval(low, max(low, high))
    end = None if episode.ongoing else episode.resolved or episode.last_met
    toxicity = _TOXICITY[episode.syndrome]
    open_grade = "" if grade and grade.is_point else "what would settle the grade: oxygen, blood pressure, vasopressors"
    if toxicity == "neurotoxicity" and open_grade:
        open_grade = "what would settle the grade: the ICE score, consciousness, seizures"
    return Reaction(
        toxicity,
        episode.syndrome.upper(),
        episode.number,
        episode.onset,
        end,
        grade,
        episode.instrument,
        episode.facts,
        open_grade,
    )


def _stated(known: list[Fact]) -> Iterator[Reaction]:
    """HLH or MAS stated in the record: a reaction by itself, and another adverse reaction whose grade nobody gave."""
    stated = [fact for fact in known if isinstance(fact, Finding) and fact.name in _STATED]
    onset = next((fact for fact in stated if fact.present), None)
    if onset is None:
        return
    over = next(
        (f for f in stated if not f.present and f.name == onset.name and f.time.latest > onset.time.latest), None
    )
    end = None if over is None else over.time.latest
    facts = (onset,) if over is None else (onset, over)
    for toxicity in ("mas_hlh", "other"):
        yield Reaction(toxicity, "HLH or MAS", 1, onset.time.latest, end, None, "", facts, _NO_TERM)


def _seizures(known: list[Fact]) -> Iterator[Reaction]:
    last: datetime | None = None
    number = 0
    for fact in known:
        if isinstance(fact, Finding) and fact.name == "seizure" and fact.present:
            if last is None or fact.time.latest - last > _ONE_SEIZURE:
                number += 1
                yield Reaction("seizure", "Seizure", number, fact.time.latest, None, None, "", (fact,))
            last = fact.time.latest


def _liver(timeline: Timeline, known: list[Fact]) -> Iterator[Reaction]:
    """A liver value at its highest, graded by CTCAE version 5: another adverse reaction when it has a grade at all."""
    for analyte in _LIVER:
        values = [fact for fact in known if isinstance(fact, Measurement) and fact.analyte == analyte]
        peak = max(values, key=lambda one: one.value.low, default=None)
        if peak is None or peak.high is None or peak.value.low <= peak.high:
            continue
        grade = _ctcae(timeline, analyte, usable_from(peak))
        if grade is not None and grade.low >= 1:
            begun = next(one for one in values if one.high is not None and one.value.low > one.high)
            later = [one for one in values if one.time.latest > peak.time.latest and one.high is not None]
            over = next((one.time.latest for one in later if one.high is not None and one.value.high <= one.high), None)
            yield Reaction(
                "other",
                f"Raised {spoken_analyte(analyte)}",
                1,
                begun.time.latest,
                over,
                grade,
                "ctcae-v5",
                (begun, peak),
            )


def _ctcae(timeline: Timeline, term: str, at: datetime) -> Interval | None:
    from stormwatch.engines.api import assess

    items = assess(timeline, "ctcae-v5", at=at).items
    value = next((item.value for item in items if getattr(item.node, "id", "") == term), None)
    return value if isinstance(value, Interval) else None
