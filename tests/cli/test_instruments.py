"""``stormwatch instruments``: list, show, check."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stormwatch.instruments.catalogue import shipped


def stormwatch(*arguments):
    command = [sys.executable, "-m", "stormwatch", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_list_names_every_instrument():
    result = stormwatch("instruments", "list")
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(shipped())
    assert [one["id"] for one in json.loads(stormwatch("instruments", "list", "--json").stdout)] == list(shipped())


def test_show_prints_population_items_cut_offs_citation_and_pitfalls():
    page = stormwatch("instruments", "show", "hscore").stdout
    for words in ("Population", "38.4", "169", "Fardet", "10.1002/art.38690", "Pitfalls", "40–54 %", "our choice"):
        assert words in page


@pytest.mark.parametrize("name", shipped())
def test_check_accepts_what_ships(name):
    assert stormwatch("instruments", "check", shipped()[name]).returncode == 0


def edited(tmp_path: Path, *changes) -> Path:
    text = shipped()["ohi"].read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("change", "line_with", "words"),
    [
        (('unit = "ng/mL" }', 'unit = "furlong" }'), "furlong", "unit"),
        (('analyte = "ferritin"', 'analyte = "feritin"'), "feritin", "ferritin"),
        (('op = ">", value = 3900', 'op = "~", value = 3900'), "~", "op"),
        (('evidence = "primary"\nanalyte', 'evidnce = "primary"\nanalyte'), "evidnce", "evidnce"),
        (('{ item = "soluble_cd25" }', '{ item = "cd25" }'), "cd25", "soluble_cd25"),
    ],
)
def test_check_names_the_line_and_the_fault(tmp_path, change, line_with, words):
    path = edited(tmp_path, change)
    result = stormwatch("instruments", "check", path)
    assert result.returncode == 4
    assert "Traceback" not in result.stderr
    assert words in result.stderr
    lines = path.read_text().splitlines()
    number = int(result.stderr.split(":")[2])
    assert any(line_with in line for line in lines[number - 2 : number + 2]), (number, result.stderr)


def test_check_reports_a_worked_example_that_does_not_come_out(tmp_path):
    path = edited(tmp_path, ('score = 1\nverdict = "not met"', 'score = 1\nverdict = "met"'))
    result = stormwatch("instruments", "check", path)
    assert result.returncode == 5
    assert "example 1" in result.stderr


def test_check_refuses_what_is_not_toml(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("this is not = = toml")
    assert stormwatch("instruments", "check", path).returncode == 4
    assert stormwatch("instruments", "check", tmp_path / "none.toml").returncode == 4


def test_show_suggests_the_nearest_name():
    result = stormwatch("instruments", "show", "hlh2004")
    assert result.returncode == 2
    assert "hlh-2004" in result.stderr
