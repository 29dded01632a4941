"""``stormwatch assess`` as a person meets it: a process, its output, its messages and its exit code."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "blinatumomab-mas.json"
HEADER = "patient_id,time,name,value,unit\n"


def stormwatch(*arguments, stdin=None):
    command = [sys.executable, "-m", "stormwatch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, input=stdin, check=False)


def refused(result, code, *words):
    """One clear message on stderr, nothing on stdout, no traceback, the documented exit code."""
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr


def table(tmp_path, *rows):
    path = tmp_path / "rows.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


def test_the_text_says_first_met_worst_and_now_and_what_is_missing():
    result = stormwatch("assess", EXAMPLE, "--instrument", "hscore")
    assert result.returncode == 0
    for words in ("first met", "worst", "now", "item by item", "Open answers", "never recorded", "Ranges cover"):
        assert words in result.stdout
    assert "rows read" in result.stderr
    assert "illustrative" in result.stderr + result.stdout


def test_json_carries_every_reason_down_to_the_record():
    result = stormwatch("assess", EXAMPLE, "--instrument", "hscore", "--format", "json")
    (payload,) = json.loads(result.stdout)
    ferritin = next(i for i in payload["worst"]["items"] if i["id"] == "ferritin")
    assert ferritin["value"] == 50
    assert {"recorded", "time", "known_at", "file", "record"} <= set(ferritin["facts"][0])
    bundle = json.loads(EXAMPLE.read_text())
    ids = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in bundle["entry"]}
    assert all(fact["record"] in ids for item in payload["worst"]["items"] for fact in item["facts"])


def test_a_derived_value_opens_down_to_its_parts(tmp_path):
    path = table(tmp_path, "p,2024-01-01T06:00:00Z,sbp,80,mmHg", "p,2024-01-01T06:00:00Z,dbp,50,mmHg")
    (payload,) = json.loads(stormwatch("assess", path, "--instrument", "sofa", "--format", "json").stdout)
    circulation = next(i for i in payload["now"]["items"] if i["title"] == "Circulation")
    mean = next(fact for fact in circulation["facts"] if "derived" in fact["recorded"])
    assert [part["record"] for part in mean["parts"]] == ["line 2", "line 3"]


def test_ndjson_is_one_line_for_each_instrument():
    lines = stormwatch("assess", EXAMPLE, "--format", "ndjson").stdout.splitlines()
    assert {json.loads(line)["instrument"]["id"] for line in lines} >= {"hscore", "hlh-2004", "crs-astct", "ohi"}


def test_csv_is_one_row_for_each_change():
    result = stormwatch("assess", EXAMPLE, "--instrument", "ohi", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["verdict"] for row in rows].count("met") == 1
    assert all(row["instrument"] == "ohi" for row in rows)


def test_at_shows_only_what_was_known_then():
    early = stormwatch("assess", EXAMPLE, "--instrument", "ohi", "--at", "2024-01-01", "--format", "json")
    (payload,) = json.loads(early.stdout)
    assert payload["first_met"] is None
    assert payload["as_known_at"].startswith("2024-01-01T23:59:59")


def test_rejected_rows_are_counted_and_written(tmp_path):
    path = table(
        tmp_path,
        "p,2024-01-01T00:00:00Z,ferritin,700,ng/mL",
        "p,2024-01-01T00:00:00Z,ferritin,700,furlongs",
        "p,2024-01-01T00:00:00Z,platelets,-1,10*9/L",
        "p,2024-01-01 00:00,ferritin,700,ng/mL",
        "p,2024-02-31T00:00:00Z,ferritin,700,ng/mL",
        "p,2024-01-01T00:00:00Z,ferritin,many,ng/mL",
        "p,2024-01-01T00:00:00Z,shoe size,44,EU",
    )
    rejects = tmp_path / "rejects.csv"
    result = stormwatch("assess", path, "--instrument", "ohi", "--rejects", rejects)
    assert result.returncode == 0
    assert "7 rows read = 1 used + 5 rejected + 1 outside what is needed" in result.stderr
    rows = list(csv.DictReader(io.StringIO(rejects.read_text())))
    assert [row["record"] for row in rows] == [f"line {n}" for n in (3, 4, 5, 6, 7)]
    assert all(row["reason"] for row in rows)


def test_rows_whose_times_have_no_zone_are_used_when_the_zone_is_named(tmp_path):
    path = table(tmp_path, "p,2024-01-01 00:00,ferritin,700,ng/mL")
    result = stormwatch("assess", path, "--instrument", "ohi", "--time-zone", "Europe/Paris")
    assert "1 rows read = 1 used" in result.stderr


def test_vouching_for_a_complete_record_turns_silence_into_no():
    open_ = stormwatch(
        "assess", EXAMPLE, "--instrument", "crs-astct", "--at", "2023-12-28T18:00:00+01:00", "--format", "json"
    )
    vouched = stormwatch(
        *("assess", EXAMPLE, "--instrument", "crs-astct", "--at", "2023-12-28T18:00:00+01:00", "--format", "json"),
        *("--complete", "exposures", "--complete", "findings"),
    )
    before, after = (json.loads(r.stdout)[0]["now"] for r in (open_, vouched))
    assert before["score"]["low"] <= after["score"]["low"] <= after["score"]["high"] <= before["score"]["high"]
    assert after["missing"] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["empty"]),
        ("{", ["JSON"]),
        ('{"resourceType": "Bundle", "entry": []}', ["no patient"]),
        ('{"resourceType": "Questionnaire"}', ["Bundle"]),
        ("[" * 100_000, []),
    ],
)
def test_a_record_that_cannot_be_read_is_one_message_and_exit_code_3(tmp_path, content, words):
    path = tmp_path / "bundle.json"
    path.write_text(content)
    refused(stormwatch("assess", path), 3, *words)


def test_a_missing_file_is_exit_code_3(tmp_path):
    refused(stormwatch("assess", tmp_path / "none.json"), 3, "none.json")


def test_a_file_of_two_gigabytes_is_refused_before_it_fills_the_memory(tmp_path):
    for name in ("huge.json", "huge.csv"):
        path = tmp_path / name
        with path.open("wb") as file:
            file.truncate(2 * 1024**3)
        refused(stormwatch("assess", path), 3)


def test_several_patients_need_a_choice(tmp_path):
    path = table(tmp_path, "p,2024-01-01T00:00:00Z,ferritin,700,ng/mL", "q,2024-01-01T00:00:00Z,ferritin,700,ng/mL")
    refused(stormwatch("assess", path), 3, "--patient")
    assert stormwatch("assess", path, "--patient", "q").returncode == 0
    refused(stormwatch("assess", path, "--patient", "r"), 2)


def test_unknown_names_are_usage_errors_with_a_suggestion():
    refused(stormwatch("assess", EXAMPLE, "--instrument", "h-score"), 2, "hscore")


@pytest.mark.parametrize("at", ["yesterday", "2024-13-01", "2024-01-01T25:00:00Z"])
def test_a_moment_that_is_none_is_a_usage_error(at):
    refused(stormwatch("assess", EXAMPLE, "--at", at), 2)


def test_an_unknown_option_is_a_usage_error():
    assert stormwatch("assess", EXAMPLE, "--nonsense").returncode == 2


def test_no_patient_value_stands_in_a_message(tmp_path):
    path = table(tmp_path, "p,2024-01-01T00:00:00Z,ferritin,SECRET-31415,ng/mL", "p,SECRET-TIME,ferritin,1,ng/mL")
    result = stormwatch("assess", path)
    assert "SECRET" not in result.stderr


def test_a_record_with_nothing_usable_says_so(tmp_path):
    path = table(tmp_path, "p,2024-01-01T00:00:00Z,shoe size,44,EU")
    result = stormwatch("assess", path)
    assert result.returncode == 2
    assert "no fact" in result.stderr
