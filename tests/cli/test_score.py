"""``stormwatch score``: a calculator on partial answers, with units."""

import json
import os
import pty
import subprocess
import sys

import pytest

from stormwatch.instruments.catalogue import shipped


def stormwatch(*arguments, **options):
    command = [sys.executable, "-m", "stormwatch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def now(*arguments):
    result = stormwatch("score", *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["now"]


def test_partial_answers_give_the_range_of_the_published_points():
    # 33 for 38.9 degrees, 50 for ferritin, 19 for AST; the six open items can add 18 + 38 + 34 + 64 + 30 + 35
    answer = now("hscore", "--temperature", "38.9 Cel", "--ferritin", "10749 ng/mL", "--ast", "130 U/L")
    assert (answer["score"]["low"], answer["score"]["high"]) == (102, 321)
    assert answer["verdict"] == "unknown"


def test_a_settled_verdict_is_given_though_answers_are_open():
    answer = now(
        "hlh-2004",
        *["--fever", "yes", "--splenomegaly=yes", "--haemophagocytosis", "yes", "--ferritin"],
        "500 ug/L",
        "--sil2r",
        "2400 U/mL",
    )
    assert answer["verdict"] == "met"
    assert answer["missing"]


def test_units_are_converted():
    one = now("easix", "--ldh", "800 U/L", "--creatinine", "2 mg/dL", "--platelets", "50 K/uL")
    other = now("easix", "--ldh", "800 U/L", "--creatinine", "176.8 umol/L", "--platelets", "50000 /uL")
    assert one["score"]["low"] == other["score"]["low"] == 32


def test_reference_limits_are_answers_too():
    # 6.25 times the upper limit is grade 3 with a normal value before treatment, which nobody stated here
    items = {item["id"]: item["value"] for item in now("ctcae-v5", "--ast", "250 U/L", "--ast-uln", "40 U/L")["items"]}
    assert items["ast"] == {"low": 0, "high": 3}


def test_a_drug_can_be_denied_for_its_whole_class():
    base = ("crs-astct", "--temperature", "38.0 Cel", "--low-flow-oxygen", "yes", "--high-flow-oxygen", "no")
    rest = ("--positive-pressure-ventilation", "no", "--drug:vasopressor", "no")
    assert now(*base, *rest)["score"]["text"] == "2"


def test_without_answers_the_questions_are_listed():
    result = stormwatch("score", "ohi")
    assert "--sil2r" in result.stdout
    assert "--ferritin" in result.stdout


@pytest.mark.parametrize("name", shipped())
def test_every_instrument_can_be_scored_on_nothing(name):
    result = stormwatch("score", name)
    assert result.returncode == 0, result.stderr
    assert "Questions:" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("hscore", "--ferritn", "500 ng/mL"), "ferritin"),
        (("hscore", "--ferritin", "500"), "unit"),
        (("hscore", "--ferritin", "500 furlong"), "unit"),
        (("hscore", "--ferritin", "lots ng/mL"), "ferritin"),
        (("hscore", "--splenomegaly", "perhaps"), "yes or no"),
        (("hscore", "--ferritin", "1 ng/mL", "--ferritin", "2 ng/mL"), "twice"),
        (("hscore", "500"), "question"),
        (("h-score",), "hscore"),
        (("crs-astct", "--drug:vasopressor", "yes"), "name the drug"),
    ],
)
def test_a_wrong_answer_is_one_message_and_exit_code_2(arguments, word):
    result = stormwatch("score", *arguments)
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    assert word in result.stderr


def test_interactive_needs_a_terminal():
    result = stormwatch("score", "ohi", "--interactive", stdin=subprocess.DEVNULL)
    assert result.returncode == 2


def test_interactive_asks_item_by_item_and_accepts_correction():
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "stormwatch", "score", "ohi", "--interactive", "--json"]
    process = subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.close(terminal)
    os.write(main, b"4000\n4000 U/mL\n1001 ng/mL\n")
    out, err = process.communicate(timeout=60)
    os.close(main)
    assert "unit" in err
    assert json.loads(out)["now"]["verdict"] == "met"


def test_a_hospital_completes_an_instrument_in_its_own_folder(tmp_path):
    text = shipped()["ohi"].read_text().replace("value = 3900", "value = 5000")
    (tmp_path / "ohi.toml").write_text(text)
    answers = ("ohi", "--sil2r", "4000 U/mL", "--ferritin", "2000 ng/mL")
    assert now(*answers)["verdict"] == "met"
    assert now(*answers, "--instruments-dir", tmp_path)["verdict"] == "not met"
    assert stormwatch("score", "ohi", "--instruments-dir", tmp_path / "none").returncode == 2
