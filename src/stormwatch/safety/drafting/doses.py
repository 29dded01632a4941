"""Doses as G.k.4.r holds them: an amount with its unit and interval, from when to when, by which route."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from stormwatch.course.amounts import milligrams
from stormwatch.course.infusions import Infusion
from stormwatch.facts import Exposure, plain
from stormwatch.safety.drafting.pen import Drafting, Place
from stormwatch.safety.e2b.routes import route_code

_LONGEST = 8


@dataclass(frozen=True, slots=True)
class Run:
    """Doses of one drug that follow each other with the same amount and route."""

    mg: Fraction | None
    doses: tuple[Exposure, ...]

    @property
    def text(self) -> str:
        amount = self.doses[0].dose or self.doses[0].rate or "dose not recorded"
        count = len(self.doses)
        return amount if count == 1 else f"{amount}, {count} doses"


def runs(doses: Sequence[Exposure]) -> Iterator[Run]:
    """Doses in time order as runs of equal ones."""
    held: list[Exposure] = []
    for one in doses:
        if held and (one.dose, one.rate, one.route) != (held[0].dose, held[0].rate, held[0].route):
            yield Run(milligrams(held[0]), tuple(held))
            held = []
        held.append(one)
    if held:
        yield Run(milligrams(held[0]), tuple(held))


def put_infusion(drafting: Drafting, drug: Place, one: Infusion) -> None:
    """One infusion or dose of a suspect drug."""
    place = drug.add("G.k.4.r")
    if one.mcg_per_day is not None:
        why = "The rate of the infusion, in micrograms a day."
        _amount(place, one.mcg_per_day, "ug", why, one.facts)
        if place.group.get("G.k.4.r.1a") is not None:
            place.put("G.k.4.r.2", "1", why, one.facts)
            place.put("G.k.4.r.3", "d", why, one.facts)
    elif one.mg is not None:
        _amount(place, one.mg, "mg", "The dose as recorded.", one.facts)
    place.put("G.k.4.r.4", drafting.date(one.fact.time), "As recorded.", (one.fact,))
    if one.stop is not None:
        place.put("G.k.4.r.5", drafting.date(one.ends), "As recorded.", one.facts)
    elif one.running:
        drafting.notes.append("A drug was still running at the end of the record: its last dose has no date.")
    _words(place, one.recorded, one.facts)


def put_run(drafting: Drafting, drug: Place, run: Run) -> None:
    """One run of equal doses."""
    place = drug.add("G.k.4.r")
    if run.mg is not None:
        _amount(place, run.mg, "mg", "The dose as recorded.", run.doses)
    place.put("G.k.4.r.4", drafting.date(run.doses[0].time), "The first of these doses.", run.doses[:1])
    last = run.doses[-1].stop or run.doses[-1].time
    place.put("G.k.4.r.5", drafting.date(last), "The last of these doses.", run.doses[-1:])
    _words(place, run.text, run.doses)


def _amount(place: Place, amount: Fraction, unit: str, why: str, facts: Sequence[Exposure]) -> None:
    text = plain(amount)
    if len(text) <= _LONGEST:
        place.put("G.k.4.r.1a", text, why, facts)
        place.put("G.k.4.r.1b", unit, why, facts)


def _words(place: Place, text: str, facts: Sequence[Exposure]) -> None:
    place.put("G.k.4.r.8", text[:2000] or None, "As recorded.", facts)
    routes = {one.route for one in facts if one.route}
    if len(routes) == 1:
        route = routes.pop()
        place.put("G.k.4.r.10.1", route[:60], "As recorded.", facts)
        place.put("G.k.4.r.10.2b", route_code(route), "The EDQM code of the route as recorded.", facts)
