"""The tables of a run, asked by SQL in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from stormwatch.cohort.outputs.schemas import PARTS
from stormwatch.errors import InputError

_MEMORY = "400MB"


class Tables:
    """The parts of a run as views: patients, recorded, assessments, standing, episodes, rejected.

    Raises:
        InputError: the folder is no finished run, or a part of it cannot be read.
    """

    def __init__(self, into: Path) -> None:
        self._into = into
        self._spill = into / ".spill"
        self._connection = duckdb.connect(":memory:", config={"memory_limit": _MEMORY, "threads": 2})
        self._connection.execute(f"SET temp_directory = {_text(self._spill)}")
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        for name in PARTS:
            self._view(name)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, list(parameters)).fetchall()
        except duckdb.Error:
            raise InputError(f"{self._into.name}: a part of this run cannot be read; run it again elsewhere") from None

    def table(self, sql: str) -> Any:
        """The result as an Arrow table."""
        try:
            return self._connection.sql(sql).to_arrow_table()
        except duckdb.Error:
            raise InputError(f"{self._into.name}: a part of this run cannot be read; run it again elsewhere") from None

    def add(self, name: str, table: Any) -> None:
        """A small table to join with."""
        self._connection.register(name, table)

    def __enter__(self) -> Tables:
        return self

    def __exit__(self, kind: type[BaseException] | None, what: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()
        if self._spill.is_dir():
            for left in self._spill.iterdir():
                left.unlink(missing_ok=True)
            self._spill.rmdir()

    def _view(self, name: str) -> None:
        pattern = _text(self._into / name / "part-*.parquet")
        try:
            self._connection.execute(
                f"CREATE VIEW {name} AS SELECT * FROM read_parquet({pattern}, filename = true, file_row_number = true)"
            )
        except duckdb.Error:
            raise InputError(f"{self._into.name}: no finished cohort run is in this folder") from None


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
