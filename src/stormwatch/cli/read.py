"""``stormwatch read``: a case report with its facts marked, what they are, and what published criteria make of it."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormwatch.errors import InputError, UsageError

if TYPE_CHECKING:
    from stormwatch.literature.page.text import Mark
    from stormwatch.sources.text import Saved
    from stormwatch.sources.text.llm import Answered

_ANSWERS = Path("model-answers")
_COLOURS = {
    "lab": "blue", "level": "blue", "drug": "yellow", "intervention": "yellow", "finding": "green",
    "disease": "green", "course": "magenta", "score": "magenta",
}  # fmt: skip


class Form(StrEnum):
    """How a reading is shown."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"


def read(
    path: Annotated[
        str, typer.Argument(help="A report: TXT, RIS, nbib, BibTeX, XML, or a saved reading; - for standard input.")
    ],
    record: Annotated[int | None, typer.Option(help="Which document, from 1, when the file holds several.")] = None,
    patient: Annotated[str | None, typer.Option(help="Assess this patient only, by number.")] = None,
    instrument: Annotated[
        list[str] | None, typer.Option(help="An instrument's id; repeat for more. Default: all.")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="json: a reading that assess and report take.")] = Form.TEXT,
    server: Annotated[
        str, typer.Option("--model-server", help="Ask a language model at this address, too: http://localhost:8000/v1.")
    ] = "",
    model: Annotated[str, typer.Option(help="The model's name; its key, if any, is in STORMWATCH_MODEL_KEY.")] = "",
    answers: Annotated[Path, typer.Option("--model-cache", help="The folder that keeps its answers.")] = _ANSWERS,
    seconds: Annotated[float, typer.Option("--model-timeout", min=0.1, help="How long it may be silent.")] = 120,
    edit: Annotated[bool, typer.Option("--edit", help="Correct facts in your editor ($VISUAL or $EDITOR).")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
) -> None:
    """Read a case report: its words become facts, each with the place where it stands; criteria with ranges.

    Example: stormwatch read examples/case-report.txt --instrument ctcae-v5
    """
    saved, was_saved = _opened(path, record)
    answered = None
    if server or model:
        if was_saved:
            raise UsageError("a saved reading is not read again; give the report itself to the language model")
        saved, answered = _asked(saved, server, model, answers, seconds)
        if edit or form is Form.JSON:  # the other forms tell it themselves
            _tell(saved, answered)
    if edit:
        _edit(saved, _kept_in(path, output, was_saved=was_saved))
        return
    page = _page(saved, patient, instrument or [], form, answered, colour=output is None)
    if output is None:
        typer.echo(page, nl=False)
    else:
        _write(output, page)


def _opened(path: str, record: int | None) -> tuple[Saved, bool]:
    """The reading, and whether the file was a saved one already."""
    from stormwatch.sources.opening import file_name, opened
    from stormwatch.sources.text import Saved, is_reading, load_reading, read_text

    if path.endswith(".json"):
        with opened(path) as stream:
            content = stream.read().decode("utf-8-sig", errors="replace")
        if is_reading(content):
            return load_reading(content, file_name(path)), True
    return Saved(read_text(path, record)), False


def _page(
    saved: Saved,
    patient: str | None,
    instruments: list[str],
    form: Form,
    answered: Answered | None,
    *,
    colour: bool,
) -> str:
    if form is Form.JSON:
        return _json(saved)
    from stormwatch.cli import output as out
    from stormwatch.cli.catalogue import Catalogue
    from stormwatch.literature.page.html import reading_html
    from stormwatch.literature.page.payload import reading_payload
    from stormwatch.literature.page.text import numbered, reading_text

    known = Catalogue(None, withhold=True)
    payload = reading_payload(saved, [known.find(name) for name in (instruments or known.names)], patient, answered)
    if form is Form.HTML:
        return reading_html(payload)
    coloured = colour and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return reading_text(payload, mark=_coloured() if coloured else numbered, style=out.colours())


def _coloured() -> Mark:
    def mark(text: str, kind: str, facts: list[int]) -> str:
        return typer.style(text, fg=_COLOURS.get(kind, "cyan"), underline=True)

    return mark


def _json(saved: Saved) -> str:
    import json

    from stormwatch.sources.text import reading_json

    return json.dumps(reading_json(saved.reading, saved.corrections), ensure_ascii=False, indent=1) + "\n"


# --- a language model -------------------------------------------------------------------------------------------


def _asked(saved: Saved, server: str, model: str, answers: Path, seconds: float) -> tuple[Saved, Answered]:
    """The reading with what a language model found besides, and what became of its answer."""
    from stormwatch.sources.text import Saved
    from stormwatch.sources.text.llm import Cache, ChatClient, ModelReader, together

    if not (server and model):
        raise UsageError("a language model needs both: --model-server for its address and --model for its name")
    client = ChatClient(server, model, os.environ.get("STORMWATCH_MODEL_KEY", ""), seconds)
    answered = ModelReader(client, Cache(answers)).answered(saved.reading.document)
    return Saved(together(saved.reading, answered.reading, model)), answered


def _tell(saved: Saved, answered: Answered) -> None:
    from stormwatch.literature.page.wording import of_readers

    typer.echo("\n".join(of_readers(saved.reading, answered)), err=True)


# --- corrections -------------------------------------------------------------------------------------------------


def _kept_in(path: str, output: Path | None, *, was_saved: bool) -> Path:
    """The file that keeps the corrections: the saved reading itself, or the one that is named."""
    if output is not None:
        return output
    if not was_saved:
        raise UsageError("name the file that is to keep the corrections: --edit -o reading.json")
    return Path(path)


def _edit(saved: Saved, kept_in: Path) -> None:
    from stormwatch.literature.correcting import corrected

    written: list[str] = []

    def edit(shown: str) -> str:
        written.append(_in_editor(written[-1] if written else shown))
        return written[-1]

    changed = None
    while changed is None:
        try:
            changed = corrected(saved, edit)
        except InputError as problem:  # what was typed is not lost for a comma
            if not (sys.stdin.isatty() and typer.confirm(f"{problem}. Edit again?", default=True, err=True)):
                raise
    _write(kept_in, _json(changed))
    typer.echo(f"{len(changed.corrections)} corrections kept in {kept_in}; what was read is unchanged", err=True)


def _in_editor(text: str) -> str:
    """What a person makes of a text in the editor of their choice."""
    import shlex
    import subprocess
    import tempfile

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UsageError("no editor is named; set EDITOR, such as EDITOR=nano")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "corrections.json"
        file.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(editor), str(file)], check=False)
        except OSError:
            raise UsageError("the editor named in VISUAL or EDITOR cannot be started; check its name") from None
        if done.returncode != 0:
            raise UsageError("the editor ended with an error; nothing was changed")
        return file.read_text(encoding="utf-8")


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: the reading cannot be written here ({error.strerror})") from None
