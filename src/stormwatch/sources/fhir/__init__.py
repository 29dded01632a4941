"""FHIR R4 bundles: a thin reader of the few resources that carry facts."""

from stormwatch.sources.fhir.reader import patients_of_bundle, read_bundle

__all__ = ["patients_of_bundle", "read_bundle"]
