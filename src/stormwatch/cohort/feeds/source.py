"""What a cohort is read from, and how."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from stormwatch.sources.times import zone_of


@dataclass(frozen=True, slots=True)
class Source:
    """A record of many patients, as ``stormwatch.iterate`` reads it. Everything in it can be sent to another process.

    ``sort``: a MEDS record whose patients stand apart is sorted first. ``most``: patients with more rows than this are
    left out and listed, for a patient is held in memory whole; None: as many as ``stormwatch.cohort.feeds.limit`` says.
    ``fast``: compiled loops may be used, which give the same. ``digest``: the SHA-256 of what came as standard input.
    """

    path: str
    zone: str | None = None
    complete: tuple[str, ...] = ()
    map: str | None = None
    schema: str = ""
    derive: bool = True
    sort: bool = False
    most: int | None = None
    fast: bool = False
    digest: str = ""

    @property
    def clock(self) -> tzinfo | None:
        return zone_of(self.zone)

    @property
    def name(self) -> str:
        """For messages: never an address, which may hold a password."""
        return "the database" if "://" in self.path else Path(self.path).name

    def files(self) -> dict[str, list[int]]:
        """Size and time of change of every file, so that a run is not taken up on another record."""
        root = Path(self.path)
        if "://" in self.path or self.digest or not root.exists():
            return {}
        found = sorted(one for one in root.rglob("*") if one.is_file()) if root.is_dir() else [root]
        return {os.path.relpath(one, root.parent): _stamp(one) for one in found}


def _stamp(path: Path) -> list[int]:
    about = path.stat()
    return [about.st_size, about.st_mtime_ns]
