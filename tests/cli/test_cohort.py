"""``stormwatch cohort`` from the command line: run, summary, adjudicate, validate."""

from __future__ import annotations

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from stormwatch.cli.cohort import app
from stormwatch.cohort.synth import synthesise
from stormwatch.errors import InputError, UsageError


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    synthesise(25, 5, folder / "made", "meds")
    return folder


@pytest.fixture(scope="module")
def record(made):
    return [str(made / "made/synthetic-meds"), "--map", str(made / "made/synthetic-code-map.csv"), "--time-zone", "UTC"]


@pytest.fixture(scope="module")
def ran(made, record):
    result = call(
        "run", *record, "-o", str(made / "out"), "--instruments", "crs-astct,crs-lee,hscore", "--workers", "1"
    )
    return made / "out", result


def call(*words, keys=None):
    result = CliRunner().invoke(app, list(map(str, words)), input=keys, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result


def test_a_run_says_what_became_of_every_row(ran):
    folder, result = ran
    about = json.loads((folder / "run.json").read_text())
    counted = about["accounting"]
    assert f"{counted['read']:,} rows read = {counted['used']:,} used" in result.stdout
    assert f"stormwatch cohort summary {folder}" in result.stdout
    assert list(about["instruments"]) == ["crs-astct", "crs-lee", "hscore"]


def test_the_same_call_once_more_changes_nothing(ran, record):
    folder, _ = ran
    before = (folder / "run.json").stat().st_mtime_ns, (folder / "run.json").read_bytes()
    call("run", *record, "-o", folder, "--instruments", "crs-astct,crs-lee,hscore", "--workers", "1")
    assert (folder / "run.json").read_bytes() == before[1]


def test_an_unknown_instrument_is_refused_before_anything_is_written(record, tmp_path):
    with pytest.raises(UsageError, match="hscore"):
        call("run", *record, "-o", tmp_path / "out", "--instruments", "hscor")
    assert not (tmp_path / "out").exists()


def test_an_unknown_engine_is_refused(record, tmp_path):
    with pytest.raises(UsageError, match="local, spark"):
        call("run", *record, "-o", tmp_path / "out", "--engine", "quick")


def test_spark_needs_a_master(record, tmp_path):
    with pytest.raises(UsageError, match="--master"):
        call("run", *record, "-o", tmp_path / "out", "--engine", "spark")


def test_summary_in_every_form(ran, tmp_path):
    folder, _ = ran
    text = call("summary", folder, "--html", tmp_path / "page.html", "--figures", tmp_path / "figures").stdout
    payload = json.loads(call("summary", folder, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(call("summary", folder, "--format", "csv").stdout)))
    assert "instrument" in text
    assert [row["instrument"] for row in rows] == [row["instrument"] for row in payload["standings"]]
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    assert list((tmp_path / "figures").glob("*.png"))


def test_the_smallest_cell_shown_can_be_set(ran):
    folder, _ = ran
    payload = json.loads(call("summary", folder, "--format", "json", "--smallest-cell", "1").stdout)
    assert all(None not in row.values() for row in payload["standings"])


def test_a_summary_of_no_run_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no finished cohort run"):
        call("summary", tmp_path)


def test_adjudicate_and_validate(ran, record, tmp_path):
    folder, _ = ran
    source = ["--source", record[0], *record[1:]]
    who = ["--reviewer", "AB", "--decisions", tmp_path / "d.ndjson", "--syndrome", "crs", "--unflagged", "3"]
    first = call("adjudicate", folder, *source, *who, keys="y\nn\nu\nc\nq\n")
    assert "Patient 1 of" in first.stdout
    assert "2 decisions made" in first.stdout
    call("adjudicate", folder, *source, *who, keys="y\n" * 40)
    decisions = [json.loads(line) for line in (tmp_path / "d.ndjson").read_text().splitlines()]
    assert {one["reviewer"] for one in decisions} == {"AB"}
    text = call("validate", folder, "--decisions", tmp_path / "d.ndjson", "--syndrome", "crs").stdout
    assert "crs-astct" in text
    assert "1 nobody could tell" in text
    rows = call("validate", folder, "--decisions", tmp_path / "d.ndjson", "--syndrome", "crs", "--format", "csv").stdout
    assert rows.startswith("instrument,test,stratum,true_positive")


def test_an_unknown_form_is_refused(ran, tmp_path):
    folder, _ = ran
    with pytest.raises(UsageError, match="text, json, csv"):
        call("summary", folder, "--format", "yaml")
    with pytest.raises(UsageError, match="text, json, csv"):
        call("validate", folder, "--decisions", tmp_path / "none", "--format", "yaml")
