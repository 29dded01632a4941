"""Writes the generated pages of the manual: a page for each instrument, the format, the commands.

`make docs` runs it. A test compares the files with what the program would write today, so they cannot drift.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stormwatch.explain.handbook import page
from stormwatch.instruments.catalogue import instrument, shipped
from stormwatch.instruments.schema import InstrumentFile
from stormwatch.sources.derived import descriptions

DOCS = Path(__file__).resolve().parent


def main() -> None:
    for path, text in generated():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file and its content."""
    yield DOCS / "instruments" / "index.md", _index()
    for name in shipped():
        yield DOCS / "instruments" / f"{name}.md", page(instrument(name))
    yield DOCS / "reference" / "instrument-format.md", _format()
    yield DOCS / "reference" / "instrument.schema.json", _schema() + "\n"
    yield DOCS / "reference" / "commands.md", _commands()
    yield DOCS / "reference" / "derived.md", _derived()


def _index() -> str:
    lines = [
        "# Instruments",
        "",
        "One page for each published instrument, made from the file that is evaluated. Evidence: *primary* was seen",
        "in the publication or a faithful copy of its table, *secondary* elsewhere, *unconfirmed* nowhere good",
        "enough; what is unconfirmed is shown and never decides.",
        "",
        "| instrument | edition | kind | evidence of the result |",
        "| --- | --- | --- | --- |",
    ]
    for name in shipped():
        definition = instrument(name).definition
        row = (f"[{definition.title}]({name}.md)", definition.edition, definition.kind, definition.result.evidence)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def _schema() -> str:
    return json.dumps(InstrumentFile.model_json_schema(), ensure_ascii=False, indent=1)


def _format() -> str:
    """Every table of the format with its keys, read off the schema."""
    schema = InstrumentFile.model_json_schema()
    lines = [
        "# The format of instrument files",
        "",
        "One TOML file is one edition of one published instrument. Criteria inherit `analyte`, `take`, `within`,",
        "`unit`, `relative_to` and `at_baseline` from their item, and `take` and `within` from `look_back`. The",
        "machine-readable form is [instrument.schema.json](instrument.schema.json). To check a file:",
        "`stormwatch instruments check FILE`.",
        "",
    ]
    tables = {"InstrumentFile": schema, **schema["$defs"]}
    for name, table in tables.items():
        if "properties" in table:
            lines += [f"## {name}", "", *_described(table), "| key | needed | meaning |", "| --- | --- | --- |"]
            lines += [_key(key, value, table.get("required", [])) for key, value in table["properties"].items()]
            lines.append("")
    return "\n".join(lines)


def _described(table: dict[str, str]) -> list[str]:
    return [table["description"].split("\n\n")[0].replace("\n", " "), ""] if "description" in table else []


def _key(key: str, value: dict[str, str], required: list[str]) -> str:
    meaning = value.get("description", "").replace("|", "or")
    return f"| `{key}` | {'yes' if key in required else ''} | {meaning} |"


def _derived() -> str:
    lines = [
        "# Derived quantities",
        "",
        "What is computed from recorded parts when a record is read. A measured value wins over a derived one, each",
        "derived value names its parts, and nothing is derived from parts that contradict each other.",
        "",
        "| derived | from | how close in time | how | source |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [f"| {' | '.join((d.name, d.parts, d.window, d.formula, d.source))} |" for d in descriptions()]
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = ["# Commands", "", "What `--help` prints, for each command.", ""]
    for command in _every_command():
        lines += [f"## stormwatch {' '.join(command)}".rstrip(), "", "```text", _help(command), "```", ""]
    return "\n".join(lines)


def _every_command() -> list[tuple[str, ...]]:
    """Every command in the order of the program's own help, groups before what they hold."""
    from typer.main import get_command

    from stormwatch.cli.main import app

    return list(_below((), get_command(app)))


def _below(name: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
    yield name
    for part, inner in getattr(command, "commands", {}).items():
        yield from _below((*name, part), inner)


def _help(command: tuple[str, ...]) -> str:
    environment = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    line = [sys.executable, "-m", "stormwatch", *command, "--help"]
    done = subprocess.run(line, capture_output=True, text=True, check=True, env=environment)
    return "\n".join(row.rstrip() for row in done.stdout.strip().splitlines())


if __name__ == "__main__":
    main()
