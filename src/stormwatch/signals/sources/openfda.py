"""openFDA drug event downloads: JSON files, plain or in a zip, read report by report.

Source of the fields: openFDA, drug adverse event endpoint, searchable fields. openFDA says of a drug that it is
suspect, not whether it is the primary one; the role here is then S. One download holds one version of a case.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from stormwatch.errors import InputError
from stormwatch.signals.sources.account import FileAccount, SourceAccount
from stormwatch.signals.sources.ascii_table import NO_NUMBER
from stormwatch.signals.sources.members import Member, opened
from stormwatch.signals.sources.openfda_report import rows_of
from stormwatch.signals.sources.quarter_reader import Progress
from stormwatch.signals.sources.rows import RowWriter

_CHUNK = 1 << 20
_MOST = 1 << 26
_TALK = 10_000


def is_download(member: Member) -> bool:
    """Whether a file may be an openFDA download."""
    return member.name.lower().endswith(".json")


def read_download(member: Member, name: str, target: Path, progress: Progress) -> SourceAccount:
    """Read one download.

    Raises:
        InputError: the file is broken, or is JSON of another kind.
    """
    rejected: Counter[str] = Counter()
    versions: set[str] = set()
    digest = hashlib.sha256()
    reports = 0
    with opened(member) as stream, RowWriter(target) as writer:
        for reports, report in enumerate(_reports(stream, digest, member.name), start=1):
            if not str(report.get("safetyreportid") or "").strip():
                rejected[NO_NUMBER] += 1
                continue
            versions.update(_versions(report))
            for table, row in rows_of(report):
                writer.add(table, row)
            if reports % _TALK == 0:
                progress(f"{name}: {reports:,} reports")
    files = _accounts(member.name, digest.hexdigest(), reports, rejected, writer)
    return SourceAccount(name, "openFDA download", "fda", 1, files, meddra=tuple(sorted(versions)))


def _accounts(
    file: str, sha256: str, reports: int, rejected: Counter[str], writer: RowWriter
) -> tuple[FileAccount, ...]:
    """The lines of a download are its reports; the parts of a report are all used with it."""
    first = FileAccount(file, "reports", sha256, reports, writer.rows["reports"], dict(rejected))
    parts = [FileAccount(file, t, sha256, n, n) for t, n in writer.rows.items() if t != "reports"]
    return (first, *parts)


def _versions(report: Mapping[str, Any]) -> set[str]:
    reactions = (report.get("patient") or {}).get("reaction") or []
    return {str(one["reactionmeddraversionpt"]) for one in reactions if one.get("reactionmeddraversionpt")}


def _reports(stream: IO[bytes], digest: Any, name: str) -> Iterator[dict[str, Any]]:
    """The objects of the list ``results``, with one of them in memory at a time."""
    pieces = _decoded(stream, digest, name)
    try:
        held = _after(_after("", '"results"', pieces), "[", pieces)
        while not (held := held.lstrip(" \t\r\n,")).startswith("]"):
            report, held = _next_object(held, pieces)
            if report is not None:
                yield report
        for _ in pieces:  # what follows the list counts for the hash of the file
            pass
    except (StopIteration, ValueError):
        raise InputError(f"{name}: no whole openFDA download (JSON with a list 'results'); fetch it again") from None


def _after(held: str, mark: str, pieces: Iterator[str]) -> str:
    """The text behind a mark, read on until it comes."""
    while mark not in held:
        held = held[-len(mark) :] + next(pieces)
    return held[held.index(mark) + len(mark) :]


def _next_object(held: str, pieces: Iterator[str]) -> tuple[dict[str, Any] | None, str]:
    """The object the text begins with and what follows it; none when more of it has to be read first."""
    try:
        report, end = json.JSONDecoder().raw_decode(held)
    except ValueError:
        if len(held) > _MOST:
            raise
        return None, held + next(pieces)
    if not isinstance(report, dict):
        raise ValueError("not an object")
    return report, held[end:]


def _decoded(stream: IO[bytes], digest: Any, name: str) -> Iterator[str]:
    import codecs

    decode = codecs.getincrementaldecoder("utf-8")("strict").decode
    try:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            yield decode(chunk)
    except UnicodeDecodeError:
        raise InputError(f"{name}: the file is not UTF-8; fetch it again") from None
