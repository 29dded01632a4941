"""Which chunks are finished, and what was counted in them: one small file each, written after its parts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stormwatch.cohort.outputs.storing import store_json
from stormwatch.errors import InputError

_FOLDER = "ledger"


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished chunk. ``cut`` is the last moment at which any of its records learnt anything.

    ``left_out`` are patients whose rows are too many.
    """

    chunk: int
    patients: int
    facts: int
    account: dict[str, Any]
    notes: list[str]
    cut: int | None
    rows: dict[str, int]
    left_out: int = 0

    def store(self, into: Path) -> None:
        store_json(_path(into, self.chunk), asdict(self))


def entries(into: Path) -> dict[int, Entry]:
    """The finished chunks by number. Raises InputError when a file of the ledger cannot be read."""
    found = (_read(path) for path in sorted((into / _FOLDER).glob("*.json")))
    return {entry.chunk: entry for entry in found}


def _read(path: Path) -> Entry:
    try:
        return Entry(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        message = "this file of the ledger cannot be read; remove it, and the chunk is done again"
        raise InputError(f"{_FOLDER}/{path.name}: {message}") from None


def _path(into: Path, chunk: int) -> Path:
    return into / _FOLDER / f"{chunk:06}.json"
