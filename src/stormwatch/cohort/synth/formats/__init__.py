"""Synthetic patients written as the records the project reads: OMOP, FHIR, MEDS, and the long table."""
