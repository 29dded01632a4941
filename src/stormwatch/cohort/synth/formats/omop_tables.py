"""The OMOP tables that are filled, with their columns, and the concepts that stand in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from stormwatch import analytes, terms
from stormwatch.analytes.units import find_unit
from stormwatch.cohort.synth.tables import table
from stormwatch.sources.omop.concepts import meanings

ADMINISTERED = "32818"
ORDERED = "32833"
"""Drug types of the reader's table: administration record, order."""

INPATIENT = "9201"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "cdm_source": (
        *("cdm_source_name", "cdm_source_abbreviation", "cdm_holder", "source_description", "cdm_version"),
        "vocabulary_version",
    ),
    "concept": ("concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "concept_code"),
    "person": (
        *("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth", "birth_datetime"),
        *("race_concept_id", "ethnicity_concept_id", "person_source_value", "gender_source_value"),
    ),
    "death": ("person_id", "death_date", "death_datetime", "death_type_concept_id"),
    "visit_occurrence": (
        *("visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_start_datetime"),
        *("visit_end_date", "visit_end_datetime", "visit_type_concept_id", "visit_source_value"),
    ),
    "condition_occurrence": (
        *("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
        *("condition_start_datetime", "condition_type_concept_id", "condition_source_value"),
    ),
    "drug_exposure": (
        *("drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"),
        *("drug_exposure_start_datetime", "drug_exposure_end_date", "drug_exposure_end_datetime"),
        *("drug_type_concept_id", "quantity", "drug_source_value", "dose_unit_source_value"),
    ),
    "measurement": (
        *("measurement_id", "person_id", "measurement_concept_id", "measurement_date", "measurement_datetime"),
        *("measurement_type_concept_id", "operator_concept_id", "value_as_number", "value_as_concept_id"),
        *("unit_concept_id", "range_low", "range_high", "measurement_source_value", "unit_source_value"),
        "value_source_value",
    ),
    "observation": (
        *("observation_id", "person_id", "observation_concept_id", "observation_date", "observation_datetime"),
        *("observation_type_concept_id", "value_as_string", "observation_source_value"),
    ),
}


@cache
def concept_of(kind: str, meaning: str) -> str:
    """The concept id that the reader's table gives this meaning, or 0.

    >>> concept_of("operators", ">")
    '4172704'
    """
    return next((concept for concept, said in meanings(kind).items() if said == meaning), "0")


@cache
def unit_concept(analyte: str, unit: str) -> str:
    """The concept of a printed unit, or 0 where the unit or its concept is unknown."""
    known = analytes.analyte(analyte)
    dimensions = (known.dimension, *((known.also.dimension,) if known.also else ()))
    found = next((each for dimension in dimensions if (each := find_unit(dimension, unit)) is not None), None)
    return concept_of("units", found.code) if found is not None and unit else "0"


@cache
def drug_concept(drug: str) -> str:
    return next(iter(terms.drugs()[drug].codes["omop"]), "0")


@cache
def test_concept(analyte: str) -> str:
    return next((str(concept) for concept in analytes.analyte(analyte).omop), "0")


def vocabulary() -> Iterator[dict[str, str]]:
    """The concepts of the project's tables that may stand in the others. They say nothing of vocabulary or class."""
    for analyte in table("values"):
        if test_concept(analyte) != "0":
            yield _concept(test_concept(analyte), analytes.analyte(analyte).title, "Measurement")
    for drug in terms.drugs().values():
        if drug_concept(drug.id) != "0":
            yield _concept(drug_concept(drug.id), drug.names[0], "Drug")
    for kind, domain in (("genders", "Gender"), ("operators", "Meas Value Operator"), ("units", "Unit")):
        for concept, said in meanings(kind).items():
            yield _concept(concept, str(said), domain)


def _concept(concept: str, name: str, domain: str) -> dict[str, str]:
    return {"concept_id": concept, "concept_name": name, "domain_id": domain}
