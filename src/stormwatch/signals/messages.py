"""The cases of a pair as E2B(R3) messages: what a public report says, and nothing it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from stormwatch.safety.case import Batch, Group
from stormwatch.safety.message import Envelope, batch

Row = dict[str, Any]

_SEX = {"M": "1", "F": "2"}
_ROLE = {"PS": "1", "SS": "1", "S": "1", "C": "2", "I": "3"}
_QUALIFICATION = {"MD": "1", "PH": "2", "OT": "3", "HP": "3", "RN": "3", "LW": "4", "CN": "5"}
_OUTCOME = {
    "DE": "death",
    "LT": "life-threatening",
    "HO": "hospitalisation",
    "DS": "disability",
    "CA": "congenital anomaly",
    "RI": "intervention required",
    "OT": "other serious",
}
_FOLLOWED = {"Y": "positive", "N": "negative", "D": "does not apply"}
"""What followed on stopping, or on giving again; U is unknown and says nothing."""


def messages(cases: Sequence[Row], envelope: Envelope, at: datetime) -> Batch:
    """The cases of ``series`` as one batch, as sent at a moment.

    A public report says how serious it is as a whole, when the event began, and what stopping the drug did, but not of
    which reaction: with several reactions these stand in words (H.4, G.k.11) and in no field of a reaction. What the
    report leaves out is left out. Reactions have their term and no MedDRA code.

    >>> from datetime import UTC
    >>> case = {"case_number": "7", "drugs": [], "reactions": ["rash"], "outcomes": [], "therapies": [],
    ...         "indications": []}
    >>> made = messages([case], Envelope("ME", "YOU"), datetime(2024, 3, 2, tzinfo=UTC))
    >>> made.messages[0].case.each("E.i")[0].get("E.i.1.1a")
    'rash'
    """
    return batch([case_of(row) for row in cases], envelope, at)


def case_of(row: Row) -> Group:
    """One report as a case."""
    case = Group("case").set("C.1.1", str(row["case_number"]))
    _put(case, "C.1.5", _digits(row.get("received")))
    for element in ("C.1.7", "C.1.9.1"):
        case.set(element, null="NI")
    if row.get("literature"):
        case.add("C.4.r").set("C.4.r.1", str(row["literature"])[:500])
    _reporter(case, row)
    _patient(case, row)
    for place, term in enumerate(row["reactions"]):
        _reaction(case, term, place, row)
    for drug in row["drugs"]:
        _drug(case, drug, row)
    said = "; ".join(_as_a_whole(row))
    _put(case, "H.4", said)
    return case


def _reporter(case: Group, row: Row) -> None:
    reporter = Group("C.2.r")
    _put(reporter, "C.2.r.3", row.get("country"))
    _put(reporter, "C.2.r.4", _QUALIFICATION.get(row.get("reporter") or ""))
    if reporter.fields:
        case.groups.setdefault("C.2.r", []).append(reporter)


def _patient(case: Group, row: Row) -> None:
    case.set("D.1", null="MSK")
    _put(case, "D.5", _SEX.get(row.get("sex") or ""))
    if row.get("age") is not None:
        case.set("D.2.2a", f"{row['age']:g}").set("D.2.2b", "a")
    if row.get("weight") is not None:
        case.set("D.3", f"{row['weight']:g}")


def _reaction(case: Group, term: str, place: int, row: Row) -> None:
    reaction = case.add("E.i", id=f"reaction-{place}").set("E.i.1.1a", term).set("E.i.1.1b", "eng")
    for criterion in "abcdef":
        reaction.set(f"E.i.3.2{criterion}", null="NI")
    reaction.set("E.i.7", "0")
    if len(row["reactions"]) == 1:
        _put(reaction, "E.i.4", _digits(row.get("event_date")))


def _drug(case: Group, drug: Row, row: Row) -> None:
    made = case.add("G.k", id=f"drug-{drug['drug']}-{drug['substance']}")
    _put(made, "G.k.1", _ROLE.get(drug["role"]))
    _put(made, "G.k.2.2", drug["name"] or drug["substance"])
    if drug["substance"]:
        made.add("G.k.2.3.r").set("G.k.2.3.r.1", drug["substance"])
    for therapy in (one for one in row["therapies"] if one["drug"] == drug["drug"]):
        _dose(made, therapy, drug)
    for indication in (one for one in row["indications"] if one["drug"] == drug["drug"]):
        made.add("G.k.7.r").set("G.k.7.r.1", indication["term"])
    said = "; ".join(_of_stopping(drug))
    _put(made, "G.k.11", said)


def _dose(made: Group, therapy: Row, drug: Row) -> None:
    dose = Group("G.k.4.r")
    _put(dose, "G.k.4.r.4", _digits(therapy["start"]))
    _put(dose, "G.k.4.r.5", _digits(therapy["stop"]))
    _put(dose, "G.k.4.r.8", drug["dose"])
    if dose.fields:
        made.groups.setdefault("G.k.4.r", []).append(dose)


def _as_a_whole(row: Row) -> Iterator[str]:
    outcomes = [_OUTCOME.get(code, code) for code in row["outcomes"]]
    if outcomes:
        yield f"Seriousness of the report as a whole: {', '.join(outcomes)}"
    if row.get("event_date") and len(row["reactions"]) > 1:
        yield f"Date of the event, not said of which: {row['event_date']}"


def _of_stopping(drug: Row) -> Iterator[str]:
    for name in ("dechallenge", "rechallenge"):
        if drug[name] in _FOLLOWED:
            yield f"{name.capitalize()} as reported: {_FOLLOWED[drug[name]]}"


def _put(group: Group, element: str, value: Any) -> None:
    if value:
        group.set(element, str(value))


def _digits(text: Any) -> str:
    """A date as E2B(R3) writes it, to the precision it has: 2017-06 is 201706."""
    return str(text).replace("-", "") if text else ""
