"""FHIR R4 bundles: a thin reader of the few resources that carry facts."""

from stormwatch.sources.fhir.reader import Bundle, patients_of_bundle, read_bundle

__all__ = ["Bundle", "patients_of_bundle", "read_bundle"]
