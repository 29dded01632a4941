"""Long tables in CSV: one result, finding or dose a row."""

from stormwatch.sources.table.reader import iterate_table, patients_of_table, read_table

__all__ = ["iterate_table", "patients_of_table", "read_table"]
