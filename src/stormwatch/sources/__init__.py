"""Records become facts on a timeline: FHIR bundles, long tables, and answers typed into a calculator."""

from stormwatch.sources.answers import answers_timeline
from stormwatch.sources.record import patients, read

__all__ = ["answers_timeline", "patients", "read"]
