"""A case as a FHIR R4 bundle: patient, suspect drugs, one AdverseEvent for each reaction, and the tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from stormwatch.safety.case import Group
from stormwatch.safety.dates import iso

Resource = dict[str, Any]
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_MEDDRA = "https://www.meddra.org"
_UCUM = "http://unitsofmeasure.org"
_OUTCOMES = {
    "0": "unknown", "1": "resolved", "2": "recovering", "3": "ongoing", "4": "resolvedWithSequelae", "5": "fatal",
}  # fmt: skip
_SEX = {"1": "male", "2": "female"}
_CRITERIA = ("E.i.3.2a", "E.i.3.2b", "E.i.3.2c", "E.i.3.2d", "E.i.3.2e", "E.i.3.2f")
_COMPARATORS = ("<=", ">=", "<", ">")


def bundle(case: Group) -> Resource:
    """The case as a Bundle of type ``collection``. What the case does not hold is not in it.

    Seriousness is ``Serious`` where a criterion is true, and left out otherwise. Relations between a drug and a
    reaction go with the suspect entity, one entry for each method.

    >>> [one["resource"]["resourceType"] for one in bundle(Group("case"))["entry"]]
    ['Patient']
    """
    number = case.get("C.1.1") or ""
    whole = _Bundle(case, number)
    return {"resourceType": "Bundle", "type": "collection", "entry": list(whole.entries())}


class _Bundle:
    def __init__(self, case: Group, number: str) -> None:
        self._case = case
        self._number = number

    def entries(self) -> Iterator[Resource]:
        yield self._entry("patient", self._patient())
        for position, drug in enumerate(self._case.each("G.k"), start=1):
            yield self._entry(f"drug-{position}", _medication(drug))
        for position, reaction in enumerate(self._case.each("E.i"), start=1):
            yield self._entry(f"reaction-{position}", self._event(reaction))
        for position, test in enumerate(self._case.each("F.r"), start=1):
            yield self._entry(f"test-{position}", self._observation(test))

    def _entry(self, name: str, resource: Resource) -> Resource:
        return {"fullUrl": self._url(name), "resource": resource}

    def _url(self, name: str) -> str:
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'stormwatch:case:{self._number}:fhir:{name}')}"

    def _reference(self, name: str) -> Resource:
        return {"reference": self._url(name)}

    def _patient(self) -> Resource:
        made: Resource = {"resourceType": "Patient"}
        sex, born, died = self._case.get("D.5"), self._case.get("D.2.1"), self._case.get("D.9.1")
        if sex in _SEX:
            made["gender"] = _SEX[sex]
        if born:
            made["birthDate"] = iso(born)[:10]
        if died:
            made["deceasedDateTime"] = iso(died)
        return made

    def _event(self, reaction: Group) -> Resource:
        made: Resource = {"resourceType": "AdverseEvent", "actuality": "actual"}
        if self._number:
            made["identifier"] = {"value": self._number}
        made["event"] = _concept(reaction, ("E.i.1.2", "E.i.1.1a"), "E.i.2.1a", "E.i.2.1b")
        made["subject"] = self._reference("patient")
        onset, received = reaction.get("E.i.4"), self._case.get("C.1.4")
        if onset:
            made["date"] = iso(onset)
        if received:
            made["recordedDate"] = iso(received)
        if any(reaction.get(number) == "true" for number in _CRITERIA):
            made["seriousness"] = _code("adverse-event-seriousness", "Serious")
        outcome = reaction.get("E.i.7")
        if outcome in _OUTCOMES:
            made["outcome"] = _code("adverse-event-outcome", _OUTCOMES[outcome])
        suspects = list(self._suspects(reaction))
        if suspects:
            made["suspectEntity"] = suspects
        return made

    def _suspects(self, reaction: Group) -> Iterator[Resource]:
        for position, drug in enumerate(self._case.each("G.k"), start=1):
            if drug.get("G.k.1") not in ("1", "3"):
                continue
            entity: Resource = {"instance": self._reference(f"drug-{position}")}
            links = [one for one in drug.each("G.k.9.i") if reaction.id and one.get("G.k.9.i.1") == reaction.id]
            causality = [_causality(held) for link in links for held in link.each("G.k.9.i.2.r")]
            if causality:
                entity["causality"] = causality
            yield entity

    def _observation(self, test: Group) -> Resource:
        made: Resource = {"resourceType": "Observation", "status": "final"}
        made["code"] = _concept(test, ("F.r.2.1",), "F.r.2.2a", "F.r.2.2b")
        made["subject"] = self._reference("patient")
        date, value = test.get("F.r.1"), test.get("F.r.3.2")
        if date:
            made["effectiveDateTime"] = iso(date)
        quantity = _quantity(value or "", test.get("F.r.3.3"))
        if quantity is not None:
            made["valueQuantity"] = quantity
        elif test.get("F.r.3.4") or value:
            made["valueString"] = test.get("F.r.3.4") or value
        else:
            made["dataAbsentReason"] = {"coding": [{"system": f"{_HL7}data-absent-reason", "code": "unknown"}]}
        return made


def _medication(drug: Group) -> Resource:
    return {"resourceType": "Medication", "code": {"text": drug.get("G.k.2.2") or "name not known"}}


def _causality(held: Group) -> Resource:
    made: Resource = {}
    source, method, result = (held.get(f"G.k.9.i.2.r.{part}") for part in (1, 2, 3))
    if method:
        made["method"] = {"text": method}
    if result:
        made["assessment"] = {"text": result}
    if source:
        made["productRelatedness"] = f"Source of the assessment: {source}"
    return made


def _concept(group: Group, words: tuple[str, ...], version: str, code: str) -> Resource:
    made: Resource = {}
    value = group.get(code)
    if value:
        made["coding"] = [{"system": _MEDDRA, "version": group.get(version) or "", "code": value}]
        if not made["coding"][0]["version"]:
            del made["coding"][0]["version"]
    said = next((group.get(name) for name in words if group.get(name)), None)
    if said or not made:
        made["text"] = said or "not named"
    return made


def _code(system: str, code: str) -> Resource:
    return {"coding": [{"system": _HL7 + system, "code": code}]}


def _quantity(value: str, unit: str | None) -> Resource | None:
    """A number with its comparator; None for what is no number."""
    import json

    comparator = next((one for one in _COMPARATORS if value.startswith(one)), "")
    try:
        number = json.loads(value.removeprefix(comparator).lstrip("+"))
    except json.JSONDecodeError:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    made: Resource = {"value": number}
    if comparator:
        made["comparator"] = comparator
    if unit:
        made |= {"unit": unit, "system": _UCUM, "code": unit}
    return made
