"""``stormwatch synth``: what it prints, where it writes, what it refuses."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from stormwatch.cli.synth import synth
from stormwatch.errors import UsageError
from stormwatch.sources.record import patients

app = typer.Typer()
app.command()(synth)


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_it_says_what_was_written_and_how_to_read_it(tmp_path):
    done = run("--patients", 3, "--seed", 4, "-o", tmp_path / "out", "--format", "csv")
    assert done.exit_code == 0
    record = tmp_path / "out" / "synthetic-table.csv"
    assert done.stdout.startswith("3 synthetic patients, ")
    assert f"stormwatch assess {record} --patient 1\n" in done.stdout
    assert patients(record) == ["1", "2", "3"]


def test_progress_goes_to_stderr(tmp_path):
    done = run("--patients", 2, "-o", tmp_path / "out")
    assert done.stderr.startswith("2 of 2 patients, ")
    assert " of 2 patients" not in done.stdout


def test_the_way_to_read_meds_names_its_map(tmp_path):
    done = run("--patients", 2, "-o", tmp_path / "out", "--format", "meds")
    assert f"--map {tmp_path / 'out' / 'synthetic-code-map.csv'} --time-zone UTC" in done.stdout


def test_the_same_seed_is_the_same_output_and_another_is_not(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert run("--patients", 2, "--seed", seed, "-o", tmp_path / name, "--format", "csv").exit_code == 0
    texts = [(tmp_path / name / "synthetic-table.csv").read_text() for name in "abc"]
    assert texts[0] == texts[1] != texts[2]


def test_no_patients_or_an_unknown_format_are_refused(tmp_path):
    assert run("--patients", 0, "-o", tmp_path / "out").exit_code == 2
    assert run("--patients", 1, "-o", tmp_path / "out", "--format", "xml").exit_code == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "kept").write_text("")
    done = run("--patients", 1, "-o", tmp_path)
    assert isinstance(done.exception, UsageError)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
