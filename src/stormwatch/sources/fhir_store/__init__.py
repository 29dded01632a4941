"""FHIR R4 beyond one bundle: Bulk Data folders, and running servers."""

from stormwatch.sources.fhir_store.bulk import iterate_bulk, patients_of_bulk, read_bulk
from stormwatch.sources.fhir_store.server import Fetched, fetch
from stormwatch.sources.fhir_store.smart import Credentials

__all__ = ["Credentials", "Fetched", "fetch", "iterate_bulk", "patients_of_bulk", "read_bulk"]
