"""A cohort run: every instrument at every new fact of every patient, into a folder of Parquet files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

from stormwatch.cohort.feeds.choosing import feed_of
from stormwatch.cohort.feeds.feed import Chunk, Feed
from stormwatch.cohort.feeds.piped import on_disk
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.feeds.tables import WORK
from stormwatch.cohort.finish import Run, finish
from stormwatch.cohort.identity import identity, settle
from stormwatch.cohort.ledger import entries
from stormwatch.cohort.outputs.schemas import PARTS
from stormwatch.cohort.pool import worked
from stormwatch.cohort.progress import Listener, Progress
from stormwatch.errors import UsageError
from stormwatch.instruments.instrument import Instrument

WORKERS = 2
"""Processes that do the work, as long as nobody asks for more: with two a run stays below 1 GB (measured for every kind
of source with all instruments); each more takes up to 350 MB."""


def run(
    source: Source,
    instruments: Sequence[Instrument],
    into: Path,
    *,
    workers: int | None = None,
    fast: bool = False,
    listener: Listener | None = None,
) -> Run:
    """Evaluate instruments for every patient of a source, and write what is found.

    The work is cut into chunks of whole patients, always the same ones. A finished chunk is kept: the same call takes
    up a run that broke off, however it did. Memory does not grow with the number of patients. A missing value stays
    unknown; nothing is filled in.

    Args:
        source: the record, and how it is read.
        instruments: what to evaluate.
        into: an empty or new folder, or that of the same run.
        workers: processes; default: ``WORKERS``, or one on a single processor. One: everything happens in this process.
        fast: use the compiled passes (the extra ``fast``); the answers are the same.
        listener: told after each chunk how far the run is.

    Raises:
        InputError: the source cannot be read, or its rows would give wrong answers.
        UsageError: the folder holds another run, it cannot be written to, or a library is missing.
    """
    if not instruments:
        raise UsageError("no instrument is asked for; name one at least")
    with on_disk(replace(source, fast=fast), into) as source, _interrupted_queries():
        settle(into, identity(source, instruments))
        sweep(into)
        _work(source, instruments, into, workers or min(WORKERS, os.cpu_count() or 1), listener, fast=fast)
        return finish(into, source, instruments)


def _work(
    source: Source,
    instruments: Sequence[Instrument],
    into: Path,
    workers: int,
    listener: Listener | None,
    *,
    fast: bool,
) -> None:
    """Finish what is not finished yet."""
    done = entries(into)
    feed = feed_of(source, into, workers)
    progress = Progress(of=feed.rows)
    for entry in done.values():
        progress.take(entry, earlier=True)
    chunks = _left(feed, frozenset(done))
    for entry in worked(chunks, instruments, into, workers=workers, fast=fast):
        progress.of = feed.rows
        progress.take(entry)
        if listener is not None:
            listener(progress)


@contextmanager
def _interrupted_queries() -> Iterator[None]:
    """DuckDB tells of Ctrl-C in its own way."""
    try:
        yield
    except RuntimeError as problem:
        if str(problem) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise


def sweep(into: Path) -> None:
    """Remove what a run that was killed had begun to write."""
    for table in PARTS:
        for path in (into / table).glob(".part-*"):
            path.unlink(missing_ok=True)
    for folder in into.glob(f"{WORK}*"):
        rmtree(folder, ignore_errors=True)


def _left(feed: Feed, done: frozenset[int]) -> Iterator[tuple[int, Chunk]]:
    return ((number, chunk) for number, chunk in enumerate(feed.chunks(done)) if chunk is not None)
