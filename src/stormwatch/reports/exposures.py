"""What was given, for the picture: infusions and holds, the concentration to expect, and every other drug."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stormwatch import terms
from stormwatch.course.concentration import band
from stormwatch.course.follow import Course
from stormwatch.course.infusions import DrugCourse, Hold, Infusion
from stormwatch.explain.payload import number
from stormwatch.reports.axis import DAY, Axis
from stormwatch.reports.layout import layout
from stormwatch.reports.messages import Messages

Payload = dict[str, Any]

_LEVELS = 300
"""So many steps of the concentration over the width of the picture."""


def title(drug: str) -> str:
    """What a drug is called beside the picture.

    >>> title("blinatumomab")
    'blinatumomab'
    """
    return terms.drugs()[drug].title.lower()


def infusions(course: Course, axis: Axis, said: Messages) -> Iterator[Payload]:
    """Infusions and single doses of the drugs under suspicion; ``share`` is the rate over the highest of its drug.

    A rate or dose that could not be read is shown as recorded, at half shade. A running infusion goes on to the end.
    """
    for drug in course.drugs:
        highest = max((i.mcg_per_day for i in drug.infusions if i.mcg_per_day), default=None)
        for infusion in drug.infusions:
            shown = axis.cut(infusion.start, axis.until if infusion.running else infusion.last)
            if shown is not None:
                share = 0.5 if not highest or infusion.mcg_per_day is None else float(infusion.mcg_per_day / highest)
                yield _bar(drug, shown, _dose(infusion, said)) | {"share": share}


def _dose(infusion: Infusion, said: Messages) -> str:
    if infusion.mcg_per_day is not None:
        return said["picture.rate"].format(rate=f"{number(infusion.mcg_per_day):g}")
    return f"{number(infusion.mg):g} mg" if infusion.mg is not None else infusion.recorded or said["picture.no_dose"]


def holds(course: Course, axis: Axis, said: Messages) -> Iterator[Payload]:
    """Interruptions with their length in days; one without a restart goes on to the end of the record."""
    for drug in course.drugs:
        for hold in drug.holds:
            shown = axis.cut(hold.start, hold.stop or axis.until)
            if shown is not None:
                yield _bar(drug, shown, _held(hold, said))


def _held(hold: Hold, said: Messages) -> str:
    if hold.length is None:
        return said["picture.held_open"]
    if not hold.length:
        return said["picture.held_unknown"]
    return said["picture.held"].format(days=f"{hold.length / DAY:.1f}")


def _bar(drug: DrugCourse, shown: tuple[float, float], label: str) -> Payload:
    return {"drug": title(drug.drug), "from": shown[0], "to": shown[1], "label": label}


def levels(course: Course, axis: Axis) -> Iterator[Payload]:
    """The blinatumomab concentration to expect, in pg/mL: at even steps, and at every change of rate.

    Empty for other drugs, for which no model is published here.
    """
    for drug in course.drugs:
        if drug.drug == "blinatumomab":
            step = (axis.last - axis.first) / _LEVELS
            moments = {axis.first + step * place for place in range(_LEVELS + 1)}
            edges = (edge for i in drug.infusions for edge in (i.start, i.last))
            moments |= {edge for edge in edges if axis.shows(edge)}
            for level in band(drug, sorted(moments), axis.until):
                shown = {name: round(float(getattr(level, name)), 2) for name in ("low", "typical", "high")}
                yield {"from": axis.day(level.at), **shown}


def others(course: Course, axis: Axis, said: Messages) -> list[Payload]:
    """Every other drug given: ``to`` is None for a single dose. The least telling ones share one ``row``."""
    rows = _rows(list(dict.fromkeys(one.drug for one in course.treatments)), said)
    found: list[Payload] = []
    for given in course.treatments:
        start = given.time.latest
        stop = axis.until if given.running else given.stop.latest if given.stop else start
        shown = axis.cut(start, stop)
        if shown is not None:
            ends = shown[1] if stop > start else None
            drug = {"drug": title(given.drug), "row": rows[given.drug], "dose": given.dose or given.rate}
            found.append({**drug, "from": shown[0], "to": ends})
    return found


def _rows(drugs: list[str], said: Messages) -> dict[str, str]:
    """The row of each drug: its own, or one for all that the picture has no room for."""
    most = layout()["given"]["most"]
    ranked = sorted(drugs, key=_rank)
    own = set(ranked if len(drugs) <= most else ranked[: most - 1])
    rest = said["picture.rest"].format(count=len(drugs) - len(own))
    return {drug: title(drug) if drug in own else rest for drug in drugs}


def _rank(drug: str) -> int:
    order = layout()["given"]["first"]
    return min((order.index(name) for name in terms.drugs()[drug].classes if name in order), default=len(order))
