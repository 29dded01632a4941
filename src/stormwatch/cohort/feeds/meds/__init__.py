"""The feed for MEDS: from Parquet into columns, without an object for each row."""
