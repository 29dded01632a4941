"""``stormwatch guidance``: list, show, apply."""

import json
from pathlib import Path

from typer.testing import CliRunner

from stormwatch.cli.guidance import app
from stormwatch.errors import UnknownName
from stormwatch.guidance import documents

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "blinatumomab-mas.json")


def run(*arguments):
    return CliRunner().invoke(app, arguments)


def test_list_names_every_document():
    assert [line.split()[0] for line in run("list").stdout.splitlines()] == list(documents())
    assert [one["id"] for one in json.loads(run("list", "--json").stdout)] == list(documents())


def test_show_prints_rows_with_evidence_and_source_and_hides_the_unconfirmed():
    page = run("show", "blinatumomab-us").stdout
    for words in ("blincytohcp.com/rr/dosing/adjustments", "primary evidence", "45 kg or more", "Seen 2026-11-23"):
        assert words in page
    assert "consolidation-45" not in page
    assert "consolidation-45" in run("show", "blinatumomab-us", "--unconfirmed").stdout


def test_show_of_an_unknown_document_names_the_nearest():
    assert isinstance(run("show", "blincyto-us").exception, UnknownName)


def test_apply_prints_the_rows_of_one_patient():
    result = run("apply", EXAMPLE, "--patient", "example-blinatumomab-mas", "--document", "tocilizumab-us", "--json")
    rows = {one["row"]: one for one in json.loads(result.stdout)["rows"]}
    assert rows["from-30"]["values"]["dose"]["low"] == 544
    assert "Rows that do not apply" in run("apply", EXAMPLE, "--document", "tocilizumab-us").stdout
