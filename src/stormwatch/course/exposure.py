"""From administrations to the course of a drug: infusions, dose steps, holds, restarts, cycles, cumulative time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import floor

from stormwatch import terms
from stormwatch.course.cycles import cycles, infused, recorded_holds, unsure
from stormwatch.course.infusions import Cycle, DrugCourse, Hold, Infusion, Kind, Step
from stormwatch.course.joining import administration, joined
from stormwatch.course.schedule import Schedule, schedules
from stormwatch.errors import UnknownName
from stormwatch.facts import Exposure, Given, Timeline, usable_from

__all__ = [
    "Cycle",
    "DrugCourse",
    "Hold",
    "Infusion",
    "Kind",
    "Step",
    "day",
    "day_of_cycle",
    "drug_id",
    "exposure",
    "treatments",
]

_DAY = timedelta(days=1)
_CLASSES: tuple[Kind, ...] = ("t_cell_engager", "car_t")
_TO_THE_DAY = "Some times are recorded to the day or month only; the latest moment the text allows counts."
_OVERLAP = "Where two infusions of the drug overlap in the record, the later one counts from its start."
_NO_END = "An infusion without a recorded end counts no time, and no hold is placed after it."
_NO_RATE = "Some rates or doses are not recorded in a unit that can be read and stay unknown."
_UNSURE = (
    "The times recorded leave open whether an interruption was longer than the cycle allows; the latest times count."
)
_NO_CYCLES = "Single doses: the pauses between them are the schedule, and cycles are not numbered."
_CELLS = "Cells live on after the infusion: its day is known, an end of exposure is not."


def exposure(timeline: Timeline, until: datetime, suspect: str | None = None) -> tuple[DrugCourse, ...]:
    """The courses of the drugs under suspicion, as known at a moment.

    Args:
        timeline: one patient's facts. Only administrations count: an order is no exposure.
        until: what became known later is left out, and an infusion that ended later is still running.
        suspect: a further drug under suspicion, by id or name; it comes first. Others are T-cell engagers and CAR-T.

    Returns:
        One course for each drug, the suspect first, then by first dose; empty when none was given.

    Raises:
        UnknownName: no drug is called like the suspect.

    >>> from datetime import UTC, datetime
    >>> from dataclasses import replace
    >>> from stormwatch.testing.records import given, record
    >>> bag = replace(given("blinatumomab", 0, until=672), rate="28 ug / 1 d")
    >>> [(c.number, c.infused.days) for c in exposure(record([bag]), datetime(2024, 3, 1, tzinfo=UTC))[0].cycles]
    [(1, 28)]
    """
    named = None if suspect is None else drug_id(suspect)
    kinds = _kinds(named)
    by_drug: dict[str, list[Exposure]] = {}
    for one in _given(timeline, until):
        if one.drug in kinds:
            by_drug.setdefault(one.drug, []).append(one)
    courses = (_course(timeline, until, kinds[drug], facts) for drug, facts in by_drug.items())
    return tuple(sorted(courses, key=lambda course: (course.drug != named, course.first, course.drug)))


def treatments(timeline: Timeline, until: datetime, drugs: Iterable[DrugCourse] = ()) -> tuple[Exposure, ...]:
    """Every other drug of interest that was given, in time order; one only ordered or not given is no exposure.

    ``drugs`` are the courses that are left out, because they are under suspicion themselves.
    """
    suspects = {course.drug for course in drugs}
    return tuple(one for one in _given(timeline, until) if one.drug not in suspects)


def day(moment: datetime, course: DrugCourse) -> float:
    """Days since the first dose in the record, negative before it."""
    return (moment - course.first) / _DAY


def day_of_cycle(moment: datetime, course: DrugCourse) -> tuple[int, int] | None:
    """Number of the cycle and day within it, counted in days of 24 h from its start, the first being day 1.

    Days go on counting after the infusion has ended, until the next cycle starts. None before the first cycle, and for
    a drug whose cycles are not numbered.
    """
    begun = [cycle for cycle in course.cycles if cycle.start <= moment]
    return (begun[-1].number, floor((moment - begun[-1].start) / _DAY) + 1) if begun else None


def drug_id(name: str) -> str:
    """The id of the drug with this id or name.

    Raises:
        UnknownName: there is none.

    >>> drug_id("Blincyto")
    'blinatumomab'
    """
    if name in terms.drugs():
        return name
    found = terms.drug_by_name(name)
    if found is None:
        raise UnknownName(f"no drug is called {name!r}; name it by its ingredient or brand")
    return found.id


def _kinds(named: str | None) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {drug: kind for kind in _CLASSES for drug in terms.drugs_in_class(kind)}
    if named is not None:
        kinds.setdefault(named, "other")
    return kinds


def _given(timeline: Timeline, until: datetime) -> list[Exposure]:
    given = (one for one in timeline.exposures if one.given is Given.GIVEN and usable_from(one) <= until)
    return sorted(given, key=lambda one: (one.time.latest, one.known_at.latest, one.origin.file, one.origin.record))


def _course(timeline: Timeline, until: datetime, kind: Kind, facts: list[Exposure]) -> DrugCourse:
    schedule = schedules().get(facts[0].drug)
    bags = [administration(one, timeline, until, continuous=schedule is not None) for one in facts]
    return _of_doses(bags, kind, until) if schedule is None else _of_bags(bags, kind, schedule, timeline, until)


def _of_bags(bags: list[Infusion], kind: Kind, schedule: Schedule, timeline: Timeline, until: datetime) -> DrugCourse:
    """A continuous infusion: its bags joined, its cycles numbered."""
    infusions, overlapped = joined(bags, schedule.bag_change)
    found = cycles(infusions, schedule, timeline, until)
    said = [_cycles_are(schedule)]
    said += [_OVERLAP] if overlapped else []
    said += [_UNSURE] if unsure(infusions, schedule) else []
    holds = tuple(hold for cycle in found for hold in cycle.holds)
    steps = tuple(step for cycle in found for step in cycle.steps)
    return _drug_course(infusions, kind, until, (found, holds, steps), said)


def _of_doses(doses: list[Infusion], kind: Kind, until: datetime) -> DrugCourse:
    """Single doses, or an infusion of cells: no cycles, and no holds but those recorded."""
    steps = () if kind == "car_t" else tuple(_steps(doses))
    said = _CELLS if kind == "car_t" else _NO_CYCLES
    return _drug_course(doses, kind, until, ((), tuple(recorded_holds(doses)), steps), [said])


def _drug_course(
    infusions: list[Infusion],
    kind: Kind,
    until: datetime,
    parts: tuple[tuple[Cycle, ...], tuple[Hold, ...], tuple[Step, ...]],
    said: list[str],
) -> DrugCourse:
    found, holds, steps = parts
    running = infusions[-1].running
    return DrugCourse(
        drug=infusions[0].drug,
        kind=kind,
        infusions=tuple(infusions),
        cycles=found,
        holds=holds,
        first=infusions[0].start,
        last=max(until, infusions[-1].start) if running else max(one.last for one in infusions),
        running=running,
        infused=infused(infusions, until),
        assumptions=(*said, *_said_of(infusions)),
        steps=steps,
    )


def _steps(doses: Sequence[Infusion]) -> Iterator[Step]:
    for before, after in pairwise(doses):
        if before.mg is not None and after.mg is not None and before.mg != after.mg:
            yield Step(after.start, before.mg, after.mg, "mg")


def _said_of(infusions: Sequence[Infusion]) -> Iterator[str]:
    """What the record leaves open of these infusions."""
    times = [time for one in infusions for fact in one.facts for time in (fact.time, fact.stop) if time is not None]
    if not all(time.is_exact for time in times):
        yield _TO_THE_DAY
    if any(one.open_ended for one in infusions):
        yield _NO_END
    if any(one.recorded and one.mcg_per_day is None and one.mg is None for one in infusions):
        yield _NO_RATE


def _cycles_are(schedule: Schedule) -> str:
    return (
        f"Cycles are numbered from the first in the record. An interruption of more than "
        f"{schedule.same_cycle_up_to.days} days begins a new one (label). Ours: a gap of less than "
        f"{schedule.bag_change / timedelta(hours=1):.0f} h is a change of bags, and a cycle that ran for "
        f"{schedule.over.days} of its {schedule.infusion.days} days is over, so that the pause after it is no hold."
    )
