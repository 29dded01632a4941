"""The OMOP tables that are read, and what their columns are for.

Every table uses the same names for the same things, so that the readers need not know how OMOP calls them: ``id``,
``concept``, ``source`` (the code or name as the source wrote it), ``date``, ``datetime``, ``end_date``, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PERSON = "person_id"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, its columns by what they are for, and which of them it cannot be read without."""

    name: str
    columns: Mapping[str, str]
    needed: tuple[str, ...]

    @property
    def identifiers(self) -> frozenset[str]:
        """Columns that hold whole numbers to search by, however a file writes them."""
        return frozenset({PERSON, *(c for c in self.columns.values() if c.endswith("concept_id"))})


def _occurrence(name: str, prefix: str, start: str = "", end: str = "", **further: str) -> Table:
    """A table of things that happened: id, concept, source value, and start and end."""
    columns = {
        "id": f"{name}_id",
        "concept": f"{prefix}_concept_id",
        "source": f"{prefix}_source_value",
        "date": f"{start or prefix}_date",
        "datetime": f"{start or prefix}_datetime",
    }
    if end:
        columns |= {"end_date": f"{end}_date", "end_datetime": f"{end}_datetime"}
    return Table(name, columns | further, ("id", "concept", "date"))


_VALUE = {
    "number": "value_as_number",
    "answer": "value_as_concept_id",
    "written": "value_source_value",
    "unit": "unit_source_value",
    "unit_concept": "unit_concept_id",
}

PEOPLE = Table(
    "person",
    {
        "id": PERSON,
        "gender": "gender_concept_id",
        "year": "year_of_birth",
        "month": "month_of_birth",
        "day": "day_of_birth",
        "birth": "birth_datetime",
    },
    ("id", "gender", "year"),
)
DEATHS = Table("death", {"id": PERSON, "date": "death_date", "datetime": "death_datetime"}, ("id", "date"))
VISITS = _occurrence("visit_occurrence", "visit", "visit_start", "visit_end")

CODED = (
    _occurrence("condition_occurrence", "condition", "condition_start"),  # its end is often only that of the visit
    _occurrence(
        "drug_exposure",
        "drug",
        "drug_exposure_start",
        "drug_exposure_end",
        type="drug_type_concept_id",
        route="route_source_value",
        quantity="quantity",
        unit="dose_unit_source_value",
        sig="sig",
    ),
    _occurrence(
        "measurement", "measurement", **_VALUE, operator="operator_concept_id", low="range_low", high="range_high"
    ),
    _occurrence("observation", "observation", **_VALUE, text="value_as_string"),
    _occurrence("procedure_occurrence", "procedure", end="procedure_end"),
    _occurrence("device_exposure", "device", "device_exposure_start", "device_exposure_end"),
)
"""Tables of which only rows with a concept or code of ours are fetched; the others are counted by concept."""

WHOLE = (PEOPLE, DEATHS, VISITS)
"""Tables of which every row of a person is fetched."""

VOCABULARY = (
    Table("concept", {"id": "concept_id", "name": "concept_name"}, ("id", "name")),
    Table(
        "concept_ancestor",
        {"ancestor": "ancestor_concept_id", "descendant": "descendant_concept_id"},
        ("ancestor", "descendant"),
    ),
)
"""The store's own vocabulary, where it has one: from a product to its ingredients."""

ALL = (*WHOLE, *CODED, *VOCABULARY)
