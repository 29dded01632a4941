"""One drug and one reaction (G.k.9.i): time between, action taken, dechallenge and rechallenge."""

from __future__ import annotations

from collections.abc import Sequence

from stormwatch.course.challenge import Dechallenge, Rechallenge
from stormwatch.course.follow import Course
from stormwatch.course.infusions import DrugCourse
from stormwatch.facts import Fact
from stormwatch.logic.truth import Truth
from stormwatch.safety.drafting.events import Event
from stormwatch.safety.drafting.pen import Drafting, Place, put_span, span

# Where instruments differ on one reaction, the first of these that any of them gives is taken. Ours.
_ACTION = ("1", "2", "3", "4", "9", "0")
_DECHALLENGE = ("confounded", "negative", "positive", "not assessable")
_RECHALLENGE = ("recurred", "did not recur", "cannot tell")
_CODES = {"recurred": "1", "did not recur": "2", "cannot tell": "3"}
_SEVERAL = (
    "Instruments that judge the reaction may differ; the first of {order} that any of them gives is taken (ours)."
)


def put_links(drafting: Drafting, drug: DrugCourse, place: Place, events: Sequence[Event]) -> None:
    """What the course tells of the drug and each reaction, and the action taken with the drug."""
    changes = [one for event in events for one in dechallenges(drafting.course, drug.drug, event)]
    if changes:
        code = min((one.action.code for one in changes), key=_ACTION.index)
        chosen = next(one for one in changes if one.action.code == code)
        place.put("G.k.8", code, f"{chosen.why} {_SEVERAL.format(order='withdrawn, reduced, raised, unchanged')}")
    elif drug.kind == "car_t":
        place.put("G.k.8", "9", "Cells cannot be stopped.")
    else:
        place.put("G.k.8", "0", "The course tells no change of the drug in a reaction.")
    for event in events:
        if drug.first <= event.until(event.first):
            _link(drafting, drug, place, event)


def dechallenges(course: Course, drug: str, event: Event) -> list[Dechallenge]:
    """What the course found of the drug's being stopped in this reaction, by each instrument."""
    return [one for one in course.dechallenges if one.drug == drug and _of(one.episode, event)]


def rechallenges(course: Course, drug: str, event: Event) -> list[Rechallenge]:
    """What the course found of the drug's being given again after this reaction, by each instrument."""
    return [one for one in course.rechallenges if one.drug == drug and _of(one.episode, event)]


def _of(episode: object, event: Event) -> bool:
    return any(one is episode for one in event.episodes)


def dechallenge(course: Course, drug: str, event: Event) -> Dechallenge | None:
    """The one that counts where instruments differ."""
    found = dechallenges(course, drug, event)
    # Of equal ones, the instrument that saw an improvement says more than one that could not tell.
    return min(found, key=lambda one: (_DECHALLENGE.index(one.outcome), one.improved is Truth.UNKNOWN), default=None)


def rechallenge(course: Course, drug: str, event: Event) -> Rechallenge | None:
    """The one that counts where instruments differ."""
    found = rechallenges(course, drug, event)
    return min(found, key=lambda one: _RECHALLENGE.index(one.outcome), default=None)


def _link(drafting: Drafting, drug: DrugCourse, place: Place, event: Event) -> None:
    link = place.add("G.k.9.i", event.id)
    link.put("G.k.9.i.1", event.id, "The reaction of this name.")
    onset = event.start_recorded or drafting.when(event.start)
    first = drug.infusions[0]
    put_span(link, "G.k.9.i.3.1", span(first.fact.time, onset), "From the first dose to the onset.", first.facts)
    before = [one for one in drug.infusions if one.start <= event.start]
    if before and before[-1].stop is not None and before[-1].stop < event.start:
        why = "From the last moment it was given to the onset."
        put_span(link, "G.k.9.i.3.2", span(before[-1].ends, onset), why, before[-1].facts)
    changed = dechallenge(drafting.course, drug.drug, event)
    if changed is not None:
        order = _SEVERAL.format(order=", ".join(_DECHALLENGE))
        link.put("SW.dechallenge", changed.outcome, f"{changed.why} {order}", changed.treatments)
        if changed.at is not None:
            link.put("SW.dechallenge.date", drafting.moment(changed.at), changed.why)
    _rechallenge(drafting, drug, link, event, changed)


def _rechallenge(drafting: Drafting, drug: DrugCourse, link: Place, event: Event, changed: Dechallenge | None) -> None:
    again = rechallenge(drafting.course, drug.drug, event)
    if again is not None:
        order = _SEVERAL.format(order=", ".join(_RECHALLENGE))
        facts: tuple[Fact, ...] = (*again.restart.facts, *again.premedication)
        link.put("G.k.9.i.4", _CODES[again.outcome], f"{again.why} {order}", facts)
        link.put("SW.rechallenge.date", drafting.moment(again.restart.start), "The restart.", again.restart.facts)
        link.put("SW.rechallenge.dosage", again.restart.recorded or None, "As recorded.", again.restart.facts)
        given = ", ".join(f"{one.recorded} {one.dose}".strip() for one in again.premedication)
        link.put(
            "SW.rechallenge.premedication", given or None, "Given shortly before the restart.", again.premedication
        )
    elif changed is not None and changed.not_given_again is not None:
        link.put("G.k.9.i.4", changed.not_given_again.code, "The drug was stopped, and the record has no restart.")
