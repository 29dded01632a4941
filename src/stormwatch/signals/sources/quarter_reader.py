"""One quarter into a folder of Parquet files with its account. A quarter that was read before is not read again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stormwatch.errors import InputError
from stormwatch.signals.sources.account import FileAccount, SourceAccount
from stormwatch.signals.sources.ascii_table import Shape, read_table, shape_of
from stormwatch.signals.sources.layouts import TABLES, Layout, layout_of
from stormwatch.signals.sources.members import unpack
from stormwatch.signals.sources.quarters import Quarter

ERAS = {"aers": 0, "faers": 1}
Progress = Callable[[str], None]


def read_quarter(quarter: Quarter, target: Path, progress: Progress) -> SourceAccount:
    """Read the tables of a quarter, two at a time.

    Raises:
        InputError: a file is broken, or the quarter mixes the layouts of legacy AERS and FAERS.
    """
    scratch = target / "unpacked"
    scratch.mkdir(parents=True, exist_ok=True)
    files: list[FileAccount] = []
    layout: Layout | None = None
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(_read, quarter, name, target, scratch) for name in TABLES]
        try:
            for name, future in zip(TABLES, waiting, strict=True):
                progress(_where(quarter, name))
                shape, account = future.result()
                layout = _same_layout(layout, shape, _where(quarter, name))
                files.append(account)
        finally:
            for future in waiting:
                future.cancel()
    shutil.rmtree(scratch)
    assert layout is not None
    return SourceAccount(quarter.name, layout.title, "fda", ERAS[layout.name], tuple(files))


def _read(quarter: Quarter, name: str, target: Path, scratch: Path) -> tuple[Shape, FileAccount]:
    """One table, by the layout its own header shows."""
    where = _where(quarter, name)
    unpacked = unpack(quarter.files[name], scratch / f"{name}.txt")
    shape = shape_of(unpacked, where)
    table = layout_of(shape.header, where).tables[name]
    account = read_table(unpacked, table, shape, target / f"{name}.parquet", where)
    if unpacked.own:
        unpacked.path.unlink()
    return shape, account


def _where(quarter: Quarter, name: str) -> str:
    return f"{quarter.name} {quarter.files[name].name}"


def _same_layout(layout: Layout | None, shape: Shape, where: str) -> Layout:
    this = layout_of(shape.header, where)
    if layout is not None and this is not layout:
        raise InputError(
            f"{where}: this file is {this.title}, the others of the quarter are {layout.title}; a quarter has one "
            "layout, so a file of another quarter has got in"
        )
    return this
