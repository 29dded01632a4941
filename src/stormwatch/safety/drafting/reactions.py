"""The reactions (section E): term, onset, end, duration, outcome; seriousness is its neighbour."""

from __future__ import annotations

from stormwatch.course.challenge import window
from stormwatch.facts import Fact
from stormwatch.logic.truth import Truth
from stormwatch.safety.drafting.events import Event
from stormwatch.safety.drafting.pen import Drafting, Place, put_span, span
from stormwatch.safety.drafting.seriousness import death_from, put_seriousness


def put_reaction(drafting: Drafting, event: Event, country: str, language: str) -> Place:
    """One reaction with its onset, end, duration, outcome and seriousness; what is not known is said to be."""
    place = drafting.case.add("E.i", event.id)
    _term(place, event)
    place.put("E.i.1.1b", language or None, "As given to the draft.", by="stated")
    _times(drafting, place, event)
    _outcome(drafting, place, event)
    put_seriousness(drafting, place, event)
    if country:
        place.put("E.i.9", country, "As given to the draft.", by="stated")
    return place


def _term(place: Place, event: Event) -> None:
    if event.stated:
        said = event.stated[0]
        place.put("E.i.1.1a", said.recorded or event.kind.term, "The diagnosis as the record states it.", event.stated)
        place.put("SW.stated", "yes", "The record states the diagnosis.", event.stated)
    else:
        place.put("E.i.1.1a", event.kind.term, f"{_by_criteria(event)} The record states no diagnosis.", _facts(event))
        place.put("SW.stated", "no", "The record holds no stated diagnosis; criteria alone were met.")
    if event.episodes:
        named = ", ".join(sorted({one.instrument for one in event.episodes}))
        place.put("SW.criteria", named, "The instruments by which the criteria were certainly met.", _facts(event))
    for one in event.episodes:
        if one.peak is not None:
            peak = place.add("SW.peak", one.instrument)
            peak.put(
                "SW.peak.score", str(one.peak), f"The highest certain score or grade by {one.instrument}.", one.facts
            )


def _by_criteria(event: Event) -> str:
    named = ", ".join(sorted({one.instrument for one in event.episodes}))
    return f"The criteria of {named} were certainly met."


def _times(drafting: Drafting, place: Place, event: Event) -> None:
    start = event.start_recorded or drafting.when(event.start)
    began = drafting.date(start) or drafting.moment(event.start)
    if event.stated:
        place.put("E.i.4", drafting.date(start), "The onset of the stated diagnosis.", event.stated)
    else:
        why = "When what first met the criteria of an instrument had been recorded; that this is the onset is ours."
        place.put("E.i.4", began, why, _facts(event))
    stop = None
    if event.ended is not None:
        stop = event.ended.time
        place.put("E.i.5", drafting.date(stop), "The end of the stated diagnosis.", (event.ended,))
    elif event.stop is not None:
        stop = drafting.when(event.stop)
        why = "When the last of the instruments that saw it resolve no longer found its criteria met; ours."
        place.put("E.i.5", drafting.moment(event.stop), why)
    put_span(place, "E.i.6", span(start, stop), "From onset (E.i.4) to end (E.i.5).")


def _outcome(drafting: Drafting, place: Place, event: Event) -> None:
    code, why, facts = outcome(drafting, event)
    place.put("E.i.7", code, why, facts)


def outcome(drafting: Drafting, event: Event) -> tuple[str, str, tuple[Fact, ...]]:
    """The code of the outcome with its reason and facts. A death is an outcome of the reaction only where stated."""
    fatal = death_from(drafting, event)
    if fatal:
        return "5", "The record states death from it.", fatal
    if event.ended is not None:
        return "1", "The record states that the diagnosis ended.", (event.ended,)
    died = drafting.timeline.patient.death
    if died is not None:
        return "0", "The patient died, and the record does not say whether from this: judge and correct.", ()
    if event.stop is not None:
        return "1", "The criteria were certainly no longer met at the end of the episode.", ()
    seen = (drafting.course.at or event.start) - event.start
    if any(one.ongoing for one in event.episodes) and seen >= window("observation").span:
        if _improved(drafting, event):
            return "2", "The criteria were still met at the end of the record, and the score had certainly fallen.", ()
        return "3", "The criteria were certainly still met at the end of the record, a day or more after the onset.", ()
    return "0", "The record does not show how it ended.", ()


def _improved(drafting: Drafting, event: Event) -> bool:
    return any(
        one.improved is Truth.MET and any(one.episode is episode for episode in event.episodes)
        for one in drafting.course.dechallenges
    )


def _facts(event: Event) -> tuple[Fact, ...]:
    return tuple(fact for one in event.episodes for fact in one.facts)
