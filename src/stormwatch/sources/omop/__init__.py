"""OMOP CDM 5.3 and 5.4: a folder of CSV or Parquet, a DuckDB file, or a PostgreSQL schema."""

from stormwatch.sources.omop.reader import iterate_omop, patients_of_omop, read_omop

__all__ = ["iterate_omop", "patients_of_omop", "read_omop"]
