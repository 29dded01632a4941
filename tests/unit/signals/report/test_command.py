"""``stormwatch signals report``: what it writes, and what it refuses before the work."""

from __future__ import annotations

import json

import pytest
import typer
from tests.unit.signals.report.conftest import DRUG, EVENT
from typer.testing import CliRunner

from stormwatch.cli.signals_report import report
from stormwatch.errors import UsageError


@pytest.fixture
def run(store):
    """Runs the command on the database and returns what it says."""
    app = typer.Typer()
    app.command()(report)

    def call(output, *more):
        arguments = ["--db", str(store.folder), "--drug", DRUG, "--event", EVENT, "-o", str(output), *more]
        return CliRunner().invoke(app, arguments, catch_exceptions=False)

    return call


def test_each_form_is_written(run, tmp_path):
    starts = {".json": b'{\n "schema": "stormwatch signal report 1"', ".csv": b"drug,event,title,"}
    for ending, start in {**starts, ".html": b"<!DOCTYPE html>"}.items():
        target = tmp_path / f"report{ending}"
        done = run(target, "--strata", "")
        assert done.exit_code == 0, done.output
        assert target.read_bytes().startswith(start)
        assert done.stdout == ""
        assert "Written: " in done.stderr


def test_options_reach_the_report(run, tmp_path):
    target = tmp_path / "report.json"
    run(target, "--strata", "sex", "--restricted", "oncology", "--duplicates", "versions", "--roles", "PS,SS")
    asked = json.loads(target.read_text())["asked"]
    assert asked["strata"] == ["sex"]
    assert asked["restricted"] == ["oncology"]
    assert asked["roles"] == ["PS (primary suspect)", "SS (secondary suspect)"]
    assert "probable duplicates count" in asked["deduplication"]


@pytest.mark.parametrize("name", ["report.docx", "report", "nowhere/report.html"])
def test_what_cannot_be_written_is_refused_before_the_work(name, run, tmp_path, monkeypatch):
    monkeypatch.setattr("stormwatch.signals.report.payload.signal_report", lambda *_, **__: pytest.fail("worked"))
    with pytest.raises(UsageError, match=r"a report ends in|cannot be written here"):
        run(tmp_path / name)
