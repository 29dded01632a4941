"""Standard input gives what the same file gives, however a run breaks off; files that are held whole have a limit."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copy

import pytest
from tests.unit.cohort.conftest import content

from stormwatch.cohort.feeds import limit, tables
from stormwatch.cohort.feeds.piped import PIPED
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.run import run
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.catalogue import instrument

EXAMPLE = Path(__file__).parents[3] / "examples/blinatumomab-mas.json"
PIPE = Source("-")


@pytest.fixture(scope="module")
def instruments():
    return [instrument(name) for name in ("crs-astct", "hscore")]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(tables, "ROWS", 300)


@pytest.fixture
def comes(monkeypatch):
    """Let these bytes come as standard input."""

    def comes(sent: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))

    return comes


@pytest.fixture
def file(table, tmp_path):
    """The table in a file of the name that standard input has, so that places are called the same."""
    return copy(table.path, tmp_path / "standard input")


def written(folder):
    """The tables of a run; what names the source apart."""
    return {name: what for name, what in content(folder).items() if name not in ("plan.json", "run.json")}


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_a_table_from_standard_input_gives_what_the_file_gives(comes, file, instruments, tmp_path, packed):
    expected = run(Source(str(file)), instruments, tmp_path / "file", workers=1)
    comes(packed(Path(file).read_bytes()))
    finished = run(PIPE, instruments, tmp_path / "piped", workers=1)
    assert written(finished.into) == written(expected.into)
    assert finished.about["accounting"] == expected.about["accounting"]
    assert len(list((finished.into / "ledger").iterdir())) > 2
    assert not list(finished.into.glob(".*"))


def test_a_bundle_from_standard_input_gives_what_the_file_gives(comes, instruments, tmp_path):
    expected = run(Source(str(copy(EXAMPLE, tmp_path / "standard input"))), instruments, tmp_path / "file", workers=1)
    comes(EXAMPLE.read_bytes())
    assert written(run(PIPE, instruments, tmp_path / "piped", workers=1).into) == written(expected.into)


def test_a_table_with_a_map_may_be_piped(comes, instruments, tmp_path):
    rows = b"who,when,what,value\nA,2024-01-01T08:00:00Z,ferritin,700\n"
    place = tmp_path / "map.toml"
    place.write_text(
        'shape = "long"\nzone = "UTC"\n[patient]\ncolumn = "who"\n[time]\ncolumns = ["when"]\n'
        '[columns]\ncode = "what"\nvalue = "value"\n[codes]\nferritin = { analyte = "ferritin", unit = "ng/mL" }\n'
    )
    (tmp_path / "table.csv").write_bytes(rows)
    expected = run(Source(str(tmp_path / "table.csv"), map=str(place)), instruments, tmp_path / "file", workers=1)
    comes(rows)
    finished = run(Source("-", map=str(place)), instruments, tmp_path / "piped", workers=1)
    assert finished.about["accounting"] == expected.about["accounting"]
    assert finished.about["facts"] == expected.about["facts"] == 1


def test_a_run_that_broke_off_goes_on_with_the_same_input_only(comes, file, instruments, tmp_path, monkeypatch):
    sent = Path(file).read_bytes()
    comes(sent)
    whole = written(run(PIPE, instruments, tmp_path / "whole", workers=1).into)
    into = tmp_path / "broken off"

    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    comes(sent)
    with monkeypatch.context() as patch:
        patch.setattr("stormwatch.cohort.run.finish", killed)
        with pytest.raises(Killed):
            run(PIPE, instruments, into, workers=1)
    (into / "ledger/000001.json").unlink()
    left = into / f"{PIPED}of one that was killed"
    left.mkdir()
    (left / "standard input").write_bytes(b"half")

    comes(sent + b"\n")
    with pytest.raises(UsageError, match=r"another run is in this folder \(different: source\)"):
        run(PIPE, instruments, into, workers=1)
    comes(sent)
    assert written(run(PIPE, instruments, into, workers=1).into) == whole
    assert not left.exists()


def test_a_folder_with_something_else_is_left_as_it_is(comes, instruments, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    comes(b"patient_id\n")
    with pytest.raises(UsageError, match="holds something else"):
        run(PIPE, instruments, tmp_path, workers=1)
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.txt"]


def test_nothing_piped_and_no_place_to_keep_it(comes, instruments, tmp_path):
    comes(b"")
    with pytest.raises(InputError, match="standard input: the file is empty"):
        run(PIPE, instruments, tmp_path / "out", workers=1)
    (tmp_path / "a file").touch()
    comes(b"patient_id\n")
    with pytest.raises(UsageError, match=r"a file: standard input cannot be kept here \(File exists\)"):
        run(PIPE, instruments, tmp_path / "a file", workers=1)


def test_two_processes_take_turns_on_what_was_piped(file, tmp_path):
    """The command itself, with a pipe."""
    command = [sys.executable, "-m", "stormwatch", "cohort", "run", "-", "--instruments", "hscore", "-o", "out"]
    with open(file, "rb") as stream:
        done = subprocess.run(command, stdin=stream, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    about = json.loads((tmp_path / "out/run.json").read_text())
    assert about["patients"] == 8
    assert about["source"]["path"] == "standard input"


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_a_bundle_that_is_too_large_to_hold_is_refused(instruments, tmp_path, monkeypatch, packed):
    path = tmp_path / ("bundle.json.gz" if packed is gzip.compress else "bundle.json")
    path.write_bytes(packed(EXAMPLE.read_bytes()))
    monkeypatch.setattr(limit, "WHOLE", EXAMPLE.stat().st_size)
    run(Source(str(path)), instruments, tmp_path / "just", workers=1)
    monkeypatch.setattr(limit, "WHOLE", EXAMPLE.stat().st_size - 1)
    with pytest.raises(InputError, match=rf"{path.name}: over 0 MB in one file .* NDJSON"):
        run(Source(str(path)), instruments, tmp_path / "out", workers=1)


def test_what_is_read_bit_by_bit_has_no_limit(file, instruments, tmp_path, monkeypatch):
    monkeypatch.setattr(limit, "WHOLE", 10)
    assert run(replace(PIPE, path=str(file)), instruments, tmp_path / "out", workers=1).about["patients"] == 8
