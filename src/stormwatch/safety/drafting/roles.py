"""Which drug plays which part: suspect, concomitant, or treatment of the event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from stormwatch import terms
from stormwatch.course.challenge import window
from stormwatch.course.dechallenge import is_premedication as is_in_the_window
from stormwatch.course.follow import Course
from stormwatch.facts import Exposure
from stormwatch.safety.drafting.events import Event

WHY_TREATMENT = (
    "A drug of those used against the event, or against fever, given from three days before the suspect drug was "
    "changed until the event was over, or soon after such a dose; premedication is left out. The choice is ours."
)


@dataclass(frozen=True, slots=True)
class Roles:
    """The doses of all drugs that are not under suspicion, by what they were given for."""

    treatment: tuple[Exposure, ...]
    concomitant: tuple[Exposure, ...]


def roles(course: Course, events: Sequence[Event]) -> Roles:
    """Each dose is either treatment of an event or concomitant; the suspect drugs are not among them."""
    treating = {id(one) for one in _treating(course, events)}
    treating |= {id(one) for one in _going_on(course, treating)}
    return Roles(
        tuple(one for one in course.treatments if id(one) in treating),
        tuple(one for one in course.treatments if id(one) not in treating),
    )


def is_premedication(dose: Exposure, course: Course) -> bool:
    """Whether a dose is known to be premedication: hours decide it, so a dose dated to the day or not at all is not."""
    known = dose.time.latest - dose.time.earliest < window("premedication").span
    return known and is_in_the_window(dose, course.drugs)


def by_drug(doses: Iterable[Exposure]) -> dict[str, list[Exposure]]:
    """Doses by drug, in the order of the first dose of each."""
    found: dict[str, list[Exposure]] = {}
    for one in doses:
        found.setdefault(one.drug, []).append(one)
    return found


def _treating(course: Course, events: Sequence[Event]) -> Iterable[Exposure]:
    episodes = {id(episode) for event in events for episode in event.episodes}
    for change in course.dechallenges:
        if id(change.episode) in episodes:
            yield from change.treatments
    against = window("treatment").drugs | terms.drugs_in_class("antipyretic")
    for one in course.treatments:
        during = any(_within(one.time.latest, event, course) for event in events)
        if during and one.drug in against and not is_premedication(one, course):
            yield one


def _within(moment: datetime, event: Event, course: Course) -> bool:
    return event.first <= moment <= event.until(course.at or event.first)


def _going_on(course: Course, treating: set[int]) -> Iterable[Exposure]:
    """Later doses of the same drug that follow a dose of the treatment without a longer pause."""
    span = window("treatment").span
    last: dict[str, datetime] = {}
    for one in course.treatments:
        moment = one.time.latest
        if id(one) in treating:
            last[one.drug] = moment
        elif one.drug in last and moment - last[one.drug] <= span and not is_premedication(one, course):
            last[one.drug] = moment
            yield one
