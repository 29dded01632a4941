"""One quarter into a folder of Parquet files with its account. A quarter that was read before is not read again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from stormwatch.errors import InputError
from stormwatch.signals.duck import connect
from stormwatch.signals.sources.account import FileAccount, SourceAccount
from stormwatch.signals.sources.ascii_table import Shape, read_table, shape_of
from stormwatch.signals.sources.layouts import TABLES, Layout, layout_of
from stormwatch.signals.sources.members import Unpacked, unpack
from stormwatch.signals.sources.quarters import Quarter

ERAS = {"aers": 0, "faers": 1}
Progress = Callable[[str], None]


def read_quarter(quarter: Quarter, target: Path, progress: Progress) -> SourceAccount:
    """Read a quarter table by table; the next file is unpacked while one is read.

    Raises:
        InputError: a file is broken, or the quarter mixes the layouts of legacy AERS and FAERS.
    """
    scratch = target / "unpacked"
    scratch.mkdir(parents=True, exist_ok=True)
    files: list[FileAccount] = []
    layout: Layout | None = None
    connection = connect(scratch)
    with ThreadPoolExecutor(1) as ahead:
        waiting = [(name, _start(ahead, quarter, name, scratch)) for name in TABLES]
        try:
            for name, future in waiting:
                where = f"{quarter.name} {quarter.files[name].name}"
                progress(where)
                unpacked = future.result()
                shape = shape_of(unpacked, where)
                layout = _same_layout(layout, shape, where)
                account = read_table(
                    connection, unpacked, layout.tables[name], shape, target / f"{name}.parquet", where
                )
                files.append(account)
                if unpacked.own:
                    unpacked.path.unlink()
        finally:
            connection.close()
            for _, future in waiting:
                future.cancel()
    shutil.rmtree(scratch)
    assert layout is not None
    return SourceAccount(quarter.name, layout.title, "fda", ERAS[layout.name], tuple(files))


def _start(ahead: ThreadPoolExecutor, quarter: Quarter, name: str, scratch: Path) -> Future[Unpacked]:
    return ahead.submit(unpack, quarter.files[name], scratch / f"{name}.txt")


def _same_layout(layout: Layout | None, shape: Shape, where: str) -> Layout:
    this = layout_of(shape.header, where)
    if layout is not None and this is not layout:
        raise InputError(
            f"{where}: this file is {this.title}, the others of the quarter are {layout.title}; a quarter has one "
            "layout, so a file of another quarter has got in"
        )
    return this
