"""Reading a record, whatever its format."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from stormwatch.errors import InputError
from stormwatch.facts import Timeline
from stormwatch.sources.complete import complete_kinds
from stormwatch.sources.derived import with_derived
from stormwatch.sources.fhir import Bundle, patients_of_bundle, read_bundle
from stormwatch.sources.formats import (
    Kind,
    Options,
    code_map,
    holds_reading,
    iterate_kind,
    kind_of,
    patients_of_kind,
    read_kind,
)
from stormwatch.sources.opening import StrPath, file_name, is_json, opened
from stormwatch.sources.table import iterate_table, patients_of_table, read_table
from stormwatch.sources.table.lines import Progress
from stormwatch.sources.times import zone_of


def read(
    path: StrPath,
    *,
    patient: str | None = None,
    zone: str | tzinfo | None = None,
    complete: Iterable[str] = (),
    map: StrPath | None = None,
    schema: str = "",
    derive: bool = True,
    progress: Progress | None = None,
) -> Timeline:
    """Read one patient's record.

    A record is a FHIR R4 bundle (JSON) or a long table (CSV), plain or gzip, ``-`` for standard input; a FHIR Bulk Data
    folder (NDJSON); an OMOP store (a folder of CSV or Parquet, a DuckDB file, ``postgresql://...``); with a map, a
    MEDS record or a local table (CSV, TSV, Parquet, XLSX); a case report (TXT, RIS, MEDLINE, BibTeX, XML) or a saved
    reading of one. ``timeline.accounting`` says what became of every record
    read: used, rejected with the reason, or outside what is needed.

    Args:
        path: the file, folder or database.
        patient: id of the patient to read; needed when the record holds several. In a file of several documents it is
            the number of the document, from 1, and ``3.2`` is the second patient of the third.
        zone: where the record was kept, for clock times without an offset. Without it such times are rejected.
        complete: ``"exposures"`` or ``"findings"``, where you vouch that what the record does not state did not
            happen. Without that, what is not stated is unknown.
        map: what local codes or columns mean.
        schema: the schema of a database.
        derive: add what can be computed from recorded parts, such as neutrophils from a share of leucocytes; each
            derived value names its parts, and a measured one wins.
        progress: called with the bytes read so far while a table of over 50 MB is read.

    Raises:
        InputError: the record cannot be read, is about nobody, or is about several patients and none is named.
        UnknownName: the record has no such patient.
        UsageError: ``complete`` names something else, there is no such zone, or a map or a library is needed.
    """
    options = Options(zone_of(zone), complete_kinds(complete), map, schema)
    timeline = _read(path, patient, options, progress)
    return with_derived(timeline) if derive else timeline


def patients(path: StrPath, *, map: StrPath | None = None, schema: str = "") -> list[str]:
    """Ids of the patients of a record, in order of appearance. Raises as ``read``."""
    options = Options(map=map, schema=schema)
    kind = kind_of(path, options)
    if kind is not Kind.FILE:
        return patients_of_kind(kind, path, options)
    file = file_name(path)
    try:
        with opened(path) as stream:
            if not is_json(path, stream):
                return patients_of_table(stream, file)
            return _patients_of_saved(stream, file) if holds_reading(stream) else patients_of_bundle(stream, file)
    except RecursionError:
        raise _too_deep(file) from None


def iterate(
    path: StrPath,
    *,
    zone: str | tzinfo | None = None,
    complete: Iterable[str] = (),
    map: StrPath | None = None,
    schema: str = "",
    derive: bool = True,
) -> Iterator[Timeline]:
    """Every patient of a record, one at a time. Arguments and errors as in ``read``.

    Stores are streamed; a long table is read in one pass and held, and so is a bundle.
    """
    options = Options(zone_of(zone), complete_kinds(complete), map, schema)
    kind = kind_of(path, options)
    found = _iterate_file(path, options) if kind is Kind.FILE else iterate_kind(kind, path, options)
    for timeline in found:
        yield with_derived(timeline) if derive else timeline


def _iterate_file(path: StrPath, options: Options) -> Iterator[Timeline]:
    with opened(path) as stream:
        if not is_json(path, stream):
            yield from iterate_table(stream, file_name(path), options.zone, options.complete)
            return
        if not holds_reading(stream):
            yield from _each_of_bundle(stream, file_name(path), options)
            return
    for one in patients(path):
        yield _read(path, one, options, None)


def _each_of_bundle(stream: io.BufferedReader, file: str, options: Options) -> Iterator[Timeline]:
    try:
        yield from Bundle(stream, file, options.zone, code_map(options)).each(options.complete)
    except RecursionError:
        raise _too_deep(file) from None


def _read(path: StrPath, patient: str | None, options: Options, progress: Progress | None) -> Timeline:
    kind = kind_of(path, options)
    if kind is not Kind.FILE:
        return read_kind(kind, path, patient, options)
    file = file_name(path)
    try:
        with opened(path) as stream:
            if is_json(path, stream):
                if holds_reading(stream):
                    return _saved(stream, file, patient, options)
                return read_bundle(stream, file, patient, options.zone, options.complete, code_map(options))
            return read_table(stream, file, patient, options.zone, options.complete, progress)
    except RecursionError:
        raise _too_deep(file) from None


def _saved(stream: io.BufferedReader, file: str, patient: str | None, options: Options) -> Timeline:
    from stormwatch.sources.text.records import read_saved_text

    return read_saved_text(stream.read().decode("utf-8-sig", errors="replace"), file, patient, options.complete)


def _patients_of_saved(stream: io.BufferedReader, file: str) -> list[str]:
    from stormwatch.sources.text.records import patients_of_saved

    return patients_of_saved(stream.read().decode("utf-8-sig", errors="replace"), file)


def _too_deep(file: str) -> InputError:
    return InputError(f"{file}: the JSON is nested too deeply to be a FHIR bundle")
