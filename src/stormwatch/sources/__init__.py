"""Records become facts on a timeline: FHIR, OMOP, MEDS, tables, and answers typed into a calculator."""

from stormwatch.sources.answers import answers_timeline
from stormwatch.sources.record import iterate, patients, read

__all__ = ["answers_timeline", "iterate", "patients", "read"]
