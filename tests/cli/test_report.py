"""``stormwatch report`` as a person meets it: a process, its files, its messages and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.reports import pages

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "blinatumomab-mas.json"


def stormwatch(*arguments):
    command = [sys.executable, "-m", "stormwatch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def refused(result, code, *words):
    """One clear message on stderr, nothing on stdout, no traceback, the documented exit code."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr


def test_json_holds_the_whole_report(tmp_path):
    result = stormwatch("report", EXAMPLE, "-o", tmp_path / "report.json")
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert "rows read" in result.stderr
    assert f"Written: {tmp_path / 'report.json'}" in result.stderr
    written = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert written["schema"] == "stormwatch report 1"
    assert written["course"]["drugs"][0]["drug"] == "blinatumomab"


@pytest.mark.parametrize(("name", "start"), [("r.html", b"<!DOCTYPE html>"), ("r.md", b"# ")])
def test_html_and_markdown_are_written(name, start, tmp_path):
    result = stormwatch("report", EXAMPLE, "--patient", "example-blinatumomab-mas", "-o", tmp_path / name)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.slow
def test_a_pdf_is_written(tmp_path):
    pages.weasyprint()
    result = stormwatch("report", EXAMPLE, "-o", tmp_path / "r.pdf")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")


def test_as_known_before_the_storm_there_is_no_episode(tmp_path):
    stormwatch("report", EXAMPLE, "--at", "2023-12-20T00:00:00+01:00", "-o", tmp_path / "r.json")
    written = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert written["course"]["episodes"] == []
    days = [
        p["day"] for panel in written["pictures"][0]["picture"]["panels"] for x in panel["lines"] for p in x["points"]
    ]
    assert max(days) < 44  # 20 December is 43.6 days after 6 November, 10:00


def test_a_further_suspect_comes_first(tmp_path):
    stormwatch("report", EXAMPLE, "--suspect", "Actemra", "-o", tmp_path / "r.json")
    written = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert [drug["drug"] for drug in written["course"]["drugs"]] == ["tocilizumab", "blinatumomab"]


def test_what_cannot_be_carried_out_is_said(tmp_path):
    refused(stormwatch("report", EXAMPLE, "-o", tmp_path / "r.docx"), 2, ".html, .pdf, .json, .md")
    refused(stormwatch("report", EXAMPLE, "--language", "tlh", "-o", tmp_path / "r.md"), 2, "there are: en")
    refused(stormwatch("report", EXAMPLE, "--suspect", "nostrum", "-o", tmp_path / "r.md"), 2, "no drug is called")
    refused(stormwatch("report", EXAMPLE, "-o", tmp_path / "none" / "r.md"), 2, "cannot be written here")
    refused(stormwatch("report", EXAMPLE, "--patient", "nobody", "-o", tmp_path / "r.md"), 2, "no such patient")
    refused(stormwatch("report", tmp_path / "absent.json", "-o", tmp_path / "r.md"), 3, "absent.json")
    assert list(tmp_path.iterdir()) == []
