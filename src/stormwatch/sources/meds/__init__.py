"""Records in the Medical Event Data Standard (MEDS): folders of Parquet shards, or one Parquet file."""

from stormwatch.sources.meds.reader import iterate_meds, patients_of_meds, read_meds

__all__ = ["iterate_meds", "patients_of_meds", "read_meds"]
