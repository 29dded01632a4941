"""Rows of drug_exposure -> exposures: one for each ingredient of ours in the product."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.facts import Exposure, Given
from stormwatch.sources.draft import Place
from stormwatch.sources.omop.concepts import meaning
from stormwatch.sources.omop.row import Row
from stormwatch.sources.omop.targets import Target
from stormwatch.sources.routes import refuse_local

UNTYPED = "drug_exposure that does not say whether given or only ordered: read as given, as the data model defines it"


def exposures(row: Row, target: Target, name: str, place: Place) -> Iterator[Exposure]:
    """``name`` is the product's, where the store's vocabulary has it.

    Raises:
        Outside: the product acts only where it is put.
        Rejected: its time cannot be used.
    """
    drugs = target if isinstance(target, tuple) else ()
    for drug in drugs:
        refuse_local(drug, name, row["source"], row["route"])
    time = row.start(place.zone)
    stop = row.stop(time, place.zone)
    given = _given(row, place)
    dose = f"{row['quantity']} {row['unit']}".strip() if row["quantity"] else row["sig"]
    recorded = name or row["source"] or f"concept {row['concept']}"
    for drug in drugs:
        yield Exposure(drug.id, given, recorded, time, time, place.origin, stop, dose=dose, route=row["route"])


def _given(row: Row, place: Place) -> Given:
    said = meaning("drug_types", row["type"])
    if not said:
        place.notes[UNTYPED] += 1
    return Given.ORDERED if said == "ordered" else Given.GIVEN
