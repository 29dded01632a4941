"""``stormwatch signals``: build, pair, scan, series, evaluate, on the two real sample quarters."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner

from stormwatch.cli.signals import app
from stormwatch.errors import UnknownName, UsageError

RUN = CliRunner()


def run(*arguments):
    result = RUN.invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def db(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("signals") / "db"
    out = run("build", shared_data / "faers_ascii_100x2", "-o", folder)
    assert "200  reports in the files" in out
    assert out.rstrip().endswith("200  left")
    return folder


def test_a_pair_in_every_form_says_the_same(db):
    arguments = ("pair", "--db", db, "--drug", "risperidone", "--event", "gynaecomastia")
    held = json.loads(run(*arguments, "--format", "json"))
    [row] = csv.DictReader(io.StringIO(run(*arguments, "--format", "csv")))
    text = run(*arguments)
    crude = held["measures"]["crude"]
    assert (row["n"], float(row["prr"]), row["counting_unit"]) == (str(crude["n"]), crude["prr"], "report")
    assert f"drug and event {crude['table']['a']}" in text
    assert f"PRR  {crude['prr']:.2f}" in text
    for words in ("Drug roles: PS", "De-duplication:", "It is no incidence"):
        assert words in text


def test_restricted_and_stratified_rows_come_beside_the_crude_one(db):
    options = ("--strata", "sex,age", "--restricted", "oncology,class:antileukaemic", "--format", "csv")
    rows = list(
        csv.DictReader(io.StringIO(run("pair", "--db", db, "--drug", "prednisone", "--event", "death", *options)))
    )
    assert [row["kind"] for row in rows] == ["crude", "stratified", "restricted", "restricted"]


def test_a_scan_lists_events_and_a_series_lists_cases(db):
    held = json.loads(run("scan", "--db", db, "--drug", "risperidone", "--least", 1, "--format", "json"))
    assert held["rows"][0]["event"] == "gynaecomastia"
    assert "gynaecomastia" in run("scan", "--db", db, "--drug", "risperidone", "--least", 3)
    cases = json.loads(
        run("series", "--db", db, "--drug", "risperidone", "--event", "gynaecomastia", "--format", "json")
    )
    assert len(cases) == held["rows"][0]["n"]
    assert f"{len(cases)} cases" in run("series", "--db", db, "--drug", "risperidone", "--event", "gynaecomastia")


def test_measures_are_judged_by_a_reference_set(db, tmp_path):
    (tmp_path / "set.csv").write_text(
        "exposureName,outcomeName,groundTruth\nrisperidone,breast,1\nprednisone,breast,0\nthalidomide,breast,0\n"
        "lenalidomide,death,0\nadalimumab,nausea,1\n"
    )
    (tmp_path / "terms.toml").write_text('breast = ["Gynaecomastia"]\ndeath = ["Death"]\nnausea = ["Nausea"]\n')
    files = ("--reference", tmp_path / "set.csv", "--outcomes", tmp_path / "terms.toml")
    held = json.loads(run("evaluate", "--db", db, *files, "--format", "json"))
    assert held["judged"] == 5
    assert 0 <= held["areas"]["ic025"]["area"] <= 1
    assert "5 of 5 pairs judged" in run("evaluate", "--db", db, *files)


def test_unknown_names_roles_and_forms_are_usage_errors(db):
    for arguments, error in (
        (("--drug", "risperidon", "--event", "death"), UnknownName),
        (("--drug", "risperidone", "--event", "death", "--roles", "XX"), UsageError),
        (("--drug", "risperidone", "--event", "death", "--format", "xml"), UsageError),
        (("--drug", "risperidone", "--event", "death", "--duplicates", "some"), UsageError),
    ):
        with pytest.raises(error):
            run("pair", "--db", db, *arguments)
