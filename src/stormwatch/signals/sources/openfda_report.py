"""One report of openFDA as rows of our tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_ROLE = {"1": "S", "2": "C", "3": "I"}
_SEX = {"1": "M", "2": "F"}
_AGE_UNIT = {"800": "DEC", "801": "YR", "802": "MON", "803": "WK", "804": "DY", "805": "HR"}
_QUALIFICATION = {"1": "MD", "2": "PH", "3": "OT", "4": "LW", "5": "CN"}
_OUTCOME = {
    "seriousnessdeath": "DE",
    "seriousnesslifethreatening": "LT",
    "seriousnesshospitalization": "HO",
    "seriousnessdisabling": "DS",
    "seriousnesscongenitalanomali": "CA",
    "seriousnessother": "OT",
}
_RECHALLENGE = {"1": "Y", "2": "N", "3": "U"}


def rows_of(report: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows a report stands for, each with its table; codes become those of the quarterly files.

    >>> report = {"safetyreportid": "7", "patient": {"reaction": [{"reactionmeddrapt": "Rash"}]}}
    >>> [table for table, _ in rows_of(report)]
    ['reports', 'reactions']
    """
    number = str(report["safetyreportid"]).strip()
    patient = report.get("patient") or {}
    yield "reports", {"report": number, **_report(report, patient)}
    for place, drug in enumerate(patient.get("drug") or (), start=1):
        yield from _drug(number, str(place), drug)
    for reaction in patient.get("reaction") or ():
        yield "reactions", {"report": number, "term": reaction.get("reactionmeddrapt")}
    for key, code in _OUTCOME.items():
        if str(report.get(key)) == "1":
            yield "outcomes", {"report": number, "outcome": code}


def _report(report: Mapping[str, Any], patient: Mapping[str, Any]) -> dict[str, Any]:
    source = report.get("primarysource") or {}
    return {
        "case": str(report["safetyreportid"]).strip(),
        "version": _text(report.get("safetyreportversion")),
        "receipt_date": report.get("receiptdate"),
        "first_receipt_date": report.get("receivedate"),
        "age": _text(patient.get("patientonsetage")),
        "age_unit": _AGE_UNIT.get(str(patient.get("patientonsetageunit"))),
        "sex": _SEX.get(str(patient.get("patientsex"))),
        "weight": _text(patient.get("patientweight")),
        "weight_unit": "KG" if patient.get("patientweight") else None,
        "reporter_country": source.get("reportercountry"),
        "event_country": report.get("occurcountry"),
        "reporter": _QUALIFICATION.get(str(source.get("qualification"))),
        "sender_number": report.get("companynumb"),
    }


def _drug(number: str, place: str, drug: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    key = {"report": number, "drug": place}
    yield (
        "drugs",
        {
            **key,
            "role": _ROLE.get(str(drug.get("drugcharacterization"))),
            "name": drug.get("medicinalproduct"),
            "ingredient": (drug.get("activesubstance") or {}).get("activesubstancename"),
            "route": drug.get("drugadministrationroute"),
            "dose": drug.get("drugdosagetext"),
            "rechallenge": _RECHALLENGE.get(str(drug.get("drugrecurreadministration"))),
        },
    )
    if drug.get("drugindication"):
        yield "indications", {**key, "term": drug["drugindication"]}
    if drug.get("drugstartdate") or drug.get("drugenddate"):
        yield "therapies", {**key, "start_date": drug.get("drugstartdate"), "end_date": drug.get("drugenddate")}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
