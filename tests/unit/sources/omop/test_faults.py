"""Stores that cannot be read: what went wrong, where, and no secret and no patient's value in the message."""

from __future__ import annotations

import gzip
import sys
from datetime import UTC

import psycopg
import pytest
from tests.unit.sources.omop.conftest import (
    PASSWORD,
    measurement,
    person,
    write_csv,
    write_duckdb,
    write_parquet,
    write_postgres,
)

from stormwatch.errors import InputError, UsageError
from stormwatch.sources.omop import iterate_omop, patients_of_omop, read_omop


def read(where, schema=""):
    return read_omop(where, patient="1", zone=UTC, complete=frozenset(), schema=schema)


@pytest.fixture
def small():
    return {"person": [person(1)], "measurement": [measurement(1)]}


def test_no_such_place(tmp_path):
    with pytest.raises(InputError, match="there is no such file or folder"):
        read(tmp_path / "nowhere")


def test_no_table_person(tmp_path, small):
    del small["person"]
    with pytest.raises(InputError, match="no table person"):
        read(write_csv(tmp_path / "omop", small))


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb", "postgres"])
@pytest.mark.parametrize("column", ["measurement_date", "person_id", "measurement_concept_id"])
def test_a_missing_column_is_named_with_its_table(save_omop, small, kind, column):
    del small["measurement"][0][column]
    where, schema = save_omop(small, kind)
    with pytest.raises(InputError, match=rf"table measurement has no column {column}$"):
        read(where, schema)


def test_optional_columns_may_be_missing(save_omop, small):
    for column in ("operator_concept_id", "range_low", "measurement_datetime", "measurement_source_value"):
        del small["measurement"][0][column]
    assert len(read(*save_omop(small, "parquet")).facts) == 1


def test_two_files_of_one_table(tmp_path, small):
    folder = write_csv(tmp_path / "omop", small)
    write_csv(folder, {"person": small["person"]}, pack=True)
    with pytest.raises(InputError, match="two files hold the table person"):
        read(folder)


def test_a_parquet_file_cut_short(tmp_path, small):
    folder = write_parquet(tmp_path / "omop", small)
    file = folder / "measurement.parquet"
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"measurement\.parquet: the table measurement cannot be opened"):
        read(folder)


def test_a_parquet_file_broken_inside(tmp_path, small):
    folder = write_parquet(tmp_path / "omop", small)
    file = folder / "measurement.parquet"
    content = bytearray(file.read_bytes())
    content[4:120] = b"\xff" * 116  # the pages; the footer is whole, so the file opens
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"measurement by concept cannot be read: .* until then: .*person 1"):
        read(folder)


def test_a_gzip_file_cut_short(tmp_path, small):
    small["measurement"] = [measurement(n, value_as_number=n) for n in range(1, 3000)]
    folder = write_csv(tmp_path / "omop", small, pack=True)
    file = folder / "measurement.csv.gz"
    file.write_bytes(file.read_bytes()[:-4000])
    with pytest.raises(InputError, match="measurement"):
        read(folder)


def test_a_row_with_too_few_fields(tmp_path, small):
    small["measurement"] = [measurement(n) for n in range(1, 3000)]
    folder = write_csv(tmp_path / "omop", small)
    with (folder / "measurement.csv").open("a") as file:
        file.write("1,2\n")
    with pytest.raises(InputError, match="table measurement by concept cannot be read"):
        read(folder)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01" * 50, gzip.compress(b"")])
