"""A small OMOP clinic in every kind of store, and a PostgreSQL server of the tests' own."""

from __future__ import annotations

import csv
import gzip
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

Tables = dict[str, list[dict[str, Any]]]

PASSWORD = "correct-horse"
KINDS = ("csv", "csv upper gzip", "parquet", "duckdb", "postgres")


def person(person_id: int, **cells: Any) -> dict[str, Any]:
    blank = {"month_of_birth": None, "day_of_birth": None, "birth_datetime": None}
    return {"person_id": person_id, "gender_concept_id": 8532, "year_of_birth": 1980, **blank, **cells}


def measurement(number: int, concept: int = 3001122, **cells: Any) -> dict[str, Any]:
    """A ferritin of 5000 ng/mL at six; cells given are replaced."""
    row = {
        "measurement_id": number,
        "person_id": 1,
        "measurement_concept_id": concept,
        "measurement_date": "2024-03-02",
        "measurement_datetime": "2024-03-02 06:00:00",
        "operator_concept_id": None,
        "value_as_number": 5000,
        "value_as_concept_id": None,
        "unit_concept_id": 8842,
        "range_low": None,
        "range_high": None,
        "measurement_source_value": "FERR",
        "unit_source_value": "ng/mL",
        "value_source_value": None,
    }
    assert cells.keys() <= row.keys()
    return row | cells


def observation(number: int, concept: int, **cells: Any) -> dict[str, Any]:
    row = {
        "observation_id": number,
        "person_id": 1,
        "observation_concept_id": concept,
        "observation_date": "2024-03-02",
        "observation_datetime": "2024-03-02 08:00:00",
        "value_as_number": None,
        "value_as_string": None,
        "value_as_concept_id": None,
        "unit_concept_id": None,
        "observation_source_value": None,
        "unit_source_value": None,
        "value_source_value": None,
    }
    assert cells.keys() <= row.keys()
    return row | cells


def drug(number: int, concept: int, **cells: Any) -> dict[str, Any]:
    """An administration at ten, until noon of the next day."""
    row = {
        "drug_exposure_id": number,
        "person_id": 1,
        "drug_concept_id": concept,
        "drug_exposure_start_date": "2024-03-02",
        "drug_exposure_start_datetime": "2024-03-02 10:00:00",
        "drug_exposure_end_date": "2024-03-03",
        "drug_exposure_end_datetime": "2024-03-03 12:00:00",
        "drug_type_concept_id": 32818,
        "quantity": None,
        "sig": None,
        "route_source_value": None,
        "drug_source_value": None,
        "dose_unit_source_value": None,
    }
    assert cells.keys() <= row.keys()
    return row | cells


def happening(table: str, prefix: str, number: int, concept: int, source: str | None, **cells: Any) -> dict[str, Any]:
    """A row of condition_occurrence, procedure_occurrence or device_exposure at seven."""
    start = {"condition": "condition_start", "device": "device_exposure_start"}.get(prefix, prefix)
    end = {"condition": "condition_end", "device": "device_exposure_end"}.get(prefix, f"{prefix}_end")
    row = {
        f"{table}_id": number,
        "person_id": 1,
        f"{prefix}_concept_id": concept,
        f"{start}_date": "2024-03-02",
        f"{start}_datetime": "2024-03-02 07:00:00",
        f"{end}_date": None,
        f"{end}_datetime": None,
        f"{prefix}_source_value": source,
    }
    changed = {{"end_date": f"{end}_date", "end_datetime": f"{end}_datetime"}.get(k, k): v for k, v in cells.items()}
    assert changed.keys() <= row.keys()
    return row | changed


def visit(number: int, concept: int) -> dict[str, Any]:
    return {
        "visit_occurrence_id": number,
        "person_id": 1,
        "visit_concept_id": concept,
        "visit_start_date": "2024-03-01",
        "visit_start_datetime": "2024-03-01 20:00:00",
        "visit_end_date": "2024-03-09",
        "visit_end_datetime": "2024-03-09 11:00:00",
        "visit_source_value": "ward",
    }


@pytest.fixture
def clinic() -> Tables:
    """Two persons; of the first something in every table that is read."""
    return {
        "person": [
            person(1, month_of_birth=4, day_of_birth=9),
            person(-7, gender_concept_id=8507, year_of_birth=2001),
        ],
        "death": [{"person_id": 1, "death_date": "2024-03-09", "death_datetime": "2024-03-09 11:00:00"}],
        "visit_occurrence": [visit(1, 9201), visit(2, 262)],
        "measurement": [
            measurement(1),
            measurement(
                2, value_as_number=38.4, measurement_concept_id=3020891, unit_source_value="Cel", unit_concept_id=0
            ),
            measurement(3, value_as_number=None, value_source_value="GREATER THAN 2000"),
            measurement(4, operator_concept_id=4172704, value_as_number=40000.0, range_low=15, range_high=150.5),
            measurement(5, person_id=-7, measurement_datetime=None),
            measurement(6, 3038553, value_as_number=22, unit_source_value="kg/m2"),
            measurement(7, unit_source_value="furlong", unit_concept_id=0),
        ],
        "observation": [observation(1, 4121123), observation(2, 0, observation_source_value="9999-9")],
        "condition_occurrence": [
            happening("condition_occurrence", "condition", 1, 4000000, "R16.1  ", end_date="2024-03-09"),
            happening("condition_occurrence", "condition", 2, 372328, "65363002"),
        ],
        "procedure_occurrence": [happening("procedure_occurrence", "procedure", 1, 4021323, "223795")],
        "device_exposure": [
            happening("device_exposure", "device", 1, 0, "Nasal cannula", end_datetime="2024-03-02 19:00:00")
        ],
        "drug_exposure": [
            drug(1, 1518254, quantity=10, dose_unit_source_value="mg", route_source_value="IV"),
            drug(2, 40166274, drug_source_value="00002751001"),
        ],
    }


