"""Every example in the manual runs and prints what the page says it prints.

Python blocks run in page order and share names within their page. In a ``console`` block each line starting with
``$ stormwatch`` is run, and the lines below it are what it prints; ``...`` stands for anything.
"""

from __future__ import annotations

import doctest
import shlex
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted(chain(REPOSITORY.glob("*.md"), (REPOSITORY / "docs").rglob("*.md")))
PROMPT = "$ "


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown below it."""
    _, *parts = ("\n" + block).split("\n" + PROMPT)
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def run_console_block(example: Example) -> str | None:
    for command, shown in commands(example.parsed):
        program, *arguments = shlex.split(command)
        if program != "stormwatch":
            continue
        line = [sys.executable, "-m", "stormwatch", *arguments]
        done = subprocess.run(line, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"{command!r} exits with {done.returncode}:\n{done.stderr}"
        if shown and not doctest.OutputChecker().check_output(f"{shown.rstrip()}\n", done.stdout, doctest.ELLIPSIS):
            return f"{command!r} prints\n{done.stdout}\nbut the page shows\n{shown}"
    return None


MANUAL = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        CodeBlockParser(language="console", evaluator=run_console_block),
        SkipParser(),
    ]
)


def parsed(page: Path) -> Document:
    return MANUAL.parse(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_example_of_the_page_runs(page: Path) -> None:
    for example in parsed(page).examples():
        example.evaluate()


def test_console_block_is_split_into_commands_and_their_output() -> None:
    block = "$ stormwatch a\nfirst\nsecond\n$ stormwatch b\n"
    assert commands(block) == [("stormwatch a", "first\nsecond"), ("stormwatch b", "")]
