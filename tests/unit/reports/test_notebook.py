"""In IPython, what people compute shows as tables and pictures; elsewhere nothing is loaded."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLE = REPOSITORY / "examples" / "blinatumomab-mas.json"


@pytest.fixture(scope="module")
def shell():
    shell = InteractiveShell.instance()
    shell.user_ns["path"] = str(EXAMPLE)
    shell.run_cell("import stormwatch as sw; timeline = sw.read(path)", store_history=False).raise_error()
    yield shell
    InteractiveShell.clear_instance()


def shown(shell, expression):
    value = shell.ev(expression)
    data, _ = shell.display_formatter.format(value)
    return data["text/html"]


def test_a_timeline_shows_what_it_holds(shell):
    page = shown(shell, "timeline")
    assert "461 facts" in page
    assert re.search(r">Ferritin</t[dh]><td[^>]*>13<", page)


def test_an_assessment_shows_its_items_and_what_is_missing(shell):
    page = shown(shell, "sw.assess(timeline, 'hscore', at='2023-12-28T14:00:00+01:00')")
    assert "149 to 296" in page
    assert "never recorded" in page


def test_a_course_shows_the_story_and_the_picture(shell):
    page = shown(shell, "sw.follow(timeline)")
    assert "<svg" in page
    assert "held" in page
    assert "confounded" in page


def test_without_a_notebook_nothing_of_it_is_loaded():
    line = "import sys, stormwatch as sw; sw.read; print('stormwatch.reports' in sys.modules, 'IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