def kind_of(column: str) -> str:
    """The type of a column in the data model."""
    if column.endswith("_datetime"):
        return "TIMESTAMP"
    if column.endswith("_date"):
        return "DATE"
    if column.endswith("_id"):
        return "BIGINT"
    if column.endswith("_of_birth"):
        return "INTEGER"
    return "DOUBLE PRECISION" if column in {"value_as_number", "range_low", "range_high", "quantity"} else "VARCHAR"


def write_csv(folder: Path, tables: Tables, *, upper: bool = False, pack: bool = False) -> Path:
    folder.mkdir(exist_ok=True)
    for table, rows in tables.items():
        name = f"{table.upper() if upper else table}.csv" + (".gz" if pack else "")
        opener: Callable[..., Any] = gzip.open if pack else open
        with opener(folder / name, "wt", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([c.upper() if upper else c for c in rows[0]])
            writer.writerows(row.values() for row in rows)
    return folder


def fill(connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    for table, rows in tables.items():
        columns = ", ".join(f"{c} {kind_of(c)}" for c in rows[0])
        connection.execute(f"CREATE TABLE {table} ({columns})")
        for row in rows:
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", list(row.values()))


def write_parquet(folder: Path, tables: Tables) -> Path:
    folder.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        fill(connection, tables)
        for table in tables:
            connection.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet)")
    return folder


def write_duckdb(file: Path, tables: Tables) -> Path:
    with duckdb.connect(str(file)) as connection:
        fill(connection, tables)
    return file


def write_postgres(address: str, schema: str, tables: Tables) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(schema)))
        connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
        connection.execute(SQL("SET search_path TO {}").format(Identifier(schema)))
        for table, rows in tables.items():
            columns = ", ".join(f"{c} {kind_of(c).replace('DOUBLE PRECISION', 'NUMERIC')}" for c in rows[0])
            connection.execute(f"CREATE TABLE {table} ({columns})")
            for row in rows:
                marks = ", ".join(["%s"] * len(row))
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", list(row.values()))


@pytest.fixture
def save_omop(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., tuple[str, str]]:
    """Writes tables as one kind of store; gives its address and schema."""

    def save_omop(tables: Tables, kind: str = "csv") -> tuple[str, str]:
        if kind == "postgres":
            address = request.getfixturevalue("postgres_address")
            write_postgres(address, "cdm", tables)
            return address, "cdm"
        folder = tmp_path / kind.replace(" ", "-")
        if kind == "parquet":
            return str(write_parquet(folder, tables)), ""
        if kind == "duckdb":
            return str(write_duckdb(tmp_path / "omop.duckdb", tables)), ""
        return str(write_csv(folder, tables, upper="upper" in kind, pack="gzip" in kind)), ""

    return save_omop


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A PostgreSQL cluster of the distribution's package, started for the tests and thrown away after them.

    Without the package the tests that need it are skipped; in CI they fail.
    """
    tools = _tools()
    home = Path(tempfile.mkdtemp(prefix="stormwatch-pg-"))
    port = _free_port()
    try:
        _initialise(tools, home)
        settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={home} -c fsync=off"
        _run(tools / "pg_ctl", "start", "-w", "-D", home / "data", "-l", home / "log", "-o", settings)
        try:
            yield f"postgresql://tester:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            _run(tools / "pg_ctl", "stop", "-w", "-m", "immediate", "-D", home / "data")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _tools() -> Path:
    """The folder of initdb and pg_ctl: the newest version of the distribution's package, or the one on the path."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    found = newest or shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    reason = "the PostgreSQL server is not installed (package postgresql)"
    if os.environ.get("CI"):
        pytest.fail(f"CI must test against a real server: {reason}")
    pytest.skip(reason)


def _initialise(tools: Path, home: Path) -> None:
    secret = home / "password"
    secret.write_text(PASSWORD)
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        for path in (home, secret):
            os.chown(path, account.pw_uid, account.pw_gid)
    login = ("--username=tester", "--auth=scram-sha-256", f"--pwfile={secret}")
    _run(tools / "initdb", "-D", home / "data", "--encoding=UTF8", "--locale=C", "--no-sync", *login)


def _run(*command: str | Path) -> None:
    """Run a tool of the server, which refuses to work for root: then as the package's own user."""
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    subprocess.run([*user, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
