"""Chunks over processes: each has its own plan, and none outlives the run."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from pathlib import Path

from stormwatch.cohort.feeds.feed import Chunk
from stormwatch.cohort.ledger import Entry
from stormwatch.cohort.work import Worker
from stormwatch.engines.columnar.passes import NUMPY
from stormwatch.instruments.instrument import Instrument

Numbered = tuple[int, Chunk]

_worker: Worker


def worked(
    chunks: Iterator[Numbered], instruments: Sequence[Instrument], into: Path, *, workers: int, fast: bool
) -> Iterator[Entry]:
    """Finish every chunk, in whatever order; no more than a few are under way at once.

    With one process, or one chunk, the work is done here.
    """
    first = next(chunks, None)
    second = next(chunks, None) if first is not None and workers > 1 else None
    if second is None:
        worker = made(instruments, into, fast=fast)
        for number, chunk in (*([first] if first else ()), *chunks):
            yield worker.run(number, chunk)
        return
    assert first is not None
    yield from _shared([first, second], chunks, instruments, into, workers, fast=fast)


def made(instruments: Sequence[Instrument], into: Path, *, fast: bool) -> Worker:
    """A worker, with the compiled passes where they are asked for."""
    if not fast:
        return Worker(instruments, into, NUMPY)
    from stormwatch.engines.columnar.fast import compiled_passes

    return Worker(instruments, into, compiled_passes())


def _shared(
    begun: list[Numbered],
    chunks: Iterator[Numbered],
    instruments: Sequence[Instrument],
    into: Path,
    workers: int,
    *,
    fast: bool,
) -> Iterator[Entry]:
    context = get_context("spawn")  # a fork would copy the locks of Arrow's threads
    pool = ProcessPoolExecutor(workers, context, _begin, (tuple(instruments), into, fast))
    waiting: set[Future[Entry]] = set()
    try:
        for number, chunk in _both(begun, chunks):
            with _deaf_to_ctrl_c():
                waiting.add(pool.submit(_run, number, chunk))
            if len(waiting) > workers:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal; only this one is to answer, and it ends the others in order.

    Processes are begun when work is handed in, and inherit that the signal is held back. Here it comes afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would let the signal through when it is begun
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _both(begun: list[Numbered], chunks: Iterator[Numbered]) -> Iterator[Numbered]:
    yield from begun
    yield from chunks


def _begin(instruments: Sequence[Instrument], into: Path, fast: bool) -> None:
    global _worker
    _worker = made(instruments, into, fast=fast)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process whose run was killed must not go on by itself."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run(number: int, chunk: Chunk) -> Entry:
    return _worker.run(number, chunk)
