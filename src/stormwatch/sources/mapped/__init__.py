"""Local tables, described by a small map: CSV, TSV, Parquet and XLSX, long or wide; and maps of local codes."""

from stormwatch.sources.mapped.code_map import CodeMap, merge_maps, read_code_map
from stormwatch.sources.mapped.draft import draft_map
from stormwatch.sources.mapped.reader import iterate_mapped, patients_of_mapped, read_mapped
from stormwatch.sources.mapped.schema import TableMap, load_map

__all__ = [
    "CodeMap",
    "TableMap",
    "draft_map",
    "iterate_mapped",
    "load_map",
    "merge_maps",
    "patients_of_mapped",
    "read_code_map",
    "read_mapped",
]
