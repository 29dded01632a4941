"""Patient -> sex, birth and death."""

from __future__ import annotations

from collections import Counter
from datetime import tzinfo

from stormwatch.facts import Patient, When
from stormwatch.sources.draft import Rejected
from stormwatch.sources.fhir.tree import Node, text
from stormwatch.sources.times import when

SEXES = {"female", "male", "other"}


def patient_of(identifier: str, resource: Node, zone: tzinfo | None, notes: Counter[str]) -> Patient:
    """The person as recorded; what cannot be read stays unknown and is noted."""
    sex = text(resource, "gender")
    birth = _date(resource, "birthDate", zone, notes)
    return Patient(identifier, sex if sex in SEXES else "", birth, _date(resource, "deceasedDateTime", zone, notes))


def _date(resource: Node, key: str, zone: tzinfo | None, notes: Counter[str]) -> When | None:
    if not resource.get(key):
        return None
    try:
        return when(text(resource, key), zone)
    except Rejected:
        notes[f"{key} left out: it cannot be read"] += 1
        return None
