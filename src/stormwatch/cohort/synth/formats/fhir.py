"""FHIR R4 as a Bulk Data folder: one NDJSON file for each kind of resource, each resource tagged as test data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Any

from stormwatch import analytes, terms
from stormwatch.analytes.units import find_unit
from stormwatch.cohort.synth.formats.writer import SYNTHETIC, Format, Writer, loinc, name
from stormwatch.cohort.synth.record import Answer, Category, Dose, Result, SyntheticPatient

_KINDS = ("Patient", "Encounter", "Condition", "Observation", "MedicationAdministration", "MedicationRequest")
_HL7 = "http://terminology.hl7.org/CodeSystem/"
_META = {"tag": [{"system": f"{_HL7}v3-ActReason", "code": "HTEST", "display": "test health data"}]}
_UCUM = "http://unitsofmeasure.org"
_SYSTEMS = {"snomed": "http://snomed.info/sct", "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm"}
_ATC = "http://www.whocc.no/atc"

Node = dict[str, Any]


class FhirFolder:
    """One open file for each kind of resource."""

    def __init__(self, files: dict[str, IO[str]]) -> None:
        self._files = files

    def add(self, patient: SyntheticPatient) -> None:
        for number, (kind, body) in enumerate(_resources(patient)):
            own = str(patient.number) if kind == "Patient" else f"{patient.number}-{number}"
            subject = {} if kind == "Patient" else {"subject": {"reference": f"Patient/{patient.number}"}}
            resource = {"resourceType": kind, "id": own, "meta": _META, **subject, **body}
            self._files[kind].write(json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n")


@contextmanager
def opened(folder: Path) -> Iterator[Writer]:
    folder.mkdir()
    with ExitStack() as stack:
        paths = {kind: folder / f"synthetic-{kind}.ndjson" for kind in _KINDS}
        yield FhirFolder({kind: stack.enter_context(path.open("w", encoding="utf-8")) for kind, path in paths.items()})


def _resources(patient: SyntheticPatient) -> Iterator[tuple[str, Node]]:
    yield "Patient", _person(patient)
    period = {"start": patient.admitted.isoformat(), "end": patient.discharged.isoformat()}
    yield "Encounter", {"status": "finished", "class": {"system": f"{_HL7}v3-ActCode", "code": "IMP"}, "period": period}
    for each in patient.history:
        code = _concept("finding", each.finding)
        yield "Condition", {"code": code, "onsetDateTime": each.time.isoformat(), "recordedDate": each.time.isoformat()}
    for result in patient.results:
        yield "Observation", _result(result)
    for answer in patient.answers:
        yield "Observation", _answer(answer)
    for category in patient.categories:
        yield "Observation", _category(category)
    for dose in patient.doses:
        yield _dose(dose)


def _person(patient: SyntheticPatient) -> Node:
    named = {"name": [{"text": f"Synthetic patient {patient.number}"}]}
    died = {} if patient.death is None else {"deceasedDateTime": patient.death.isoformat()}
    return {**named, "gender": patient.sex, "birthDate": patient.birth.isoformat(), **died}


def _result(one: Result) -> Node:
    body: Node = {"status": "final", "code": _test(one.analyte), "issued": one.known_at.isoformat()}
    if one.time is not None:
        body["effectiveDateTime"] = one.time.isoformat()
    sign, _, number = one.value.rpartition(" ")
    if not number[0].isdecimal():
        return body | {"valueString": one.value}
    body["valueQuantity"] = ({"comparator": sign} if sign else {}) | _quantity(one.analyte, number, one.unit)
    limits = {end: text for end, text in (("low", one.low), ("high", one.high)) if text}
    if limits:
        body["referenceRange"] = [{end: _quantity(one.analyte, text, one.unit) for end, text in limits.items()}]
    return body


def _answer(one: Answer) -> Node:
    time = one.time.isoformat()
    code = _concept("finding", one.finding)
    return {"status": "final", "code": code, "effectiveDateTime": time, "issued": time, "valueBoolean": one.present}


def _category(one: Category) -> Node:
    time, code = one.time.isoformat(), {"text": terms.scales()[one.scale].names[0]}
    said = {"valueCodeableConcept": {"text": one.text}}
    return {"status": "final", "code": code, "effectiveDateTime": time, "issued": time, **said}


def _dose(one: Dose) -> tuple[str, Node]:
    start, medication = one.time.isoformat(), {"medicationCodeableConcept": _concept("drug", one.drug)}
    if one.said == "ordered":
        return "MedicationRequest", {"status": "active", "intent": "order", **medication, "authoredOn": start}
    when: Node = {"effectiveDateTime": start}
    if one.stop is not None:
        when = {"effectivePeriod": {"start": start, "end": one.stop.isoformat()}}
    dosage = {"dosage": {"rateQuantity": {"value": _number(one.amount), "unit": one.unit}}} if one.amount else {}
    return "MedicationAdministration", {"status": "completed", **medication, **when, **dosage}


def _quantity(analyte: str, number: str, unit: str) -> Node:
    """The unit as printed; with its UCUM code where the project's table knows the spelling."""
    code = _ucum(analyte, unit)
    coded = {"system": _UCUM, "code": code} if code else {}
    return {"value": _number(number), **({"unit": unit} if unit else {}), **coded}


def _number(text: str) -> int | float:
    """The shortest decimal of a float is the one written, for as few figures as results have."""
    return float(text) if "." in text else int(text)


@cache
def _ucum(analyte: str, unit: str) -> str:
    known = analytes.analyte(analyte)
    dimensions = (known.dimension, *((known.also.dimension,) if known.also else ()))
    found = (find_unit(dimension, unit) for dimension in dimensions)
    return next((each.code for each in found if unit and each is not None), "")


@cache
def _test(analyte: str) -> Node:
    code = loinc(analyte)
    coding = {"coding": [{"system": "http://loinc.org", "code": code}]} if code else {}
    return {**coding, "text": name(analyte)}


@cache
def _concept(kind: str, id: str) -> Node:
    """A finding or a drug by its first code of the project's tables, and by its name."""
    term = (terms.findings() if kind == "finding" else terms.drugs())[id]
    coded = [{"system": uri, "code": term.codes[key][0]} for key, uri in _SYSTEMS.items() if term.codes[key]]
    coded += [{"system": _ATC, "code": code} for code in term.codes["atc"][:1]]
    return {**({"coding": coded} if coded else {}), "text": term.names[0]}


FHIR = Format(
    "synthetic-fhir",
    opened,
    "",
    f"Every resource has the tag HTEST. {SYNTHETIC}.",
)
