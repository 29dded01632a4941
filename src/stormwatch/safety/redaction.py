"""A case without what identifies a person: for sharing, and the default of every export.

Dates become years (or days since the first dose of the first suspect drug), the age a decade, names, addresses and
numbers of records are masked, and free text is scrubbed. What was removed is listed by place and kind, never by value.
"""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from stormwatch.safety.case import Field, Group
from stormwatch.safety.dates import earliest
from stormwatch.safety.paths import fields, groups
from stormwatch.safety.scrub import scrub

Dates = Literal["years", "offsets"]
_DATE = re.compile(r"\d{4}(?:\d\d){0,5}(?:\.\d+)?(?:[+-]\d{4})?")
# Names, addresses and numbers that belong to persons: by the beginning of the element's number.
_PERSONAL = ("C.2.r.1.", "C.2.r.2.", "FDA.C.2.r.2.", "C.3.3.", "C.3.4.1", "C.3.4.2", "C.3.4.3", "C.3.4.4", "C.3.4.6",
             "C.3.4.7", "C.3.4.8", "D.1", "D.2.1", "D.10.1", "D.10.2.1")  # fmt: skip
_NOT_PERSONAL = re.compile(r"D\.10(?:\.[^12].*|\.2\.2.*)|D\.1[12].*")
_NUMBERS = ("C.1.1", "C.1.8.1", "C.3.2")
# Days of the report, not of the patient.
_OF_THE_REPORT = ("C.", "N.", "FDA.C.")
_OF_A_DOCUMENT = "SW.expected"
_GONE = ("C.1.6.1.r", "C.1.9.1.r", "C.1.10.r")
_ATTACHED = re.compile(r"C\.4\.r\.2.*")
_WITHOUT_NAME = "masked"


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed at one place: the path, the kind, and how many."""

    path: str
    kind: str
    count: int = 1


def redacted(case: Group, *, dates: Dates = "years", number: str = _WITHOUT_NAME) -> tuple[Group, tuple[Removed, ...]]:
    """A copy without identifiers, and the list of what was removed.

    Args:
        case: as it stands.
        dates: ``years`` leaves the year of each date; ``offsets`` puts days since the first dose of the first suspect
            drug (or, without one, since the first reaction), such as ``day 12``. Days that others know or can look up
            (of the report, of a label that is cited) are years all the same: one of them beside its offset would give
            away every other date. Only years make a message that can be read as E2B(R3); the dates it asks for to the
            day are then too short for an authority.
        number: what stands for the numbers of the case and the name of the sender, which a message must have.

    >>> case = Group("case").set("D.1", "A.B.").set("D.2.2a", "44").set("D.2.2b", "a")
    >>> made, removed = redacted(case)
    >>> made.null("D.1"), made.get("D.2.2a"), made.get("D.2.2b"), [one.kind for one in removed]
    ('MSK', '4', '10.a', ['identifier', 'exact age'])
    """
    return _Redaction(case, dates, number).done()


class _Redaction:
    def __init__(self, case: Group, dates: Dates, number: str) -> None:
        self._case = deepcopy(case)
        self._dates = dates
        self._number = number
        self._removed: list[Removed] = []
        self._zero = _day_zero(case)
        self._known = _known(case)
        self._days = _clinical_days(case)
        self._public = _public_days(case)

    def done(self) -> tuple[Group, tuple[Removed, ...]]:
        for name in _GONE:
            if self._case.groups.pop(name, None) is not None:
                self._removed.append(Removed(name, "other numbers and documents"))
        for at, group in [("", self._case), *groups(self._case)]:
            for element in list(group.fields):
                self._field(group, element, f"{at}/{element}".lstrip("/"))
            group.notes = {}
            if group.unknown:
                self._removed.append(Removed(at, "parts of the message that are not known", len(group.unknown)))
                group.unknown = []
        self._ages()
        return self._case, tuple(self._removed)

    def _field(self, group: Group, element: str, path: str) -> None:
        held = group.fields[element]
        if held.value is None:
            return
        if _is_personal(element):
            group.fields[element] = Field(None, "MSK")
            self._removed.append(Removed(path, "identifier"))
        elif element in _NUMBERS:
            group.fields[element] = Field(self._number)
            self._removed.append(Removed(path, "number of the case or name of the sender"))
        elif _ATTACHED.fullmatch(element):
            del group.fields[element]
            self._removed.append(Removed(path, "attached document"))
        elif _is_date(element, held.value):
            group.fields[element] = Field(self._date(element, held.value))
            self._removed.append(Removed(path, "exact date"))
        elif _is_text(element):
            self._text(group, element, path, held.value)

    def _text(self, group: Group, element: str, path: str, value: str) -> None:
        made = scrub(value, self._known, self._told)
        group.fields[element] = Field(made.text)
        self._removed += [Removed(path, kind, count) for kind, count in sorted(made.removed.items())]

    def _date(self, element: str, value: str) -> str:
        moment = earliest(value)
        if moment is None or len(value) < 8 or element.startswith(_OF_THE_REPORT):
            return value[:4]
        return self._day(moment.date())

    def _told(self, day: date) -> str:
        among = bool(self._days) and self._days[0] <= day <= self._days[-1]
        return self._day(day) if among and day not in self._public else str(day.year)

    def _day(self, day: date) -> str:
        if self._dates == "offsets" and self._zero is not None:
            return f"day {(day - self._zero).days}"
        return str(day.year)

    def _ages(self) -> None:
        """Decades; ages over 89 are all the ninth decade, as in safe-harbour rules."""
        for element in ("D.2.2", "D.10.2.2"):
            value, unit = self._case.get(f"{element}a"), self._case.get(f"{element}b")
            if value is None or unit == "10.a":
                continue
            years = _number(value) if unit == "a" else 0.0
            self._case.set(f"{element}a", str(min(int(years // 10), 9))).set(f"{element}b", "10.a")
            self._removed.append(Removed(f"{element}a", "exact age"))


def counts(removed: tuple[Removed, ...]) -> Counter[str]:
    """How many were removed, by kind."""
    found: Counter[str] = Counter()
    for one in removed:
        found[one.kind] += one.count
    return found


def _is_personal(element: str) -> bool:
    return element.startswith(_PERSONAL) and not _NOT_PERSONAL.fullmatch(element)


def _is_date(element: str, value: str) -> bool:
    from stormwatch.safety.e2b.elements import elements

    known = elements().get(element)
    kind = "" if known is None else known.kind
    own = element.startswith("SW.") and element.endswith((".date", ".start", ".end", ".first", ".last"))
    return (kind == "date" or own or element.endswith(("@low", "@time"))) and bool(_DATE.fullmatch(value))


def _is_text(element: str) -> bool:
    from stormwatch.safety.e2b.elements import elements

    known = elements().get(element)
    return element.startswith("SW.") or known is None or known.kind in ("text", "data", "part")


def _day_zero(case: Group) -> date | None:
    starts = [
        dose.get("G.k.4.r.4")
        for one in case.each("G.k")
        if one.get("G.k.1") in ("1", "3")
        for dose in one.each("G.k.4.r")
    ]
    starts = [one for one in starts if one and len(one) >= 8] or [one.get("E.i.4") for one in case.each("E.i")]
    moments = [moment for one in starts if one and (moment := earliest(one)) is not None]
    return min(moments, default=datetime.max).date() if moments else None


def _clinical_days(case: Group) -> list[date]:
    """The whole days in fields about the patient, in order."""
    days = []
    for path, held in fields(case):
        element = path.rpartition("/")[2]
        if held.value and len(held.value) >= 8 and _is_date(element, held.value):
            moment = None if element.startswith(_OF_THE_REPORT) else earliest(held.value)
            days += [] if moment is None else [moment.date()]
    return sorted(days)


def _public_days(case: Group) -> set[date]:
    """The days that stand in what is cited of reference documents."""
    days: set[date] = set()

    def note(day: date) -> str:
        days.add(day)
        return ""

    for path, held in fields(case):
        if held.value and path.rpartition("/")[2].startswith(_OF_A_DOCUMENT):
            scrub(held.value, dated=note)
    return days


def _known(case: Group) -> list[str]:
    """The values of personal fields and the case's numbers: they may stand in free text too."""
    found = []
    for path, held in fields(case):
        element = path.rpartition("/")[2]
        if held.value and (_is_personal(element) or element in _NUMBERS or element.startswith(("C.1.9.1.r", "C.1.10"))):
            found.append(held.value)
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
