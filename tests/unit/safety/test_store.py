"""The store of cases: every version stays, who, when and why; the database refuses anything else."""

import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from stormwatch.errors import CheckFailed, UnknownName, UsageError
from stormwatch.safety.casefile import CaseFile, Edit, dumped
from stormwatch.safety.history import history
from stormwatch.safety.store import Store

AT = datetime(2024, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of the distribution, on a socket of its own, thrown away afterwards."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        if os.environ.get("CI"):
            pytest.fail("CI must test against a real server: package postgresql is not installed")
        pytest.skip("the PostgreSQL server is not installed (package postgresql)")
    home = Path(tempfile.mkdtemp(prefix="stormwatch-case-"))
    account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if account is not None:
        os.chown(home, account.pw_uid, account.pw_gid)

    def run(tool, *arguments):
        user: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        command = [str(found[-1].parent / tool), "-D", str(home / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=home, **user)

    try:
        run("initdb", "--username=tester", "--auth=trust", "--no-sync", "--locale=C", "--encoding=UTF8")
        settings = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
        run("pg_ctl", "start", "-w", "-l", str(home / "log"), "-o", settings)
        try:
            yield f"postgresql+psycopg://tester@/postgres?host={home}"
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def address(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "cases.sqlite")
        return
    url = request.getfixturevalue("postgres")
    yield url
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS case_versions"))
    engine.dispose()


def url(address):
    return address if "://" in address else f"sqlite:///{address}"


def test_every_version_stays_as_it_was(address):
    with Store(address) as store:
        store.add("A", b"one", who="Me", at=AT, why="first")
        store.add("A", b"two", who="You", at=AT + timedelta(days=1))
        store.add("B", b"other", who="Me", at=AT)
    with Store(address) as store:
        assert [(one.number, one.content, one.who, one.why) for one in store.versions("A")] == [
            (1, b"one", "Me", "first"),
            (2, b"two", "You", ""),
        ]
        assert store.version("A").content == b"two"
        assert store.version("A", 1).at == AT
        assert store.cases() == ("A", "B")
        assert store.verify() == 3


@pytest.mark.parametrize(
    "statement",
    ["UPDATE case_versions SET who = 'Nobody'", "DELETE FROM case_versions", "UPDATE case_versions SET number = 9"],
)
def test_the_database_itself_refuses_to_change_or_delete(address, statement):
    with Store(address) as store:
        store.add("A", b"one", who="Me", at=AT)
        engine = create_engine(url(address))
        with pytest.raises(SQLAlchemyError, match="never changed"), engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
        assert store.version("A").who == "Me"


def test_a_version_that_came_in_between_is_not_written_over(address):
    with Store(address) as store:
        store.add("A", b"one", who="Me", at=AT)
        store.add("A", b"two", who="You", at=AT, after=1)
        with pytest.raises(UsageError, match="newer"):
            store.add("A", b"mine", who="Me", at=AT, after=1)
        assert store.version("A").content == b"two"


def test_a_change_behind_the_databases_back_shows(tmp_path):
    path = tmp_path / "cases.sqlite"
    with Store(str(path)) as store:
        store.add("A", b"one", who="Me", at=AT)
        store.add("A", b"two", who="Me", at=AT)
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER case_versions_UPDATE")
    connection.execute("UPDATE case_versions SET content = x'00' WHERE number = 1")
    connection.commit()
    connection.close()
    with Store(str(path)) as store, pytest.raises(CheckFailed):
        store.verify()


@pytest.mark.parametrize(("who", "at"), [("", AT), (" ", AT), ("Me", datetime(2024, 3, 2))])
def test_a_version_needs_a_person_and_a_time_with_its_zone(tmp_path, who, at):
    with Store(str(tmp_path / "cases.sqlite")) as store, pytest.raises(UsageError):
        store.add("A", b"one", who=who, at=at)


def test_what_is_not_there_is_not_made_up(tmp_path):
    with Store(str(tmp_path / "cases.sqlite")) as store:
        assert store.versions("A") == ()
        with pytest.raises(UnknownName):
            store.version("A")
    with pytest.raises(UsageError):
        Store(str(tmp_path / "no" / "folder" / "cases.sqlite"))
    with pytest.raises(UsageError, match="opened"):
        Store("nodatabase://x")


def test_the_history_says_which_elements_each_version_changed(tmp_path, drafted):
    held = CaseFile(drafted)
    with Store(str(tmp_path / "cases.sqlite")) as store:
        store.add("A", dumped(held), who="Me", at=AT)
        store.add("A", dumped(held.edited("D.3", Edit("70")).edited("C.1.6.1", Edit("false"))), who="You", at=AT)
        told = list(history(store.versions("A")))
    assert told[0][1] == ()
    assert [(one.path, one.kind) for one in told[1][1]] == [("D.3", "changed"), ("C.1.6.1", "added")]
