"""The courses of the drugs under suspicion as plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stormwatch import terms
from stormwatch.course.concentration import band, kinetics, moments_to_show
from stormwatch.course.exposure import day, day_of_cycle
from stormwatch.course.infusions import Cycle, DrugCourse, Hold, Infusion, Step
from stormwatch.course.writing import Writer, as_number, pause, span
from stormwatch.explain.payload import number

Payload = dict[str, Any]


class DrugWriter(Writer):
    """Writes infusions, cycles, dose steps, holds and the level to be expected."""

    def _drug(self, drug: DrugCourse) -> Payload:
        return {
            "drug": drug.drug,
            "title": terms.drugs()[drug.drug].title,
            "kind": drug.kind,
            "first": self._time(drug.first),
            "last": self._time(drug.last),
            "running": drug.running,
            "infused": span(drug.infused),
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
            "mcg_per_day": as_number(one.mcg_per_day),
            "mg": as_number(one.mg),
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
            "infused": span(cycle.infused),
            "rates": [as_number(one.mcg_per_day) for one in cycle.infusions],
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
            "length": pause(hold.length),
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

    def _when(self, moment: datetime, drug: DrugCourse) -> Payload:
        """A moment with its day since the drug's first dose, and the day of its cycle where those are numbered."""
        place = day_of_cycle(moment, drug)
        return {
            "start": self._time(moment),
            "day": round(day(moment, drug), 4),
            "cycle": None if place is None else place[0],
            "day_of_cycle": None if place is None else place[1],
        }


def _rounded(level: float) -> float:
    """Four significant figures: the model is no more exact than that."""
    return float(f"{level:.4g}")
