"""Raw files into the raw part of a database, source by source. What was read before is not read again."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stormwatch.errors import InputError
from stormwatch.signals.sources.account import FileAccount, SourceAccount
from stormwatch.signals.sources.deleted import read_deletions
from stormwatch.signals.sources.listing import read_listing
from stormwatch.signals.sources.listing_map import ListingMap
from stormwatch.signals.sources.members import Member, members
from stormwatch.signals.sources.openfda import is_download, read_download
from stormwatch.signals.sources.quarter_reader import Progress, read_quarter
from stormwatch.signals.sources.quarters import is_deletion_list, is_quarter_file, quarters

ACCOUNT = "account.json"
WITHDRAWN = "withdrawn.parquet"
WITHDRAWN_ACCOUNT = "withdrawn.json"
_Read = Callable[[Path], SourceAccount]


def read_sources(
    paths: Iterable[Path], raw: Path, listing: ListingMap | None = None, progress: Progress = lambda _: None
) -> list[SourceAccount]:
    """Read everything under the paths into ``raw``, one folder a source, and give the account of every source there.

    A source is written beside its place and moved there when it is whole, so an interrupted run leaves no half of one
    and the next run goes on where this one stopped.

    Raises:
        InputError: a path is not there, a file is broken, or nothing under the paths is known.
    """
    raw.mkdir(parents=True, exist_ok=True)
    found = [member for path in paths for member in members(path)]
    for name, held, read in _sources(found, listing, progress):
        _read_once(raw / f"source={name}", held, read)
    _read_withdrawn([member for member in found if is_deletion_list(member) and listing is None], raw)
    return accounts(raw)


def accounts(raw: Path) -> list[SourceAccount]:
    """The account of every source that was read, oldest quarter first."""
    held = (json.loads(file.read_text("utf-8"))["account"] for file in sorted(raw.glob(f"source=*/{ACCOUNT}")))
    return [SourceAccount.from_json(one) for one in held]


def withdrawn_accounts(raw: Path) -> list[FileAccount]:
    """The account of every list of withdrawn cases."""
    file = raw / WITHDRAWN_ACCOUNT
    if not file.exists():
        return []
    return [FileAccount(**{**one, "absent": ()}) for one in json.loads(file.read_text("utf-8"))]


def _sources(
    found: Sequence[Member], listing: ListingMap | None, progress: Progress
) -> list[tuple[str, list[Member], _Read]]:
    if listing is not None:
        return [(listing.name, list(found), lambda target: read_listing(found, listing, target, progress))]
    sources: list[tuple[str, list[Member], _Read]] = []
    for quarter in quarters(member for member in found if is_quarter_file(member)):
        sources.append((quarter.name, list(quarter.files.values()), _quarter_reader(quarter, progress)))
    for download in (member for member in found if is_download(member)):
        name = f"openFDA {download.name.partition('.')[0]}"
        sources.append((name, [download], _download_reader(download, name, progress)))
    if not sources and not any(is_deletion_list(member) for member in found):
        raise InputError(
            "nothing here is a FAERS quarter (DEMO17Q2.txt and its six companions, or their zip) or an openFDA "
            "download (.json); for another table, name its columns in a map"
        )
    return sources


def _quarter_reader(quarter: Any, progress: Progress) -> _Read:
    return lambda target: read_quarter(quarter, target, progress)


def _download_reader(download: Member, name: str, progress: Progress) -> _Read:
    return lambda target: read_download(download, name, target, progress)


def _read_once(place: Path, held: Sequence[Member], read: _Read) -> None:
    stamp = [_stamp(member) for member in sorted(held, key=lambda one: one.name)]
    file = place / ACCOUNT
    if file.exists() and json.loads(file.read_text("utf-8"))["stamp"] == stamp:
        return
    part = place.with_name(f"{place.name}.part".replace("source=", "reading "))
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        account = read(part)
        kept = {"stamp": stamp, "account": account.as_json()}
        (part / ACCOUNT).write_text(json.dumps(kept, indent=1), "utf-8")
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _stamp(member: Member) -> list[Any]:
    """What tells a file from another issue of it, without reading it."""
    if member.inner:
        with zipfile.ZipFile(member.path) as archive:
            one = archive.getinfo(member.inner)
            return [member.name, one.file_size, one.CRC]
    state = member.path.stat()
    return [member.name, state.st_size, state.st_mtime_ns]


def _read_withdrawn(lists: Sequence[Member], raw: Path) -> None:
    """Lists are small, so they are read each time; one that is known already counts once."""
    fresh = read_deletions(lists, raw / WITHDRAWN)
    if fresh:
        known = {one.sha256: one for one in (*withdrawn_accounts(raw), *fresh)}
        rows = [asdict(one) for one in known.values()]
        (raw / WITHDRAWN_ACCOUNT).write_text(json.dumps(rows, indent=1), "utf-8")
