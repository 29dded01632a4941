"""Line listings and other tables of reports, read as a map says: VigiBase-like, EudraVigilance, one's own CSV."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from stormwatch.errors import InputError
from stormwatch.signals.duck import connect, interruptible, name, text, write_parquet
from stormwatch.signals.sources.account import FileAccount, SourceAccount
from stormwatch.signals.sources.ascii_table import NO_NUMBER
from stormwatch.signals.sources.layouts import TABLES
from stormwatch.signals.sources.listing_map import ListingMap, TableMap
from stormwatch.signals.sources.members import Member, plain
from stormwatch.signals.sources.quarter_reader import Progress
from stormwatch.signals.sources.rows import columns_of

if TYPE_CHECKING:
    import duckdb

NO_DATE = "a date not in the format the map names"
BROKEN = "not as many fields as the header"


def read_listing(found: Sequence[Member], listing: ListingMap, target: Path, progress: Progress) -> SourceAccount:
    """Read the tables a map names.

    Raises:
        InputError: no file has a name the map gives, or a file lacks a column the map names.
    """
    scratch = target / "unpacked"
    scratch.mkdir(parents=True, exist_ok=True)
    connection = connect(scratch)
    accounts: list[FileAccount] = []
    parts: dict[str, list[str]] = defaultdict(list)
    try:
        for table, place in listing.tables():
            for member in _named(found, place):
                progress(f"{listing.name} {member.name}")
                file = plain(member, scratch / member.name)
                view = f"part_{len(accounts)}"
                accounts.append(_read(connection, file, listing, table, place, view, member.name))
                parts[table].append(view)
        for table in TABLES:
            _write(connection, table, parts[table], target)
    finally:
        connection.close()
    _clear(scratch)
    meddra = (listing.meddra,) if listing.meddra else ()
    return SourceAccount(listing.name, "line listing", listing.scheme, 0, tuple(accounts), meddra=meddra)


def _named(found: Sequence[Member], place: TableMap) -> list[Member]:
    chosen = [member for member in found if fnmatch(member.name.lower(), place.file.lower())]
    if not chosen:
        raise InputError(f"no file is named like {place.file!r}, as the map has it; check `file` in the map")
    return chosen


def _clear(scratch: Path) -> None:
    for file in scratch.iterdir():
        file.unlink()
    scratch.rmdir()


def _read(
    connection: duckdb.DuckDBPyConnection,
    file: tuple[Path, str],
    listing: ListingMap,
    table: str,
    place: TableMap,
    view: str,
    where: str,
) -> FileAccount:
    """The rows of one file for one table, as a table of the connection."""
    _load(connection, file[0], listing, place, where)
    lines = connection.execute("SELECT count(*) FROM loaded").fetchall()[0][0]
    broken = connection.execute("SELECT count(DISTINCT line) FROM broken").fetchall()[0][0]
    items = f"SELECT {_columns(table, place)} FROM {_rows(place)}"
    with interruptible():
        connection.execute(
            f"CREATE OR REPLACE TABLE {view} AS SELECT DISTINCT * FROM ({items}) WHERE report IS NOT NULL"
        )
        used = connection.execute(f"SELECT count({_key(place)}) FROM loaded").fetchall()[0][0]
        rows = connection.execute(f"SELECT count(*) FROM {view}").fetchall()[0][0]
    rejected = {reason: count for reason, count in ((NO_NUMBER, lines - used), (BROKEN, broken)) if count}
    # A long table says the same of a report in many lines; a cell holds many items in one.
    repeats = 0 if place.cell else used - rows
    mended = _bad_dates(connection, place)
    return FileAccount(where, table, file[1], lines + broken, used - repeats, rejected, repeats, 0, mended)


def _load(connection: duckdb.DuckDBPyConnection, path: Path, listing: ListingMap, place: TableMap, where: str) -> None:
    import duckdb

    options = (
        f"all_varchar = true, header = true, delim = {text(listing.delimiter)}, quote = {text(listing.quote)}, "
        f"escape = {text(listing.quote)}, encoding = {text(listing.encoding)}, ignore_errors = true, "
        "store_rejects = true, rejects_limit = 0, rejects_table = 'broken', rejects_scan = 'scans'"
    )
    for leftover in ("broken", "scans", "loaded"):
        connection.execute(f"DROP TABLE IF EXISTS {leftover}")
    try:
        with interruptible():
            connection.execute(f"CREATE TABLE loaded AS SELECT * FROM read_csv({text(path)}, {options})")
    except (duckdb.InvalidInputException, duckdb.IOException):
        raise InputError(f"{where}: this is no table in the form the map names (delimiter, quote, encoding)") from None
    held = {column[0] for column in connection.execute("SELECT * FROM loaded LIMIT 0").description or []}
    lacking = {place.key, *place.columns.values(), *filter(None, [place.cell])} - held
    if lacking:
        raise InputError(f"{where}: the table has no column {', '.join(sorted(lacking))}; the map names it")


def _key(place: TableMap) -> str:
    return f"nullif(trim({name(place.key)}), '')"


def _rows(place: TableMap) -> str:
    """The rows of the file, or one row for each item of its cell."""
    if not place.cell:
        return "loaded"
    pieces = (
        f"string_split({name(place.cell)}, {text(place.separator)})" if place.separator else f"[{name(place.cell)}]"
    )
    groups = ", ".join(text(group) for group in place.groups)
    item = f"regexp_extract(trim(piece, ' ,'), {text(place.pattern)}, [{groups}])"
    rows = f"SELECT *, unnest({pieces}) AS piece FROM loaded"
    return f"(SELECT *, {item} AS item FROM ({rows}) WHERE trim(piece, ' ,') != '')"


def _columns(table: str, place: TableMap) -> str:
    cells = {"report": _key(place)}
    cells |= {ours: _value(ours, name(theirs), place) for ours, theirs in place.columns.items()}
    cells |= {ours: text(value) for ours, value in place.fixed.items()}
    cells |= {ours: _value(ours, f"item[{text(ours)}]", place) for ours in place.groups}
    return ", ".join(f"{cells.get(ours, 'NULL::VARCHAR')} AS {name(ours)}" for ours in columns_of(table))


def _value(ours: str, theirs: str, place: TableMap) -> str:
    cell = f"nullif(trim({theirs}), '')"
    if formats := place.date_formats.get(ours):
        return _tried(cell, formats)
    if renamed := place.values.get(ours):
        whens = " ".join(f"WHEN {text(old)} THEN {text(new)}" for old, new in renamed.items())
        return f"CASE {cell} {whens} ELSE {cell} END"
    return cell


def _tried(cell: str, formats: Sequence[str]) -> str:
    """A date as FDA writes it, by the first format that fits; a month or a year stays one."""
    tried = (f"strftime(try_strptime({cell}, {text(one)}), {text(_precision(one))})" for one in formats)
    return f"coalesce({', '.join(tried)})"


def _precision(form: str) -> str:
    if "%d" in form:
        return "%Y%m%d"
    return "%Y%m" if "%m" in form or "%b" in form else "%Y"


def _bad_dates(connection: duckdb.DuckDBPyConnection, place: TableMap) -> dict[str, int]:
    """Dates in no format of the map; the row is used, the date is unknown."""
    bad = 0
    for ours, formats in place.date_formats.items():
        cell = f"nullif(trim({name(place.columns[ours])}), '')"
        query = f"SELECT count({cell}) - count({_tried(cell, formats)}) FROM loaded"
        bad += connection.execute(query).fetchall()[0][0]
    return {NO_DATE: bad} if bad else {}


def _write(connection: duckdb.DuckDBPyConnection, table: str, views: Sequence[str], target: Path) -> None:
    """All parts of a table as one file; drugs that have no number get one within their report."""
    nothing = ", ".join(f"NULL::VARCHAR AS {name(column)}" for column in columns_of(table))
    rows = " UNION ALL ".join(f"SELECT * FROM {view}" for view in views) or f"SELECT {nothing} WHERE false"
    if table == "drugs":
        number = "row_number() OVER (PARTITION BY report ORDER BY role, name, ingredient)"
        rows = f"SELECT * REPLACE (coalesce(drug, CAST({number} AS VARCHAR)) AS drug) FROM ({rows})"
    write_parquet(connection, rows, target / f"{table}.parquet")
