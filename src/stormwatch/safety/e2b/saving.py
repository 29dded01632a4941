"""Putting a message on disk so that a break in the middle leaves the old file or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from stormwatch.errors import UsageError
from stormwatch.safety.case import Batch
from stormwatch.safety.e2b.writer import pieces


def save(batch: Batch, path: Path, *, form: str = "fda") -> None:
    """Write the batch to a file. A break in the middle leaves the old file or none, never half of the new one.

    Raises:
        UsageError: the file cannot be written there, or as for ``write``.
    """
    save_pieces(pieces(batch.header, batch.messages, form=form), path)


def save_pieces(parts: Iterable[bytes], path: Path) -> None:
    """Write parts to a file beside the target, force them to disk, and only then take the target's place.

    Raises:
        UsageError: the file cannot be written there.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written here ({error.strerror})") from None
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written here ({error.strerror})") from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a loss of power, where the system allows it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
