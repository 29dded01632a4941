"""Runs that break off: whatever happens, taking up the same run gives the same files."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest
from tests.unit.cohort.conftest import content

from stormwatch.cohort import work
from stormwatch.cohort.feeds.meds import stretches
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.run import run
from stormwatch.cohort.synth import synthesise
from stormwatch.errors import InputError, UsageError
from stormwatch.instruments.catalogue import instrument

NAMES = ("crs-astct", "hscore")
KILLS = 20
PROGRAM = """
import sys
from pathlib import Path
from stormwatch.cohort.feeds.meds import stretches
from stormwatch.cohort.feeds.source import Source
from stormwatch.cohort.run import run
from stormwatch.instruments.catalogue import instrument

if __name__ == "__main__":
    stretches.ROWS = 800
    source = Source(sys.argv[1], zone="UTC", map=sys.argv[2])
    run(source, [instrument(name) for name in ("crs-astct", "hscore")], Path(sys.argv[3]), workers=int(sys.argv[4]))
"""


@pytest.fixture(scope="module")
def instruments():
    return [instrument(name) for name in NAMES]


@pytest.fixture(scope="module")
def meds(tmp_path_factory) -> Source:
    """A few patients, in several chunks."""
    folder = tmp_path_factory.mktemp("few")
    synthesise(10, 14, folder / "made", "meds")
    return Source(str(folder / "made/synthetic-meds"), zone="UTC", map=str(folder / "made/synthetic-code-map.csv"))


@pytest.fixture(scope="module", autouse=True)
def many_chunks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stretches, "ROWS", 800)
        yield


@pytest.fixture(scope="module")
def finished(meds, instruments, many_chunks, tmp_path_factory):
    """An uninterrupted run."""
    folder = tmp_path_factory.mktemp("finished") / "whole"
    run(meds, instruments, folder, workers=1)
    return folder


@pytest.fixture(scope="module")
def whole(finished) -> dict[str, bytes]:
    """What an uninterrupted run writes."""
    return content(finished)


@pytest.fixture
def again(finished, tmp_path):
    """The finished run, to be called once more."""
    return shutil.copytree(finished, tmp_path / "again")


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def started(program, meds, into, workers=1):
    command = [sys.executable, str(program), meds.path, meds.map, str(into), str(workers)]
    return subprocess.Popen(command, start_new_session=True)


def test_a_second_call_changes_nothing(meds, instruments, again, whole):
    assert len(list((again / "ledger").iterdir())) > 3
    run(meds, instruments, again, workers=1)
    assert content(again) == whole


@pytest.mark.slow
def test_two_processes_write_what_one_writes(meds, whole, program, tmp_path):
    assert started(program, meds, tmp_path / "two", workers=2).wait() == 0
    assert content(tmp_path / "two") == whole


@pytest.mark.slow
def test_killed_at_twenty_moments_and_taken_up_again(meds, whole, program, tmp_path):
    """Each start is killed without warning after a random time; the last one may finish."""
    chance, into = Random(20), tmp_path / "killed"
    begin = monotonic()
    assert started(program, meds, tmp_path / "timed").wait() == 0
    usual = monotonic() - begin
    survived = 0
    for _ in range(KILLS):
        if survived:
            into = tmp_path / f"killed-{survived}"
        running = started(program, meds, into)
        sleep(chance.uniform(0.2, 1.0) * usual)
        os.killpg(running.pid, signal.SIGKILL)
        survived += running.wait() == 0
    assert survived < KILLS
    assert started(program, meds, into).wait() == 0
    assert content(into) == whole


@pytest.mark.parametrize("moment", range(20))
def test_broken_off_at_a_write_and_taken_up_again(meds, instruments, whole, tmp_path, monkeypatch, moment):
    """The same without the wait: the process stops before one of its writes takes its name, as if killed there."""
    at = Random(moment).randrange(34)
    seen = iter(range(10_000))

    class Killed(BaseException):
        pass

    def replaced(source, target, replace=os.replace):
        if next(seen) == at:
            raise Killed
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("stormwatch.cohort.outputs.storing.os.replace", replaced)
        with pytest.raises(Killed):
            run(meds, instruments, tmp_path / "killed", workers=1)
    run(meds, instruments, tmp_path / "killed", workers=1)
    assert content(tmp_path / "killed") == whole


def test_what_a_killed_run_had_begun_is_swept_away(meds, instruments, again, whole):
    (again / "assessments/.part-000009.parquet.4711").write_bytes(b"half")
    run(meds, instruments, again, workers=1)
    assert content(again) == whole


def test_a_full_disk_is_told_and_what_is_finished_is_kept(meds, instruments, whole, tmp_path, monkeypatch):
    writes = iter(range(10_000))

    class Full(work.Worker):
        def run(self, number, chunk):
            if next(writes) == 2:
                monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_table", no_space)
            return super().run(number, chunk)

    def no_space(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context():
        monkeypatch.setattr("stormwatch.cohort.pool.Worker", Full)
        with pytest.raises(UsageError, match="No space left on device"):
            run(meds, instruments, tmp_path / "full", workers=1)
        assert len(list((tmp_path / "full/ledger").iterdir())) == 2
        assert not list((tmp_path / "full").rglob(".part-*"))
    monkeypatch.undo()
    run(meds, instruments, tmp_path / "full", workers=1)
    assert content(tmp_path / "full") == whole


def limited(size, *words):
    """The command with a limit on the size of a file: a real write fails, as on a full disk."""
    command = [sys.executable, "-m", "stormwatch", "cohort", "run", *map(str, words)]
    return subprocess.run(command, preexec_fn=lambda: limit_files(size), capture_output=True, text=True)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_write_that_fails_ends_the_run_with_one_sentence(meds, instruments, whole, program, tmp_path, workers):
    """The largest part does not fit; those that do are kept, and the run is taken up when there is room."""
    parts = {name: len(found) for name, found in whole.items() if "/part-" in name}
    most = sorted(parts.values())[-1] - 1
    into = tmp_path / "full"
    command = [sys.executable, str(program), meds.path, meds.map, str(into), str(workers)]
    failed = subprocess.run(command, preexec_fn=lambda: limit_files(most), capture_output=True, text=True)
    assert "cannot be written (File too large); what is finished is kept" in failed.stderr.splitlines()[-1]
    assert not list(into.rglob(".part-*"))
    kept = content(into)
    assert kept
    assert all(whole[name] == found for name, found in kept.items())
    run(meds, instruments, into, workers=1)
    assert content(into) == whole


@pytest.mark.slow
def test_ctrl_c_ends_every_process_and_the_run_is_taken_up(meds, instruments, whole, program, tmp_path):
    """The signal goes to the whole group, as a terminal sends it, once a first chunk is finished."""
    into = tmp_path / "stopped"
    command = [sys.executable, str(program), meds.path, meds.map, str(into), "2"]
    running = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    while not list((into / "ledger").glob("*.json")):
        assert running.poll() is None
        sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode != 0
    assert said.count("Traceback") == 1  # that of the one process which answers
    assert "KeyboardInterrupt" in said.splitlines()[-1]
    run(meds, instruments, into, workers=1)
    assert content(into) == whole


@pytest.mark.slow
@pytest.mark.parametrize("form", ["meds", "csv"])
def test_a_full_disk_is_one_sentence_and_exit_code_2(form, meds, tmp_path):
    """Of a table the rows brought together are what does not fit."""
    synthesise(4, 15, tmp_path / "made", "csv")
    source = [meds.path, "--map", meds.map] if form == "meds" else [tmp_path / "made/synthetic-table.csv"]
    words = [*source, "--time-zone", "UTC", "--instruments", "hscore", "--workers", "1", "-o", tmp_path / "out"]
    failed = limited(4_000, *words)
    assert failed.returncode == 2
    assert failed.stdout == ""
    assert len(failed.stderr.splitlines()) == 1
    assert "what is finished is kept" in failed.stderr
    again = limited(resource.RLIM_INFINITY, *words)
    assert (again.returncode, again.stderr) == (0, "")
    untouched = limited(resource.RLIM_INFINITY, *words[:-1], tmp_path / "other")
    assert untouched.returncode == 0
    assert content(tmp_path / "out") == content(tmp_path / "other")


def limit_files(size):
    """In a process that is about to begin: no file may become larger."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_changed_source_is_not_taken_up(meds, instruments, tmp_path):
    copied = tmp_path / "copy.parquet"
    shard = next(Path(meds.path).rglob("data/**/*.parquet"))
    copied.write_bytes(shard.read_bytes())
    source = replace(meds, path=str(copied))
    run(source, instruments, tmp_path / "out", workers=1)
    os.utime(copied, ns=(1, 1))
    with pytest.raises(UsageError, match="different: files"):
        run(source, instruments, tmp_path / "out", workers=1)


def test_a_broken_ledger_is_an_input_error(meds, instruments, again):
    (again / "ledger/000001.json").write_text("{")
    with pytest.raises(InputError, match="ledger"):
        run(meds, instruments, again, workers=1)
