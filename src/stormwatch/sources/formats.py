"""Which kind of record a path is, and the functions that read that kind."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.errors import InputError, UsageError
from stormwatch.facts import Timeline
from stormwatch.sources.opening import StrPath, file_name, opened
from stormwatch.sources.table.header import delimiter_of

if TYPE_CHECKING:
    from stormwatch.sources.mapped import CodeMap

_DATABASES = ("postgresql://", "postgres://")
_BUNDLES = (".json", ".json.gz")
_LITERATURE = (".txt", ".ris", ".nbib", ".bib", ".xml")
_HEAD = 4096
_WHOSE = frozenset({"patient_id", "subject_id", "person_id"})


class Kind(Enum):
    """The kinds of record there are."""

    FILE = "a FHIR bundle or a long table"
    OMOP = "an OMOP store"
    BULK = "a FHIR Bulk Data folder"
    MEDS = "a MEDS record"
    MAPPED = "a table described by a map"
    TEXT = "a case report or a file of literature"


@dataclass(frozen=True, slots=True)
class Options:
    """How a record is to be read: the zone of its clock times, what is vouched complete, its map, its schema."""

    zone: tzinfo | None = None
    complete: frozenset[str] = frozenset()
    map: StrPath | None = None
    schema: str = ""


def kind_of(path: StrPath, options: Options) -> Kind:
    """What the path is, by its name and by what lies in it.

    Raises:
        InputError: the path is a folder of nothing known.
        UsageError: local tables or events come without their map.
    """
    if os.fspath(path).startswith(_DATABASES) or os.fspath(path).endswith(".duckdb"):
        return Kind.OMOP
    where = Path(path)
    if _is_folder(where):
        return _kind_of_folder(where, options)
    if options.map is not None and not where.name.endswith(_BUNDLES):
        return _kind_of_mapped(where, options.map)
    if where.suffix in (".parquet", ".xlsx"):
        raise UsageError(f"{file_name(path)}: local tables need a map; give one with --map, or draft one first")
    return Kind.TEXT if _is_literature(where) else Kind.FILE


def _is_literature(where: Path) -> bool:
    """Whether it is a file of prose or of literature records; a long table may be called .txt, too."""
    suffixes = [suffix.casefold() for suffix in where.suffixes if suffix.casefold() != ".gz"]
    if suffixes[-1:] == [".json"]:
        return _is_document(where)
    if not suffixes or suffixes[-1] not in _LITERATURE:
        return False
    return suffixes[-1] != ".txt" or not _begins_as_table(where)


def _is_document(where: Path) -> bool:
    """Whether a JSON file is a DocumentReference by itself, which is prose; one in a bundle is part of a record."""
    with opened(where) as stream:
        if b'"DocumentReference"' not in stream.peek(_HEAD)[:_HEAD]:
            return False
        try:
            found = json.load(stream)
        except ValueError:
            return False
    return isinstance(found, dict) and found.get("resourceType") == "DocumentReference"


def _begins_as_table(where: Path) -> bool:
    with opened(where) as stream:
        first = stream.peek(_HEAD)[:_HEAD].decode("utf-8-sig", errors="replace").partition("\n")[0]
    cells = {cell.strip().casefold() for cell in first.split(delimiter_of(first))}
    return bool(cells & _WHOSE) and len(cells) > 1


def holds_reading(stream: io.BufferedReader) -> bool:
    """Whether a JSON stream is a saved reading of a report."""
    head = stream.peek(_HEAD)[:_HEAD].decode("utf-8-sig", errors="replace")
    if "stormwatch reading" not in head:
        return False
    from stormwatch.sources.text import is_reading

    return is_reading(head)


def _kind_of_mapped(where: Path, map_path: StrPath) -> Kind:
    if not _holds_codes(map_path):
        return Kind.MAPPED
    if where.suffix == ".parquet":
        return Kind.MEDS
    raise UsageError(f"{where.name}: a local table needs a map of its columns; this map has codes only")


def _is_folder(where: Path) -> bool:
    """Whether it is one; a name that no file can have is left to whoever opens it."""
    try:
        return where.is_dir()
    except ValueError:
        return False


def _kind_of_folder(folder: Path, options: Options) -> Kind:
    names = [child.name.casefold() for child in folder.iterdir()]
    if any(name.partition(".")[0] == "person" for name in names):
        return Kind.OMOP
    if any(name.endswith((".ndjson", ".ndjson.gz")) for name in names):
        return Kind.BULK
    if "data" in names or any(name.endswith(".parquet") for name in names):
        if options.map is None:
            raise UsageError(f"{folder.name}: a MEDS record needs a map of its codes; give one with --map")
        return Kind.MEDS
    found = "neither OMOP tables, nor NDJSON files, nor a MEDS record lie in this folder"
    raise InputError(f"{folder.name}: {found}; an archive must be unpacked first")


def code_map(options: Options) -> CodeMap | None:
    """The map of local codes, where one is given."""
    if options.map is None:
        return None
    from stormwatch.sources.mapped import read_code_map

    return read_code_map(options.map)


def _holds_codes(path: StrPath) -> bool:
    """Whether a map is one of codes (for events) or of columns (for a table)."""
    import tomllib

    if Path(path).suffix == ".csv":
        return True
    try:
        return "shape" not in tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False


def read_kind(kind: Kind, path: StrPath, patient: str | None, options: Options) -> Timeline:
    """One patient of a record that is no single file of ours."""
    if kind is Kind.OMOP:
        from stormwatch.sources.omop import read_omop

        return read_omop(path, patient=patient, zone=options.zone, complete=options.complete, schema=options.schema)
    if kind is Kind.BULK:
        from stormwatch.sources.fhir_store.bulk import read_bulk

        return read_bulk(path, patient, options.zone, options.complete, codes=code_map(options))
    if kind is Kind.TEXT:
        from stormwatch.sources.text.records import read_literature

        return read_literature(path, patient, options.complete)
    assert options.map is not None
    if kind is Kind.MEDS:
        from stormwatch.sources.meds import read_meds

        return read_meds(path, code_map=options.map, patient=patient, zone=options.zone, complete=options.complete)
    from stormwatch.sources.mapped import read_mapped

    return read_mapped(path, options.map, patient=patient, complete=options.complete)


def patients_of_kind(kind: Kind, path: StrPath, options: Options) -> list[str]:
    """Ids of the patients of such a record."""
    if kind is Kind.OMOP:
        from stormwatch.sources.omop import patients_of_omop

        return patients_of_omop(path, options.schema)
    if kind is Kind.BULK:
        from stormwatch.sources.fhir_store.bulk import patients_of_bulk

        return patients_of_bulk(path)
    if kind is Kind.TEXT:
        from stormwatch.sources.text.records import patients_of_literature

        return patients_of_literature(path)
    assert options.map is not None
    if kind is Kind.MEDS:
        from stormwatch.sources.meds import patients_of_meds

        return patients_of_meds(path)
    from stormwatch.sources.mapped import patients_of_mapped

    return patients_of_mapped(path, options.map)


def iterate_kind(kind: Kind, path: StrPath, options: Options) -> Iterator[Timeline]:
    """Every patient of such a record, one at a time, in bounded memory."""
    if kind is Kind.OMOP:
        from stormwatch.sources.omop import iterate_omop

        return iterate_omop(path, zone=options.zone, complete=options.complete, schema=options.schema)
    if kind is Kind.BULK:
        from stormwatch.sources.fhir_store.bulk import iterate_bulk

        return iterate_bulk(path, options.zone, options.complete, codes=code_map(options))
    if kind is Kind.TEXT:
        from stormwatch.sources.text.records import iterate_literature

        return iterate_literature(path, options.complete)
    assert options.map is not None
    if kind is Kind.MEDS:
        from stormwatch.sources.meds import iterate_meds

        return iterate_meds(path, code_map=options.map, zone=options.zone, complete=options.complete)
    from stormwatch.sources.mapped import iterate_mapped

    return iterate_mapped(path, options.map, complete=options.complete)
