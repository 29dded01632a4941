"""OMOP tables in a folder of CSV or Parquet files, or in a DuckDB file. Files are only read, never written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stormwatch.errors import InputError, UsageError
from stormwatch.sources.omop.store import so_far
from stormwatch.sources.omop.tables import ALL, Table
from stormwatch.sources.opening import opened
from stormwatch.sources.table.header import delimiter_of

_ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz")
_BATCH = 2000
# Nothing is fetched from elsewhere, and no patient's row is spilt to disk.
_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
}


class DuckStore:
    """Each table is a view with lower-case columns, in which ids are whole numbers however the file writes them."""

    def __init__(self, where: str, schema: str) -> None:
        path = Path(where)
        self.name = path.name or where
        if not path.exists():
            raise InputError(f"{self.name}: there is no such file or folder; check the path")
        self._duckdb = _duckdb()
        self._read: Counter[str] = Counter()
        self._columns: dict[str, frozenset[str]] = {}
        self._connection = self._duckdb.connect(":memory:", config=dict(_SETTINGS))
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        sources = self._files(path) if path.is_dir() else self._tables(path, schema or "main")
        for table in ALL:
            if table.name in sources:
                self._add_view(table, *sources[table.name])

    def columns(self, table: Table) -> frozenset[str]:
        return self._columns.get(table.name, frozenset())

    def rows(self, table: str, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self._connection.cursor()
            cursor.execute(sql, list(parameters))
            while batch := cursor.fetchmany(_BATCH):
                self._read[table] += len(batch)
                yield from batch
        except self._duckdb.Error:
            raise InputError(
                f"{self.name}: table {table} cannot be read: the file is broken, cut short, or not in the form its "
                f"name says; rows read until then: {so_far(self._read)}"
            ) from None

    def close(self) -> None:
        self._connection.close()

    def _files(self, folder: Path) -> dict[str, tuple[str, str]]:
        """What to select from for each table of a folder, and the file's name for messages."""
        known = {f"{table.name}{ending}": table.name for table in ALL for ending in _ENDINGS}
        found: dict[str, tuple[str, str]] = {}
        for file in sorted(folder.iterdir()):
            name = known.get(file.name.lower())
            if name in found:
                raise InputError(f"{self.name}: two files hold the table {name}; keep one")
            if name:
                found[name] = _scan(file), file.name
        return found

    def _tables(self, file: Path, schema: str) -> dict[str, tuple[str, str]]:
        try:
            self._connection.execute(f"ATTACH {_text(str(file))} AS store (READ_ONLY)")
        except self._duckdb.Error:
            raise InputError(
                f"{self.name}: this is no DuckDB database that can be opened; give a .duckdb file that no other "
                "program is writing, or a folder of CSV or Parquet files"
            ) from None
        names = self.rows(
            "information_schema.tables",
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'store' AND table_schema = ?",
            [schema],
        )
        return {name.lower(): (f"store.{_quoted(schema)}.{_quoted(name)}", self.name) for (name,) in names}

    def _add_view(self, table: Table, source: str, file: str) -> None:
        try:
            described = self._connection.execute(f"SELECT * FROM {source} LIMIT 0").description or []
            actual = {str(column[0]).strip().lower(): str(column[0]) for column in described}
            used = [c for c in {"person_id", *table.columns.values()} if c in actual]
            cells = ", ".join(_cell(actual[c], c, whole=c in table.identifiers) for c in used) or "NULL AS nothing"
            self._connection.execute(f"CREATE VIEW {table.name} AS SELECT {cells} FROM {source}")
        except self._duckdb.Error:
            raise InputError(f"{file}: the table {table.name} cannot be opened; the file is broken or empty") from None
        self._columns[table.name] = frozenset(used or ["nothing"])


def _scan(file: Path) -> str:
    path = _text(str(file))
    if file.name.lower().endswith(".parquet"):
        return f"read_parquet({path})"
    with opened(file) as stream:
        delimiter = delimiter_of(stream.readline().decode("utf-8", "replace"))
    return f"read_csv({path}, all_varchar=true, header=true, delim={_text(delimiter)}, quote='\"', escape='\"')"


def _cell(actual: str, name: str, *, whole: bool) -> str:
    return f"TRY_CAST({_quoted(actual)} AS BIGINT) AS {name}" if whole else f"{_quoted(actual)} AS {name}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            'reading OMOP files needs the package duckdb; install it: pip install "stormwatch[duckdb]"'
        ) from None
    return duckdb
