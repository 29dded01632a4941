"""What became of every line of every file: used, rejected with a reason, or joined to another. They add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FileAccount:
    """One file of one source.

    ``lines`` are those after the header that hold anything, counted apart from the parser. ``joined`` are lines that
    continue the record of another or repeat it; ``parted`` are records that had no line of their own. ``mended``
    counts, by rule, what was put right; a mended record is used. ``absent`` names the columns this file lacks.
    """

    file: str
    table: str
    sha256: str
    lines: int
    used: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    joined: int = 0
    parted: int = 0
    mended: Mapping[str, int] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether every line is accounted for.

        >>> FileAccount("DEMO.txt", "reports", "", lines=3, used=2, rejected={"no report number": 1}).closed
        True
        """
        return self.lines + self.parted == self.used + sum(self.rejected.values()) + self.joined


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """One source: a quarter, a download or a listing.

    ``scheme`` says whose case numbers these are: sources of one scheme share cases. ``era`` orders generations within
    a scheme. ``deleted`` counts the withdrawn case numbers that came with it. ``meddra`` are the versions of MedDRA
    the source states, and ``notes`` what else a reader should know.
    """

    source: str
    kind: str
    scheme: str
    era: int
    files: tuple[FileAccount, ...]
    deleted: int = 0
    meddra: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """What the files held, whatever they are called."""
        return tuple(sorted(file.sha256 for file in self.files))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, held: dict[str, Any]) -> SourceAccount:
        files = tuple(FileAccount(**{**file, "absent": tuple(file["absent"])}) for file in held["files"])
        plain = {"meddra": tuple(held["meddra"]), "notes": tuple(held["notes"])}
        return cls(**{**held, **plain, "files": files})
