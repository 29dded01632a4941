"""Standard input as a file: it comes once, and a run reads its source as often as it needs to."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from stormwatch.cohort.feeds.source import Source
from stormwatch.errors import UsageError
from stormwatch.sources.opening import file_name

PIPED = ".piped-"
"""How the name of the folder begins in which standard input is kept while a run lasts."""

_BLOCK = 1 << 20


@contextmanager
def on_disk(source: Source, into: Path) -> Iterator[Source]:
    """The same source; where it is standard input, as a file in ``into`` that is gone after the block.

    The file is known by its content, so that a run is not taken up with another input. What a run that was killed had
    kept is removed.

    Raises:
        UsageError: the folder cannot be written to, or the disk is full.
    """
    if source.path != "-":
        yield source
        return
    try:
        into.mkdir(parents=True, exist_ok=True)
        for left in into.glob(f"{PIPED}*"):
            rmtree(left, ignore_errors=True)
        kept = TemporaryDirectory(prefix=PIPED, dir=into)
    except OSError as problem:
        raise _unwritable(into, problem) from None
    with kept as folder:
        path = Path(folder) / file_name(source.path)
        try:
            digest = _copied(path)
        except OSError as problem:
            raise _unwritable(into, problem) from None
        yield replace(source, path=str(path), digest=digest)


def _copied(path: Path) -> str:
    """Copy standard input, and give the SHA-256 of what came."""
    content = hashlib.sha256()
    with open(path, "wb") as file:
        while block := sys.stdin.buffer.read(_BLOCK):
            content.update(block)
            file.write(block)
    return content.hexdigest()


def _unwritable(into: Path, problem: OSError) -> UsageError:
    return UsageError(f"{into.name}: standard input cannot be kept here ({os.strerror(problem.errno or 0)})")
