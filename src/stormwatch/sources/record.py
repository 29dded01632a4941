"""Reading a record, whatever its format."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from stormwatch.errors import InputError, UsageError
from stormwatch.facts import Timeline
from stormwatch.sources.fhir import patients_of_bundle, read_bundle
from stormwatch.sources.opening import StrPath, file_name, is_json, opened
from stormwatch.sources.table import patients_of_table, read_table
from stormwatch.sources.table.lines import Progress
from stormwatch.sources.times import zone_of

KINDS = frozenset({"exposures", "findings"})


def read(
    path: StrPath,
    *,
    patient: str | None = None,
    zone: str | tzinfo | None = None,
    complete: Iterable[str] = (),
    progress: Progress | None = None,
) -> Timeline:
    """Read one patient's record: a FHIR R4 bundle (JSON) or a long table (CSV); ``-`` is standard input.

    Both may be packed with gzip. ``timeline.accounting`` says what became of every record read: used, rejected with
    the reason, or outside what is needed.

    Args:
        path: the file.
        patient: id of the patient to read; needed when the record holds several.
        zone: where the record was kept, for clock times without an offset. Without it such times are rejected.
        complete: ``"exposures"`` or ``"findings"``, where you vouch that what the record does not state did not
            happen. Without that, what is not stated is unknown.
        progress: called with the bytes read so far while a table of over 50 MB is read.

    Raises:
        InputError: the record cannot be read, is about nobody, or is about several patients and none is named.
        UnknownName: the record has no such patient.
        UsageError: ``complete`` names something else, or there is no such zone.
    """
    vouched, place, file = complete_kinds(complete), zone_of(zone), file_name(path)
    try:
        with opened(path) as stream:
            if is_json(path, stream):
                return read_bundle(stream, file, patient, place, vouched)
            return read_table(stream, file, patient, place, vouched, progress)
    except RecursionError:
        raise _too_deep(file) from None


def patients(path: StrPath) -> list[str]:
    """Ids of the patients of a record, in order of appearance.

    Raises:
        InputError: the record cannot be read.
    """
    file = file_name(path)
    try:
        with opened(path) as stream:
            return patients_of_bundle(stream, file) if is_json(path, stream) else patients_of_table(stream, file)
    except RecursionError:
        raise _too_deep(file) from None


def complete_kinds(complete: Iterable[str]) -> frozenset[str]:
    """The kinds of fact a record is vouched to be complete in. Raises UsageError for any other word."""
    kinds = frozenset([complete] if isinstance(complete, str) else complete)
    if not kinds <= KINDS:
        raise UsageError(f"only {' and '.join(sorted(KINDS))} can be vouched to be complete")
    return kinds


def _too_deep(file: str) -> InputError:
    return InputError(f"{file}: the JSON is nested too deeply to be a FHIR bundle")