def test_a_file_that_is_no_table(tmp_path, small, content):
    folder = write_csv(tmp_path / "omop", small)
    (folder / "measurement.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"measurement\.csv"):
        read(folder)


def test_a_file_that_is_no_database(tmp_path):
    file = tmp_path / "omop.duckdb"
    file.write_bytes(b"not a database" * 1000)
    with pytest.raises(InputError, match="no DuckDB database"):
        read(file)


def test_a_database_without_this_schema(tmp_path, small):
    file = write_duckdb(tmp_path / "omop.duckdb", small)
    with pytest.raises(InputError, match="no table person"):
        read(file, "elsewhere")


def test_files_are_not_changed(tmp_path, small):
    file = write_duckdb(tmp_path / "omop.duckdb", small)
    before = file.read_bytes()
    assert len(read(file).facts) == 1
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["omop.duckdb"]


@pytest.mark.parametrize(
    ("module", "where", "extra"), [("duckdb", "folder", "duckdb"), ("psycopg", "postgresql://h/d", "postgres")]
)
def test_a_package_that_is_not_installed(tmp_path, small, monkeypatch, module, where, extra):
    folder = write_csv(tmp_path / "omop", small)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf'pip install "stormwatch\[{extra}\]"'):
        read(folder if where == "folder" else where)


def test_a_wrong_password_is_not_repeated(postgres_address):
    wrong = postgres_address.replace(PASSWORD, "hunter2")
    with pytest.raises(InputError, match="no connection") as caught:
        read(wrong)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("address", ["postgresql://u:hunter2@[broken/d", "postgresql://u:hunter2@h/d?nonsense=1"])
def test_a_malformed_address_is_not_repeated(address):
    with pytest.raises(InputError) as caught:
        read(address)
    assert "hunter2" not in str(caught.value)


def test_no_server(postgres_address):
    with pytest.raises(InputError, match="no connection"):
        patients_of_omop(f"postgresql://u:{PASSWORD}@127.0.0.1:1/postgres")


def test_no_right_to_read(postgres_address, small):
    write_postgres(postgres_address, "cdm", small)
    with psycopg.connect(postgres_address, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS guest")
        admin.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        admin.execute("GRANT USAGE ON SCHEMA cdm TO guest")
        admin.execute("GRANT SELECT (person_id, gender_concept_id, year_of_birth) ON cdm.person TO guest")
        admin.execute("GRANT SELECT (person_id) ON cdm.measurement TO guest")
    guest = postgres_address.replace(f"tester:{PASSWORD}", "guest:guest")
    with pytest.raises(InputError, match="table measurement has no column"):
        read(guest, "cdm")


def test_a_server_that_goes_away_while_it_is_read(postgres_address):
    """5,000 rows a person do not fit into one fetch: the second person's rows are still on the server."""
    rows = [measurement(1), measurement(2, person_id=2)]
    write_postgres(postgres_address, "cdm", {"person": [person(1), person(2)], "measurement": rows})
    with psycopg.connect(postgres_address, autocommit=True) as admin:
        admin.execute("SET search_path TO cdm")
        admin.execute(
            "INSERT INTO measurement (measurement_id, person_id, measurement_concept_id, measurement_date,"
            " value_as_number, unit_source_value)"
            " SELECT 10 + n, 1 + n % 2, 3001122, DATE '2024-03-02', n, 'ng/mL' FROM generate_series(1, 10000) n"
        )
        found = iterate_omop(postgres_address, zone=UTC, schema="cdm")
        first = next(found)
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'stormwatch'")
        with pytest.raises(InputError, match=r"lost while .* until then: .*measurement [\d,]{5}") as caught:
            next(found)
    assert PASSWORD not in str(caught.value)
    assert len(first.facts) == 5001
    again = iterate_omop(postgres_address, zone=UTC, schema="cdm", after=first.patient.id)
    assert [(t.patient.id, len(t.facts)) for t in again] == [("2", 5001)]


def test_a_postgres_read_writes_nothing(postgres_address, small):
    from stormwatch.sources.omop.postgres import PostgresStore

    write_postgres(postgres_address, "cdm", small)
    with psycopg.connect(postgres_address, autocommit=True) as admin:
        admin.execute("CREATE SEQUENCE cdm.counter")
    store = PostgresStore(postgres_address, "cdm")
    with pytest.raises(InputError, match="SQLSTATE 25006"):  # read-only transaction
        list(store.rows("person", "SELECT nextval('counter')"))
    store.close()
