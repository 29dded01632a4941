"""``stormwatch literature``: what each command prints and keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stormwatch.cli.literature import app
from stormwatch.errors import InputError, UsageError
from stormwatch.sources.text import read_documents

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "docs" / "how-to" / "publications.ris"
REPORT = REPOSITORY / "examples" / "case-report.txt"
QUERY = "blinatumomab AND MAS"


@pytest.fixture
def run(tmp_path: Path):
    def invoke(*words):
        return CliRunner().invoke(app, [*(str(word) for word in words), "--library", str(tmp_path / "library.sqlite")])

    return invoke


def test_adding_says_what_was_joined(run) -> None:
    done = run("add", EXAMPLE)
    assert done.exit_code == 0
    assert done.stdout.startswith("5 documents: 4 new, 1 joined with an entry (1 by doi)\n  joined with 1 by doi: ")
    assert run("add", EXAMPLE).stdout.startswith("5 documents: 0 new, 5 joined")
    assert [one["number"] for one in json.loads(run("add", EXAMPLE, "--json").stdout)] == [1, 2, 3, 4, 1]


def test_searching_prints_entries_and_tells_the_synonyms_on_stderr(run) -> None:
    run("add", EXAMPLE)
    done = run("search", "teclistamab AND MAS")
    lines = done.stdout.splitlines()
    assert lines[0] == "1 found"
    assert lines[1].split()[:2] == ["2", "2023"]
    assert "haemophagocytic" in done.stderr
    assert json.loads(run("search", "HLH", "--limit", 1, "--json").stdout)["found"] == 3
    assert run("search", "HLH", "--exact").stdout.startswith("1 found")
    assert run("search", "blinatumomab AND myeloma", "--class").stdout.startswith("1 found")
    assert isinstance(run("search", "HLH AND").exception, UsageError)


def test_a_library_that_is_not_there_is_an_input_error(run) -> None:
    assert isinstance(run("search", "HLH").exception, InputError)
    assert isinstance(run("like", REPORT).exception, InputError)


def test_precedents_of_a_report_and_of_its_saved_reading(run, tmp_path: Path) -> None:
    run("add", EXAMPLE)
    done = run("like", REPORT, "--before", 2024)
    assert "2 published cases before 2024" in done.stdout
    assert "1 on the drug itself, 1 on another of its class" in done.stdout
    assert "The report itself speaks of earlier reports: 1." in done.stdout
    from stormwatch.sources.text import read_text, reading_json

    saved = tmp_path / "reading.json"
    saved.write_text(json.dumps(reading_json(read_text(REPORT))), encoding="utf-8")
    assert run("like", saved, "--before", 2024).stdout == done.stdout
    payload = json.loads(run("like", REPORT, "--before", 2020, "--json").stdout)
    assert [one["number"] for one in payload["earlier"]] == [1]
    assert payload["later"] == 1


def test_precedents_of_a_hospital_record(run) -> None:
    run("add", EXAMPLE)
    bundle = REPOSITORY / "examples" / "blinatumomab-mas.json"
    assert "2 published cases" in run("like", bundle, "--event", "MAS").stdout
    assert "1 published case before 2020" in run("like", bundle, "--event", "MAS", "--before", 2020).stdout


def test_screening_from_the_query_to_the_decisions_and_back_to_ris(run, tmp_path: Path) -> None:
    first = run("screen", EXAMPLE, "--for", QUERY).stdout
    assert "4 publications, 0 decided" in first
    assert "by the query" in first
    assert first.splitlines()[-1].split()[0] == "4"  # the trial does not match, and comes last
    assert run("decide", 1, 2, "--relevant", "--for", QUERY).stdout == "2 decided for this query: 2 relevant\n"
    run("decide", 4, "--not-relevant", "--for", QUERY)
    out = tmp_path / "out.ris"
    second = run("screen", EXAMPLE, "--for", QUERY, "--ris", out).stdout
    assert "4 publications, 3 decided: 2 relevant, 1 not" in second
    assert "Probably left: about" in second
    assert [one.doi[-1] for one in read_documents(out)] == ["1", "2", "3"]
    assert run("undo", "--for", QUERY).stdout == "the decision about 4 is taken back\n"
    payload = json.loads(run("screen", EXAMPLE, "--for", QUERY, "--sample", 2, "--json").stdout)
    assert payload["to_check"] == [3, 4]
    assert isinstance(run("screen", EXAMPLE, "--for", QUERY, "--sample", 3).exception, UsageError)


def test_a_query_that_cannot_be_read_adds_nothing(run, tmp_path: Path) -> None:
    assert isinstance(run("screen", EXAMPLE, "--for", "MAS AND").exception, UsageError)
    assert not (tmp_path / "library.sqlite").exists()


def test_haemophagocytic_alone_finds_what_is_called_hlh_or_mas(run) -> None:
    run("add", EXAMPLE)
    assert run("search", "haemophagocytic").stdout == run("search", "HLH").stdout
