"""The drugs (section G): suspect ones with doses, action taken, intervals and rechallenge; others by their role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from stormwatch import terms
from stormwatch.course.infusions import DrugCourse, Infusion
from stormwatch.facts import Exposure, plain
from stormwatch.safety.drafting.doses import put_infusion, put_run, runs
from stormwatch.safety.drafting.events import Event
from stormwatch.safety.drafting.knowledge import indications
from stormwatch.safety.drafting.pen import Drafting, Place
from stormwatch.safety.drafting.roles import WHY_TREATMENT, Roles, by_drug, is_premedication

_DAY = timedelta(days=1)


def put_suspect(drafting: Drafting, drug: DrugCourse, events: Sequence[Event], *, suspect: bool) -> Place:
    """A drug whose course was followed: under suspicion, or (where another was named) beside it."""
    place = drafting.case.add("G.k", drug.drug)
    facts = [fact for one in drug.infusions for fact in one.facts]
    if suspect:
        place.put("G.k.1", "1", "Under suspicion: named so, or of a class that causes such reactions.", facts[:1])
    else:
        place.put("G.k.1", "2", "Another drug was named as the suspect one.", facts[:1])
    _name(place, facts[0])
    for one in drug.infusions:
        put_infusion(drafting, place, one)
    if drafting.exact:
        _cumulative(place, drug, min((event.first for event in events), default=None))
    _indication(drafting, place, drug.drug)
    return place


def put_concomitants(drafting: Drafting, roles: Roles) -> None:
    """Every other drug that was not given against the event."""
    for drug, doses in by_drug(roles.concomitant).items():
        place = drafting.case.add("G.k", drug)
        place.put("G.k.1", "2", "Given, not under suspicion, and not against the event.", doses[:1])
        _name(place, doses[0])
        for run in runs(doses):
            put_run(drafting, place, run)
        before = [one for one in doses if is_premedication(one, drafting.course)]
        if before:
            why = "Given within hours before an infusion of a suspect drug (the course's window for premedication)."
            place.put("G.k.11", f"Premedication: {len(before)} of {len(doses)} doses.", why, before)


def put_treatments(drafting: Drafting, roles: Roles) -> None:
    """What was given against the event: not a drug of section G, but told in the narrative and on forms."""
    for drug, doses in by_drug(roles.treatment).items():
        place = drafting.case.add("SW.treatment", drug)
        place.put("SW.treatment.name", terms.drugs()[drug].title, WHY_TREATMENT, doses)
        place.put("SW.treatment.first", drafting.date(doses[0].time), WHY_TREATMENT, doses[:1])
        place.put("SW.treatment.last", drafting.date(doses[-1].time), WHY_TREATMENT, doses[-1:])
        place.put("SW.treatment.doses", str(len(doses)), WHY_TREATMENT, doses)
        place.put("SW.treatment.dosage", "; ".join(run.text for run in runs(doses)), WHY_TREATMENT, doses)


def _name(place: Place, fact: Exposure) -> None:
    title = terms.drugs()[fact.drug].title
    place.put("G.k.2.2", (fact.recorded or title)[:250], "As recorded.", (fact,))
    substance = place.add("G.k.2.3.r")
    substance.put("G.k.2.3.r.1", title, "The ingredient, by the table of drugs.", (fact,))


def _cumulative(place: Place, drug: DrugCourse, until: datetime | None) -> None:
    """The dose until the first sign of the first reaction, when every dose before it is known to the minute."""
    before = [] if until is None else [one for one in drug.infusions if one.start < until]
    parts = [_given(one, until) for one in before if until is not None]
    if not parts or any(part is None for part in parts):
        return
    total = sum((part for part in parts if part is not None), Fraction(0))
    why = "Each rate times the time it ran, or each dose, until the first sign of the first reaction; to one decimal."
    unit, amount = ("mg", total / 1000) if total >= 10**7 else ("ug", total)
    facts = [fact for one in before for fact in one.facts]
    place.put("G.k.5a", plain(Fraction(round(amount * 10), 10)), why, facts)
    place.put("G.k.5b", unit, why, facts)


def _given(one: Infusion, until: datetime | None) -> Fraction | None:
    """In micrograms; None where the rate, the dose or the end is not known."""
    if one.mg is not None:
        return one.mg * 1000
    if one.mcg_per_day is None or one.open_ended or until is None:
        return None
    total = Fraction(0)
    for start, stop in one.spans:
        end = until if stop is None else min(stop, until)
        if end > start:
            total += one.mcg_per_day * Fraction(
                (end - start) // timedelta(microseconds=1), _DAY // timedelta(microseconds=1)
            )
    return total


def _indication(drafting: Drafting, place: Place, drug: str) -> None:
    for name in indications(drug):
        for fact in drafting.findings(name):
            if fact.present:
                told = place.add("G.k.7.r")
                why = "The record states the disease; that the drug was given for it is inferred."
                told.put("G.k.7.r.1", (fact.recorded or terms.findings()[name].title)[:250], why, (fact,))
                return
    place.add("G.k.7.r").put("G.k.7.r.1", None, "The record does not say what it was given for.", null="UNK")
