"""Writes blinatumomab-mas.json, the example patient: one fictitious record as a FHIR R4 Bundle.

The course follows a published case (Braun and others, Annals of Hematology 2024). That report prints no numbers, so
every value, date and age below is illustrative. Run it again and it writes the same file, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Resource = dict[str, Any]

TARGET = Path(__file__).with_name("blinatumomab-mas.json")
PATIENT = "example-blinatumomab-mas"
STATEMENT = (
    "Fictitious patient. The course follows Braun et al., Annals of Hematology 2024 (macrophage activation syndrome "
    "under blinatumomab); that report prints no numbers. All values, dates and ages here are illustrative."
)
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
RXNORM, UCUM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"

# key: name, LOINC, unit, lower and upper reference limit (illustrative), minutes from draw to result
TESTS: dict[str, tuple[str, str, str, float | None, float | None, int]] = {
    "wbc": ("Leukocytes", "6690-2", "10*9/L", 4.0, 10.0, 70),
    "anc": ("Neutrophils", "751-8", "10*9/L", 1.8, 7.5, 75),
    "hb": ("Haemoglobin", "718-7", "g/dL", 11.7, 15.5, 70),
    "plt": ("Platelets", "777-3", "10*9/L", 150, 400, 70),
    "ast": ("Aspartate aminotransferase", "1920-8", "U/L", 10, 35, 100),
    "alt": ("Alanine aminotransferase", "1742-6", "U/L", 10, 35, 100),
    "alp": ("Alkaline phosphatase", "6768-6", "U/L", 35, 105, 100),
    "bili": ("Bilirubin, total", "1975-2", "mg/dL", 0.2, 1.2, 100),
    "ldh": ("Lactate dehydrogenase", "2532-0", "U/L", 135, 250, 110),
    "crp": ("C-reactive protein", "1988-5", "mg/L", None, 5, 100),
    "crea": ("Creatinine", "2160-0", "mg/dL", 0.5, 0.9, 100),
    "ferritin": ("Ferritin", "2276-4", "ng/mL", 15, 150, 360),
    "tg": ("Triglycerides", "2571-8", "mg/dL", None, 150, 180),
    "fib": ("Fibrinogen", "3255-7", "mg/dL", 200, 400, 95),
    "temp": ("Body temperature", "8310-5", "Cel", None, None, 0),
    "hr": ("Heart rate", "8867-4", "/min", None, None, 0),
    "spo2": ("Oxygen saturation", "59408-5", "%", None, None, 0),
    "weight": ("Body weight", "29463-7", "kg", None, None, 0),
}

PANEL = ("wbc", "anc", "hb", "plt", "ast", "alt", "alp", "bili", "ldh", "crp", "crea")
PANELS: dict[str, tuple[float, ...]] = {
    "2023-11-05T14:00": (4.2, 2.4, 12.1, 168, 22, 24, 88, 0.5, 198, 3, 0.71),  # before cycle 1
    "2023-11-13T07:00": (3.6, 2.0, 11.9, 152, 28, 31, 92, 0.6, 210, 14, 0.70),  # step to 28 mcg/day
    "2023-12-18T07:30": (4.9, 2.9, 12.3, 196, 20, 22, 84, 0.5, 186, 2, 0.70),  # before cycle 2
    "2023-12-27T22:30": (1.4, 0.7, 11.2, 96, 112, 98, 176, 0.9, 612, 118, 0.84),  # admission with fever
    "2023-12-28T06:00": (1.1, 0.5, 10.9, 82, 148, 131, 214, 1.1, 780, 142, 0.90),
    "2023-12-28T18:00": (0.8, 0.3, 10.4, 64, 236, 188, 268, 1.4, 1120, 156, 0.96),
    "2023-12-29T06:00": (0.7, 0.3, 10.1, 55, 262, 214, 301, 1.6, 1240, 134, 0.98),
    "2023-12-29T18:00": (0.9, 0.4, 9.9, 52, 205, 196, 318, 1.5, 1010, 96, 0.92),
    "2023-12-30T06:00": (1.2, 0.6, 9.9, 54, 151, 170, 322, 1.3, 790, 62, 0.86),
    "2023-12-31T06:00": (2.0, 1.2, 10.0, 68, 88, 126, 291, 1.0, 520, 29, 0.78),
    "2024-01-01T06:00": (2.6, 1.7, 10.1, 84, 64, 101, 262, 0.9, 410, 16, 0.75),
    "2024-01-02T06:00": (3.1, 2.1, 10.3, 101, 49, 82, 231, 0.8, 338, 9, 0.74),
    "2024-01-04T06:00": (3.9, 2.6, 10.7, 141, 33, 54, 174, 0.6, 248, 4, 0.72),
    "2024-01-08T09:00": (4.4, 2.9, 11.4, 178, 25, 34, 122, 0.5, 214, 2, 0.70),
    "2024-01-10T07:30": (4.6, 3.0, 11.8, 190, 22, 27, 101, 0.5, 201, 2, 0.70),  # before the restart
    "2024-01-17T09:00": (4.5, 2.8, 11.9, 194, 22, 25, 94, 0.5, 199, 3, 0.70),
    "2024-01-24T09:00": (4.7, 3.0, 12.2, 203, 21, 23, 90, 0.5, 192, 2, 0.70),
}
# time of the draw: values; a text is a censored value
SINGLES: dict[str, dict[str, float | str]] = {
    "2023-11-05T14:00": {"ferritin": 410, "tg": 118, "fib": 312, "weight": 68},
    "2023-12-18T07:30": {"ferritin": 388, "weight": 68},
    "2023-12-28T06:00": {"ferritin": 8450},
    "2023-12-28T12:30": {"fib": 198, "tg": 284},
    "2023-12-28T18:00": {"ferritin": ">40000"},
    "2023-12-29T06:00": {"ferritin": 28600, "fib": 152, "tg": 312},
    "2023-12-30T06:00": {"ferritin": 15200, "fib": 171, "tg": 298},
    "2023-12-31T06:00": {"ferritin": 7400},
    "2024-01-02T06:00": {"ferritin": 2900, "fib": 228, "tg": 241},
    "2024-01-04T06:00": {"ferritin": 1350, "fib": 301, "tg": 168},
    "2024-01-08T09:00": {"ferritin": 690},
    "2024-01-10T07:30": {"ferritin": 470, "fib": 335, "tg": 121, "weight": 67},
    "2024-01-17T09:00": {"ferritin": 420},
    "2024-01-24T09:00": {"ferritin": 395, "fib": 328, "tg": 115},
}
TEMPERATURES: dict[str, float] = {
    "2023-11-07T08:00": 37.3,
    "2023-12-19T08:00": 36.8,
    "2023-12-28T02:00": 38.9,
    "2023-12-28T10:00": 39.1,
    "2023-12-28T14:00": 39.0,
    "2023-12-28T22:00": 38.5,
    "2023-12-29T02:00": 38.1,
    "2024-01-10T20:00": 36.8,
}
# temperature, heart rate, systolic, diastolic, SpO2; at these times room air, no vasopressor, no hypotension are stated
BEDSIDE: dict[str, tuple[float, float, float, float, float]] = {
    "2023-11-06T08:30": (36.7, 74, 122, 76, 98),
    "2023-12-18T08:30": (36.6, 72, 124, 78, 98),
    "2023-12-27T22:10": (38.6, 112, 112, 66, 96),
    "2023-12-28T06:00": (38.7, 116, 108, 62, 95),
    "2023-12-28T12:00": (39.2, 118, 106, 60, 95),
    "2023-12-28T18:00": (39.6, 124, 103, 58, 94),
    "2023-12-29T06:00": (37.8, 102, 108, 62, 95),
    "2023-12-29T18:00": (37.1, 92, 112, 66, 96),
    "2023-12-30T06:00": (36.8, 86, 116, 70, 97),
    "2023-12-31T06:00": (36.6, 80, 118, 72, 97),
    "2024-01-02T06:00": (36.6, 76, 120, 74, 98),
    "2024-01-04T06:00": (36.5, 74, 122, 76, 98),
    "2024-01-10T08:00": (36.6, 72, 122, 76, 98),
    "2024-01-11T08:00": (36.9, 76, 120, 74, 98),
    "2024-01-12T08:00": (36.7, 74, 122, 76, 98),
    "2024-01-17T09:00": (36.6, 72, 124, 78, 98),
    "2024-01-24T09:00": (36.5, 70, 122, 76, 99),
}
DEXAMETHASONE_TAPER: dict[str, float] = {
    "2023-12-31T22:30": 8,
    "2024-01-01T10:30": 8,
    "2024-01-01T22:30": 4,
    "2024-01-02T10:30": 4,
    "2024-01-03T10:30": 4,
    "2024-01-04T10:30": 2,
    "2024-01-05T10:30": 2,
}


def clock(text: str, minutes: int = 0) -> str:
    """A local winter time in full, shifted by some minutes."""
    return (datetime.fromisoformat(text) + timedelta(minutes=minutes)).isoformat() + "+01:00"


def coded(system: str, code: str, text: str) -> Resource:
    return {"coding": [{"system": system, "code": code}], "text": text}


def quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def about_patient(kind: str, **members: Any) -> Resource:
    return {"resourceType": kind, "id": "", **members, "subject": {"reference": f"Patient/{PATIENT}"}}


def observed(code: Resource, at: str, delay: int = 0, **value: Any) -> Resource:
    times = {"effectiveDateTime": clock(at), "issued": clock(at, delay)}
    return about_patient("Observation", status="final", code=code, **times, **value)


def measured(key: str, at: str, value: float | str) -> Resource:
    """A result of one test, with its reference range and the time it was released."""
    name, code, unit, low, high, delay = TESTS[key]
    result = quantity(int(value.strip(">")) if isinstance(value, str) else value, unit)
    if isinstance(value, str):
        result["comparator"] = ">"
    limits = {end: quantity(limit, unit) for end, limit in (("low", low), ("high", high)) if limit is not None}
    shown = {"referenceRange": [limits]} if limits else {}
    return observed(coded(LOINC, code, name), at, delay, valueQuantity=result, **shown)


def blood_pressure(at: str, systolic: float, diastolic: float) -> Resource:
    parts = (("8480-6", "Systolic blood pressure", systolic), ("8462-4", "Diastolic blood pressure", diastolic))
    components = [{"code": coded(LOINC, code, name), "valueQuantity": quantity(v, "mm[Hg]")} for code, name, v in parts]
    return observed(coded(LOINC, "85354-9", "Blood pressure"), at, component=components)


def stated(code: Resource, at: str, present: bool, delay: int = 0) -> Resource:
    return observed(code, at, delay, valueBoolean=present)


def bedside(at: str, temp: float, hr: float, systolic: float, diastolic: float, spo2: float) -> Iterator[Resource]:
    yield measured("temp", at, temp)
    yield measured("hr", at, hr)
    yield blood_pressure(at, systolic, diastolic)
    yield measured("spo2", at, spo2)
    yield observed({"text": "Oxygen support"}, at, valueCodeableConcept={"text": "room air"})
    yield stated({"text": "Vasopressor"}, at, False)
    yield stated(coded(SNOMED, "45007003", "Hypotension"), at, False)


def observations() -> Iterator[Resource]:
    for at, values in PANELS.items():
        yield from (measured(key, at, value) for key, value in zip(PANEL, values, strict=True))
    for at, singles in SINGLES.items():
        yield from (measured(key, at, value) for key, value in singles.items())
    for at, temperature in TEMPERATURES.items():
        yield measured("temp", at, temperature)
    for at, signs in BEDSIDE.items():
        yield from bedside(at, *signs)
    yield from other_observations()


def other_observations() -> Iterator[Resource]:
    """Marrow and NK-cell function were not examined during the storm and are therefore not recorded."""
    yield stated({"text": "MRD negative"}, "2023-12-13T09:00", True, delay=2 * 24 * 60)
    yield stated(coded(SNOMED, "16294009", "Splenomegaly"), "2023-12-28T10:00", True, delay=60)
    yield stated(coded(SNOMED, "80515008", "Hepatomegaly"), "2023-12-28T10:00", False, delay=60)
    yield stated(coded(SNOMED, "16294009", "Splenomegaly"), "2024-01-09T10:00", False, delay=60)
    yield stated(coded(SNOMED, "80515008", "Hepatomegaly"), "2024-01-09T10:00", False, delay=60)
    # As some laboratories send it: a bound in words.
    d_dimer = {"valueString": "GREATER THAN 2000 ng/mL FEU"}
    yield observed(coded(LOINC, "48065-7", "D-dimer FEU"), "2023-12-28T12:30", 95, **d_dimer)
    for at, days, value in (("2023-12-28T12:30", 5, 6850), ("2024-01-10T07:30", 4, 560)):
        limits = [{"low": quantity(158, "U/mL"), "high": quantity(623, "U/mL")}]
        name = {"text": "Soluble interleukin-2 receptor"}
        yield observed(name, at, days * 24 * 60, valueQuantity=quantity(value, "U/mL"), referenceRange=limits)


def condition(code: str, text: str, recorded: str, onset: str = "", end: str = "") -> Resource:
    """A confirmed diagnosis or complaint, with its onset and end where they are known."""
    state = "resolved" if end else "active"
    times = {"onsetDateTime": onset, "abatementDateTime": end, "recordedDate": recorded}
    return about_patient(
        "Condition",
        clinicalStatus={"coding": [{"system": HL7 + "condition-clinical", "code": state}]},
        verificationStatus={"coding": [{"system": HL7 + "condition-ver-status", "code": "confirmed"}]},
        code=coded(SNOMED, code, text),
        **{key: clock(at) for key, at in times.items() if at},
    )


def conditions() -> Iterator[Resource]:
    came = "2023-12-27T22:10"
    yield condition("277571004", "B-cell acute lymphoblastic leukaemia", "2023-11-05T14:00")
    yield condition("425941003", "B-cell acute lymphoblastic leukaemia in remission", "2023-12-15T09:00")
    yield condition("49727002", "Cough", came, "2023-12-27T18:00", "2024-01-02T08:00")
    yield condition("13791008", "Weakness", came, "2023-12-27T18:00", "2024-01-03T08:00")
    mas = "2023-12-28T15:45"
    yield condition("430478003", "Macrophage activation syndrome", mas, mas, "2024-01-05T10:00")


def encounter(kind: str, start: str, end: str) -> Resource:
    where = {"system": HL7 + "v3-ActCode", "code": kind}
    period = {"start": clock(start), "end": clock(end)}
    return about_patient("Encounter", status="finished", **{"class": where}, period=period)


def encounters() -> Iterator[Resource]:
    yield encounter("IMP", "2023-11-05T12:00", "2023-11-15T10:00")
    yield encounter("IMP", "2023-12-18T07:00", "2023-12-20T12:00")
    yield encounter("EMER", "2023-12-27T22:00", "2023-12-28T01:00")
    yield encounter("IMP", "2023-12-28T01:00", "2024-01-05T12:00")
    yield encounter("IMP", "2024-01-10T07:00", "2024-01-12T12:00")


def given(rxnorm: str, name: str, dosage: Resource, start: str, end: str = "", status: str = "completed") -> Resource:
    """A dose at one moment, an infusion from start to end, or one that still runs when the record ends."""
    if status == "in-progress":
        time: Resource = {"effectivePeriod": {"start": clock(start)}}
    elif end:
        time = {"effectivePeriod": {"start": clock(start), "end": clock(end)}}
    else:
        time = {"effectiveDateTime": clock(start)}
    drug = coded(RXNORM, rxnorm, name)
    return about_patient(
        "MedicationAdministration", status=status, medicationCodeableConcept=drug, **time, dosage=dosage
    )


def blinatumomab(per_day: int, start: str, end: str = "", status: str = "completed") -> Resource:
    rate = {"numerator": quantity(per_day, "ug"), "denominator": quantity(1, "d")}
    dosage = {"text": f"{per_day} mcg/day continuously", "route": {"text": "intravenous"}, "rateRatio": rate}
    return given("1597258", "Blinatumomab", dosage, start, end, status)


def dexamethasone(milligrams: float, at: str, why: str) -> Resource:
    dosage = {"text": why, "route": {"text": "intravenous"}, "dose": quantity(milligrams, "mg")}
    return given("3264", "Dexamethasone", dosage, at)


def administrations() -> Iterator[Resource]:
    yield blinatumomab(9, "2023-11-06T10:00", "2023-11-13T10:00")
    yield blinatumomab(28, "2023-11-13T10:00", "2023-12-04T10:00")
    yield blinatumomab(28, "2023-12-18T10:00", "2023-12-28T14:30", status="stopped")
    yield blinatumomab(9, "2024-01-10T10:00", status="in-progress")
    for at in ("2023-11-06T09:00", "2023-12-18T09:00", "2024-01-10T09:00"):
        yield dexamethasone(20, at, "premedication")
    for dose in range(12):
        dose_at = datetime(2023, 12, 28, 16, 30) + timedelta(hours=6 * dose)
        yield dexamethasone(10, dose_at.isoformat(), "10 mg every 6 h")
    for taper_at, milligrams in DEXAMETHASONE_TAPER.items():
        yield dexamethasone(milligrams, taper_at, "taper")
    toci = {"text": "8 mg/kg once", "route": {"text": "intravenous"}, "dose": quantity(544, "mg")}
    yield given("612865", "Tocilizumab", toci, "2023-12-28T16:00", "2023-12-28T17:00")
    oral = {"route": {"text": "oral"}, "dose": quantity(1000, "mg")}
    for at_dose in ("2023-12-27T22:45", "2023-12-28T05:00", "2023-12-28T11:00", "2023-12-28T18:30"):
        yield given("161", "Acetaminophen", oral, at_dose)


def patient() -> Resource:
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml">{STATEMENT}</div>'
    text = {"status": "additional", "div": narrative}
    return {"resourceType": "Patient", "id": PATIENT, "text": text, "gender": "female", "birthDate": "1979-05-14"}


def numbered(resources: Iterator[Resource], prefix: str) -> Iterator[Resource]:
    """The same resources with ids in order: obs-001, obs-002 ..."""
    for number, resource in enumerate(resources, start=1):
        yield {**resource, "id": f"{prefix}-{number:03}"}


def bundle() -> Resource:
    resources = [
        patient(),
        *numbered(encounters(), "enc"),
        *numbered(conditions(), "cond"),
        *numbered(administrations(), "med"),
        *numbered(observations(), "obs"),
    ]
    test_data = {"system": HL7 + "v3-ActReason", "code": "HTEST", "display": "test health data"}
    meta = {"tag": [test_data, {"display": STATEMENT}]}
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "id": PATIENT, "meta": meta, "type": "collection", "entry": entries}


def text() -> str:
    return json.dumps(bundle(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8", newline="\n")
