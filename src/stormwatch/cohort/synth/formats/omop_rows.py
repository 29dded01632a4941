"""One patient as rows of OMOP tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from stormwatch import terms
from stormwatch.cohort.synth.formats.omop_tables import (
    ADMINISTERED,
    INPATIENT,
    ORDERED,
    concept_of,
    drug_concept,
    test_concept,
    unit_concept,
)
from stormwatch.cohort.synth.formats.writer import loinc, name
from stormwatch.cohort.synth.record import Dose, Result, SyntheticPatient

Cells = Mapping[str, str | int]


def rows_of(patient: SyntheticPatient) -> Iterator[tuple[str, Cells]]:
    """Table and cells of every row of the patient; the tables' own keys are left to the writer."""
    yield "person", _person(patient)
    who = {"person_id": patient.number}
    if patient.death is not None:
        yield "death", {**who, **_time("death", patient.death), "death_type_concept_id": "0"}
    yield "visit_occurrence", {**who, **_visit(patient)}
    for each in patient.history:
        coded = {"condition_concept_id": "0", "condition_source_value": _finding(each.finding)}
        yield "condition_occurrence", {**who, **_time("condition_start", each.time), **coded}
    for result in patient.results:
        yield "measurement", {**who, **_measurement(result)}
    for answer in patient.answers:
        said = "present" if answer.present else "absent"
        yield "observation", {**who, **_observation(_finding(answer.finding), said, answer.time)}
    for category in patient.categories:
        scale = terms.scales()[category.scale].names[0]
        yield "observation", {**who, **_observation(scale, category.text, category.time)}
    for dose in patient.doses:
        yield "drug_exposure", {**who, **_dose(dose)}


def _person(patient: SyntheticPatient) -> Cells:
    born = patient.birth
    return {
        "person_id": patient.number,
        "gender_concept_id": concept_of("genders", patient.sex),
        "year_of_birth": born.year,
        "month_of_birth": born.month,
        "day_of_birth": born.day,
        "race_concept_id": "0",
        "ethnicity_concept_id": "0",
        "person_source_value": f"synthetic {patient.number}",
        "gender_source_value": patient.sex,
    }


def _visit(patient: SyntheticPatient) -> Cells:
    times = _time("visit_start", patient.admitted) | _time("visit_end", patient.discharged)
    return {"visit_concept_id": INPATIENT, "visit_type_concept_id": "0", "visit_source_value": "synthetic", **times}


def _measurement(one: Result) -> Cells:
    sign, _, number = one.value.rpartition(" ")
    is_number = number[0].isdecimal()
    return {
        "measurement_concept_id": test_concept(one.analyte),
        **_time("measurement", one.time),
        "operator_concept_id": concept_of("operators", sign) if is_number and sign else "0",
        "value_as_number": number if is_number else "",
        "unit_concept_id": unit_concept(one.analyte, one.unit),
        "range_low": one.low,
        "range_high": one.high,
        "measurement_source_value": loinc(one.analyte) or name(one.analyte),
        "unit_source_value": one.unit,
        "value_source_value": one.value,
    }


def _observation(source: str, said: str, time: datetime) -> Cells:
    coded = {"observation_concept_id": "0", "observation_source_value": source, "value_as_string": said}
    return {**coded, **_time("observation", time)}


def _dose(one: Dose) -> Cells:
    start, end = (
        _time(f"drug_exposure_{side}", when) for side, when in (("start", one.time), ("end", one.stop or one.time))
    )
    coded = {"drug_concept_id": drug_concept(one.drug), "drug_source_value": terms.drugs()[one.drug].names[0]}
    amount = {"quantity": one.amount, "dose_unit_source_value": one.unit}
    return {
        **coded,
        **start,
        **end,
        **amount,
        "drug_type_concept_id": ORDERED if one.said == "ordered" else ADMINISTERED,
    }


def _finding(finding: str) -> str:
    """The SNOMED code of the project's table, else the name."""
    term = terms.findings()[finding]
    return next(iter(term.codes["snomed"]), term.names[0])


def _time(prefix: str, time: datetime | None) -> dict[str, str | int]:
    """Date and clock time, in UTC and without an offset, as OMOP writes them."""
    if time is None:
        return {}
    text = time.isoformat(" ")[:19]
    return {f"{prefix}_date": text[:10], f"{prefix}_datetime": text}
