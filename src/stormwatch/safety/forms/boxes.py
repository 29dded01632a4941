"""What goes into each box of CIOMS I. Titles are those of the form."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.safety.case import Group
from stormwatch.safety.dates import people

_UNITS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes", "10.a": "decades"}


def boxes(case: Group) -> Iterator[tuple[str, str, str]]:
    """Number, title and text of every box from 1 to 26, in order; empty for what is not known."""
    yield from _reaction(case)
    yield from _suspect(case)
    yield "22", "Concomitant drug(s) and dates of administration (exclude those used to treat reaction)", _others(case)
    yield "23", "Other relevant history", case.get("D.7.2") or ""
    yield from _sender(case)


def _reaction(case: Group) -> Iterator[tuple[str, str, str]]:
    reactions = case.each("E.i")
    onsets = sorted(one.get("E.i.4") or "" for one in reactions if one.get("E.i.4"))
    countries = {one.get("E.i.9") for one in reactions} - {None}
    yield "1", "Patient initials (first, last)", _masked(case, "D.1")
    yield "1a", "Country", ", ".join(_meaning("country", one) for one in sorted(filter(None, countries)))
    yield "2", "Date of birth", people(case.get("D.2.1"), unknown="")
    yield "2a", "Age", _amount(case, "D.2.2a", "D.2.2b") or _meaning("age-group", case.get("D.2.3"))
    yield "3", "Sex", _meaning("sex", case.get("D.5"))
    yield "4-6", "Reaction onset", people(onsets[0] if onsets else None, unknown="")
    yield "7+13", "Describe reaction(s) (including relevant tests/lab data)", _described(case)
    yield "8-12", "Check all appropriate to adverse reaction", ""


def _described(case: Group) -> str:
    named = [_term(one) for one in case.each("E.i")]
    outcomes = [_meaning("outcome", one.get("E.i.7")) for one in case.each("E.i")]
    head = "; ".join(f"{name} ({outcome})" if outcome else name for name, outcome in zip(named, outcomes, strict=True))
    return " ".join(filter(None, (f"{head}." if head else "", case.get("H.1"))))


def _suspect(case: Group) -> Iterator[tuple[str, str, str]]:
    drugs = [one for one in case.each("G.k") if one.get("G.k.1") in ("1", "3")]
    doses = [dose for one in drugs for dose in one.each("G.k.4.r")]
    yield "14", "Suspect drug(s) (include generic name)", "; ".join(map(_drug, drugs))
    yield "15", "Daily dose(s)", "; ".join(filter(None, map(_dose, doses)))
    routes = dict.fromkeys(dose.get("G.k.4.r.10.1") or _meaning("route", dose.get("G.k.4.r.10.2b")) for dose in doses)
    yield "16", "Route(s) of administration", "; ".join(filter(None, routes))
    told = dict.fromkeys(held.get("G.k.7.r.1") for one in drugs for held in one.each("G.k.7.r"))
    yield "17", "Indication(s) for use", "; ".join(filter(None, told))
    yield "18", "Therapy dates (from/to)", "; ".join(filter(None, map(_dates, doses)))
    yield "19", "Therapy duration", "; ".join(filter(None, (_amount(d, "G.k.4.r.6a", "G.k.4.r.6b") for d in doses)))
    yield "20", "Did reaction abate after stopping drug?", _changed(drugs)
    yield "21", "Did reaction reappear after reintroduction?", ""


def _changed(drugs: list[Group]) -> str:
    said = {link.get("SW.dechallenge") for one in drugs for link in one.each("G.k.9.i")} - {None}
    if "confounded" in said:
        return "confounded: treatment was given as well"
    return "not assessable" if "not assessable" in said else ""


def _drug(drug: Group) -> str:
    name = drug.get("G.k.2.2") or ""
    generic = next((one.get("G.k.2.3.r.1") for one in drug.each("G.k.2.3.r")), None) or ""
    return f"{name} ({generic})" if generic and generic.casefold() != name.casefold() else name or generic


def _dose(dose: Group) -> str:
    amount = _amount(dose, "G.k.4.r.1a", "G.k.4.r.1b")
    number, unit = dose.get("G.k.4.r.2"), dose.get("G.k.4.r.3")
    every = f" every {number} {_UNITS.get(unit or '', unit)}" if amount and number else ""
    every = every.replace(" every 1 days", " a day")
    return f"{amount}{every}" or dose.get("G.k.4.r.8") or ""


def _dates(dose: Group) -> str:
    start, stop = dose.get("G.k.4.r.4"), dose.get("G.k.4.r.5")
    return f"{people(start)} to {people(stop)}" if start or stop else ""


def _others(case: Group) -> str:
    told = []
    for one in case.each("G.k"):
        if one.get("G.k.1") == "2":
            dates = "; ".join(filter(None, map(_dates, one.each("G.k.4.r"))))
            told.append(f"{_drug(one)}{f' ({dates})' if dates else ''}")
    return ", ".join(told)


def _sender(case: Group) -> Iterator[tuple[str, str, str]]:
    address = ("C.3.2", "C.3.3.1", "C.3.4.1", "C.3.4.2", "C.3.4.3", "C.3.4.4", "C.3.4.5")
    yield "24a", "Name and address of manufacturer", ", ".join(filter(None, map(case.get, address)))
    yield "24b", "MFR control no.", case.get("C.1.1") or ""
    yield "24c", "Date received by manufacturer", people(case.get("C.1.5") or case.get("C.1.4"), unknown="")
    yield "24d", "Report source", ""
    yield "25", "Date of this report", people(case.get("C.1.2"), unknown="")
    yield "25a", "Report type", ""
    yield "26", "Reporter's details", "; ".join(filter(None, map(_reporter, case.each("C.2.r"))))


def _reporter(one: Group) -> str:
    name = " ".join(filter(None, (one.get("C.2.r.1.1"), one.get("C.2.r.1.2"), one.get("C.2.r.1.4"))))
    parts = (
        name,
        one.get("C.2.r.2.1"),
        _meaning("qualification", one.get("C.2.r.4")),
        _meaning("country", one.get("C.2.r.3")),
    )
    return ", ".join(filter(None, parts))


def _masked(case: Group, number: str) -> str:
    return case.get(number) or ("masked" if case.null(number) == "MSK" else "")


def _term(reaction: Group) -> str:
    words = reaction.get("E.i.1.2") or reaction.get("E.i.1.1a")
    code = reaction.get("E.i.2.1b")
    return words or (f"MedDRA {code}" if code else "reaction without a name")


def _amount(group: Group, value: str, unit: str) -> str:
    amount, code = group.get(value), group.get(unit)
    return "" if amount is None else f"{amount} {_UNITS.get(code or '', code or '')}".strip()


def _meaning(name: str, code: str | None) -> str:
    from stormwatch.safety.e2b.elements import codes

    return "" if code is None else codes(name).get(code, code)
