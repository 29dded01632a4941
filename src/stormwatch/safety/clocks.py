"""When a case is due: 7 and 15 calendar days from a stated day zero. Without one there is no clock."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from stormwatch.logic.truth import Truth
from stormwatch.safety.case import Group
from stormwatch.safety.minimum import minimum

_CRITERIA = ("E.i.3.2a", "E.i.3.2b", "E.i.3.2c", "E.i.3.2d", "E.i.3.2e", "E.i.3.2f")


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline: ``due`` is day zero and so many days. ``applies`` is unknown while what it needs is."""

    id: str
    due: date
    days: int
    applies: Truth
    why: str
    text: str
    source: str
    evidence: str


def serious(case: Group, criteria: Sequence[str] = _CRITERIA) -> Truth:
    """Whether any reaction is certainly serious by these criteria; unknown otherwise, as silence is not no.

    >>> case = Group("case")
    >>> serious(case).value
    'unknown'
    >>> _ = case.add("E.i").set("E.i.3.2c", "true")
    >>> serious(case).value
    'met'
    """
    met = any(one.get(number) == "true" for one in case.each("E.i") for number in criteria)
    return Truth.MET if met else Truth.UNKNOWN


def unexpected(case: Group) -> tuple[Truth, str]:
    """Whether a reaction is unexpected by any document, and by which; unknown where one leaves it open."""
    answers = [
        (held.get("SW.expected.answer"), held.get("SW.expected.document") or held.id)
        for drug in case.each("G.k")
        if drug.get("G.k.1") in ("1", "3")
        for link in drug.each("G.k.9.i")
        for held in link.each("SW.expected")
    ]
    no = sorted({name for answer, name in answers if answer == "no"})
    if no:
        return Truth.MET, f"unexpected by {', '.join(no)}"
    still_open = sorted({name for answer, name in answers if answer != "yes"})
    if still_open or not answers:
        return Truth.UNKNOWN, f"open by {', '.join(still_open)}" if still_open else "no reference document answers"
    return Truth.NOT_MET, "expected by every document"


def clocks(case: Group) -> tuple[Clock, ...]:
    """The clocks of a case: marketed unless the case comes from a clinical trial (C.5.4 is 1).

    Returns nothing without day zero (C.1.4, to the day). A clock applies when the four minimum elements are there and
    the reaction is serious (or fatal, or life-threatening) and unexpected by any reference document; it does not when
    it is expected by all of them or an element is missing; otherwise that is unknown, and says why.

    >>> clocks(Group("case"))
    ()
    """
    text = case.get("C.1.4") or ""
    if len(text) < 8 or not text[:8].isdigit():
        return ()
    day_zero = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    setting = "investigational" if case.get("C.5.4") == "1" else "marketed"
    return tuple(_clock(row, case, day_zero) for row in _table() if row["setting"] == setting)


def _clock(row: dict[str, Any], case: Group, day_zero: date) -> Clock:
    criteria = ("E.i.3.2a", "E.i.3.2b") if row["needs"] != "serious" else _CRITERIA
    bad, (new, by) = serious(case, criteria), unexpected(case)
    missing = [one.name for one in minimum(case) if not one.present]
    why = f"{row['needs']}: {bad.value}; {by}"
    applies = Truth.MET if bad is Truth.MET and new is Truth.MET else Truth.UNKNOWN
    if new is Truth.NOT_MET:
        applies = Truth.NOT_MET
    if missing:
        applies, why = Truth.NOT_MET, f"no valid case yet: {', '.join(missing)} missing"
    due = day_zero + timedelta(days=row["days"])
    return Clock(row["id"], due, row["days"], applies, why, row["text"], row["source"], row["evidence"])


@cache
def _table() -> list[dict[str, Any]]:
    text = files("stormwatch.safety").joinpath("data/clocks.toml").read_text("utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["clock"]
    return rows
