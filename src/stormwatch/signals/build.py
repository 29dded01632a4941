"""Raw files into a database: read, settle the cases, name the drugs, find probable duplicates, count every step."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stormwatch._version import version
from stormwatch.errors import InputError
from stormwatch.signals.cases import settle
from stormwatch.signals.duck import connect, text, write_parquet
from stormwatch.signals.duplicates.finding import find_duplicates
from stormwatch.signals.duplicates.parameters import Parameters, parameters
from stormwatch.signals.flow import Flow, flow_of, merged
from stormwatch.signals.people import MACROS, rules_applied
from stormwatch.signals.sources.account import SourceAccount
from stormwatch.signals.sources.listing_map import ListingMap
from stormwatch.signals.sources.quarter_reader import Progress
from stormwatch.signals.sources.reading import WITHDRAWN, read_sources, withdrawn_accounts
from stormwatch.signals.store import FORMAT, MANIFEST
from stormwatch.signals.tables import open_raw, resolve_names, write_tables

if TYPE_CHECKING:
    import duckdb


def build(
    paths: Iterable[str | Path],
    folder: str | Path,
    *,
    listing: ListingMap | None = None,
    duplicates: Parameters | None = None,
    progress: Progress = lambda _: None,
) -> Flow:
    """Build a database, or add to one. Sources already in it are kept and not read again.

    ``listing`` maps the columns of tables that are no FDA files. ``duplicates`` are the parameters of the second step
    of de-duplication. The return value is the flow from raw rows to analysed cases; the database holds it, too.

    Raises:
        InputError: a path is not there or broken, a quarter is not whole, or the folder holds something else.
    """
    place = Path(folder)
    _check_place(place)
    place.mkdir(parents=True, exist_ok=True)
    found = read_sources([Path(path) for path in paths], place / "raw", listing, progress)
    if not found:
        raise InputError("there are lists of withdrawn cases here, but no reports; give the quarters, too")
    spill = place / "spill"
    connection = connect(spill)
    try:
        return _assemble(connection, place, found, duplicates or parameters(), progress)
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def _check_place(place: Path) -> None:
    held = {one.name for one in place.iterdir()} if place.is_dir() else set()
    if place.is_file() or (held and not held & {"raw", MANIFEST}):
        raise InputError(f"{place.name}: this is something else than a signal database; name an empty or new folder")


def _assemble(
    connection: duckdb.DuckDBPyConnection,
    place: Path,
    found: list[SourceAccount],
    chosen: Parameters,
    progress: Progress,
) -> Flow:
    progress("settling cases")
    _prepare(connection, place / "raw", found)
    settle(connection)
    write_parquet(connection, "SELECT * FROM reports ORDER BY n", place / "reports.parquet")
    progress("naming drugs")
    named = resolve_names(connection)
    write_parquet(connection, "SELECT * FROM names ORDER BY name, ingredient", place / "names.parquet")
    write_tables(connection, place)
    progress("looking for probable duplicates")
    summary = find_duplicates(connection, place, chosen)
    statuses = dict(connection.execute("SELECT status, count(*) FROM reports GROUP BY 1").fetchall())
    flow = _flow(found, statuses, summary["duplicates"])
    _write_manifest(
        place, found, flow, {"names": dict(named), "duplicates": summary, "rules": rules_applied(connection)}
    )
    return flow


def _prepare(connection: duckdb.DuckDBPyConnection, raw: Path, found: list[SourceAccount]) -> None:
    for macro in MACROS.split(";"):
        if macro.strip():
            connection.execute(macro)
    ranked = sorted(found, key=lambda one: (one.era, one.source))
    open_raw(connection, raw, [(one.source, one.scheme, one.era, rank) for rank, one in enumerate(ranked)])
    lists = raw / WITHDRAWN
    cases = f"read_parquet({text(lists)})" if lists.exists() else '(SELECT NULL::VARCHAR AS "case" WHERE false)'
    connection.execute(f"CREATE TEMP VIEW withdrawn AS SELECT * FROM {cases}")


def _flow(found: list[SourceAccount], statuses: dict[str, int], duplicates: int) -> Flow:
    files = [file for source in found for file in source.files if file.table == "reports"]
    rows = sum(file.used + sum(file.rejected.values()) for file in files)
    return flow_of(rows, merged(file.rejected for file in files), statuses, duplicates)


def _write_manifest(place: Path, found: list[SourceAccount], flow: Flow, done: dict[str, Any]) -> None:
    versions = sorted({version for source in found for version in source.meddra})
    held = {
        "format": FORMAT,
        "stormwatch": version(),
        "sources": [source.as_json() for source in found],
        "withdrawn": [file.sha256 for file in withdrawn_accounts(place / "raw")],
        "meddra": versions,
        "flow": flow.as_json(),
        **done,
    }
    part = place / f"{MANIFEST}.part"
    part.write_text(json.dumps(held, indent=1), "utf-8")
    part.replace(place / MANIFEST)
