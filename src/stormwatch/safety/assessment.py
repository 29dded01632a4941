"""What there is to judge in a case, on one page: minimum elements, seriousness, expectedness, clocks, causality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stormwatch.safety.basis import Basis
from stormwatch.safety.case import Group
from stormwatch.safety.causality.naranjo import FIELD as NARANJO
from stormwatch.safety.causality.naranjo import QUESTIONS, naranjo_of
from stormwatch.safety.causality.who_umc import CONDITIONS, who_umc_of
from stormwatch.safety.causality.who_umc import FIELD as WHO_UMC
from stormwatch.safety.clocks import clocks
from stormwatch.safety.coding.proposing import propose
from stormwatch.safety.drafting.seriousness import CRITERIA
from stormwatch.safety.minimum import minimum
from stormwatch.safety.telling import Teller, each

Payload = dict[str, Any]
_NO_DAY_ZERO = "no clocks: day zero (C.1.4) is not stated to the day"


def assessment(case: Group, basis: Mapping[str, Basis] | None = None) -> Payload:
    """Everything to judge, as plain data. ``basis`` is the draft's, for the reasons; a read message has none.

    >>> assessment(Group("case"))["minimum"][0]["present"]
    False
    """
    why = {path: one.why for path, one in (basis or {}).items()}
    return {
        "minimum": [
            {"name": one.name, "present": one.present, "elements": list(one.elements), "missing": one.missing}
            for one in minimum(case)
        ],
        "reactions": [_reaction(case, at, one, why) for at, one in each(case, "E.i")],
        "relations": list(_relations(case, why)),
        "clocks": [_clock(one) for one in clocks(case)],
        "codes_missing": [{"path": one.path, "element": one.element} for one in propose(case)],
    }


def assessment_text(payload: Payload) -> str:
    """The same in words, one thing a line."""
    return "\n".join(_lines(payload)) + "\n"


def _reaction(case: Group, at: str, one: Group, why: Mapping[str, str]) -> Payload:
    criteria = [
        {
            "element": number,
            "name": name,
            "met": True if one.get(number) == "true" else None,
            "why": why.get(f"{at}/{number}", ""),
        }
        for number, name in CRITERIA.items()
    ]
    return {"path": at, "term": Teller(case).term(at), "seriousness": criteria}


def _relations(case: Group, why: Mapping[str, str]) -> Iterator[Payload]:
    for at, drug in each(case, "G.k"):
        for link, held in each(drug, "G.k.9.i", at):
            scale, who = naranjo_of(held), who_umc_of(held)
            yield {
                "drug": drug.get("G.k.2.2"),
                "reaction": Teller(case).reaction(held.get("G.k.9.i.1")),
                "path": link,
                "dechallenge": held.get("SW.dechallenge"),
                "expected": [_expected(one) for one in held.each("SW.expected")],
                "naranjo": None if scale is None else scale.text,
                "naranjo_answers": _answers(held, link, NARANJO, QUESTIONS, why),
                "who_umc": None if who is None else who.text,
                "who_umc_conditions": _answers(held, link, WHO_UMC, tuple(CONDITIONS), why),
            }


def _expected(one: Group) -> Payload:
    return {name: one.get(f"SW.expected.{name}") for name in ("document", "jurisdiction", "cited", "answer", "says")}


def _answers(held: Group, at: str, prefix: str, names: tuple[str, ...], why: Mapping[str, str]) -> list[Payload]:
    return [
        {"question": name, "answer": held.get(f"{prefix}{name}"), "why": why.get(f"{at}/{prefix}{name}", "")}
        for name in names
        if f"{prefix}{name}" in held.fields
    ]


def _clock(one: Any) -> Payload:
    return {
        "id": one.id,
        "due": one.due.isoformat(),
        "days": one.days,
        "applies": one.applies.value,
        "why": one.why,
        "text": one.text,
        "source": one.source,
    }


def _lines(payload: Payload) -> Iterator[str]:
    yield "Minimum elements"
    for one in payload["minimum"]:
        there = ", ".join(one["elements"]) if one["present"] else f"missing: {one['missing']}"
        yield f"  {one['name']}: {there}"
    for one in payload["reactions"]:
        yield f"Seriousness of {one['term']} ({one['path']})"
        for criterion in one["seriousness"]:
            met = "yes" if criterion["met"] else "no information"
            yield f"  {criterion['element']} {criterion['name']}: {met}. {criterion['why']}".rstrip()
    for one in payload["relations"]:
        yield from _relation(one)
    yield "Clocks"
    if not payload["clocks"]:
        yield f"  {_NO_DAY_ZERO}"
    for clock in payload["clocks"]:
        yield f"  {clock['due']}: {clock['text']} Applies: {clock['applies']} ({clock['why']})"
    if payload["codes_missing"]:
        yield f"Codes are missing: {len(payload['codes_missing'])} reported terms have none"


def _relation(one: Payload) -> Iterator[str]:
    yield f"{one['drug']} and {one['reaction']} ({one['path']})"
    if one["dechallenge"]:
        yield f"  dechallenge: {one['dechallenge']}"
    for said in one["expected"]:
        yield f"  expected by {said['cited']}: {said['answer'] or 'open'} ({said['says']})"
    if one["naranjo"]:
        yield f"  Naranjo: {one['naranjo']}"
    yield from (f"    {each['question']}: {each['answer'] or 'open'}. {each['why']}" for each in one["naranjo_answers"])
    if one["who_umc"]:
        yield f"  WHO-UMC: {one['who_umc']}"
    yield from (
        f"    {each['question']}: {each['answer'] or 'open'}. {each['why']}" for each in one["who_umc_conditions"]
    )
