"""``stormwatch score``: a calculator at the command line for any instrument, with units, on partial answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormwatch.errors import UsageError

if TYPE_CHECKING:
    from stormwatch.engines.questions import Question
    from stormwatch.instruments.instrument import Instrument

SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}


def score(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="An instrument's id, such as hscore.")],
    interactive: Annotated[bool, typer.Option("--interactive", help="Ask item by item.")] = False,
    complete: Annotated[
        list[str] | None, typer.Option(help="Vouch that what is not answered is no: exposures or findings.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    instruments_dir: Annotated[Path | None, typer.Option(help="A folder with instrument files of your own.")] = None,
    include_unconfirmed: Annotated[bool, typer.Option(help="Let criteria with unconfirmed evidence decide.")] = False,
) -> None:
    """Score one instrument on the answers given, with their units; what is not answered stays open.

    Each question is an option: --ferritin "10749 ng/mL", --ast-uln "40 U/L", --splenomegaly yes, --age "45 a",
    --drug:norepinephrine yes. Without any answer, the questions are listed.

    Example: stormwatch score hscore --temperature "38.9 Cel" --ferritin "10749 ng/mL" --ast "130 U/L"
    """
    from stormwatch.cli.catalogue import Catalogue
    from stormwatch.engines.questions import questions

    instrument = Catalogue(instruments_dir, withhold=not include_unconfirmed).find(name)
    answers = _answers(context.args)
    asked = questions(instrument)
    _check(answers, asked, name)
    if interactive:
        _ask(instrument, asked, answers, complete or [])
    payload = _payload(instrument, answers, complete or [])
    if as_json:
        import json

        typer.echo(json.dumps(payload, ensure_ascii=False, indent=1))
        return
    _print(payload, asked, answered=bool(answers))


def _answers(arguments: list[str]) -> dict[str, str]:
    """``--name value`` and ``--name=value`` pairs; a name before another option or at the end means yes."""
    found: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        option = rest.pop(0)
        if not option.startswith("--"):
            raise UsageError(f"{option[:40]!r} stands without a question; answers are given as --question value")
        key, equals, value = option[2:].partition("=")
        if not equals:
            value = rest.pop(0) if rest and not rest[0].startswith("--") else "yes"
        key = key.replace("-", "_")
        if key in found:
            raise UsageError(f"--{key} is answered twice; the worst or the latest value is for you to choose")
        found[key] = value
    return found


def _check(answers: dict[str, str], asked: list[Question], name: str) -> None:
    """Refuse an answer to a question this instrument does not ask: it would change nothing, silently."""
    from difflib import get_close_matches

    known = {question.name for question in asked} | {"age", "sex"}
    for key in answers:
        if key in known or key.startswith("drug:") or key.endswith(("_uln", "_lln")):
            continue
        near = ", ".join(get_close_matches(key, known, n=3, cutoff=0.4)) or "none"
        raise UsageError(f"{name} does not ask {key[:40]!r}; the nearest questions: {near}")


def _payload(instrument: Instrument, answers: dict[str, str], complete: list[str]) -> dict[str, Any]:
    from stormwatch.engines.readings import Readings
    from stormwatch.engines.reference import track
    from stormwatch.explain.payload import track_payload
    from stormwatch.sources import answers_timeline
    from stormwatch.sources.answers import UNDATED

    timeline = answers_timeline(answers, complete=complete)
    return track_payload(track(instrument, Readings(timeline), UNDATED), {"now"})


def _print(payload: dict[str, Any], asked: list[Question], *, answered: bool) -> None:
    from stormwatch.cli.output import colours
    from stormwatch.explain.text import answer_text
    from stormwatch.explain.words import question as words

    typer.echo(answer_text(payload, style=colours()), nl=False)
    if not answered:
        typer.echo("\n  Questions:")
        for question in asked:
            typer.echo(f"    --{question.name.replace('_', '-'):<28} {words(question.input)}")


def _ask(instrument: Instrument, asked: list[Question], answers: dict[str, str], complete: list[str]) -> None:
    """Ask for what is not answered yet; Enter leaves a question open."""
    from stormwatch.cli.output import colours
    from stormwatch.explain.text import headline
    from stormwatch.explain.words import question as words

    if not sys.stdin.isatty():
        raise UsageError("--interactive asks at a terminal; give the answers as options instead")
    for question in asked:
        if question.name in answers:
            continue
        while True:
            said = typer.prompt(f"{question.name} ({words(question.input)})", default="", show_default=False, err=True)
            try:
                payload = _payload(instrument, {**answers, question.name: said}, complete)
            except UsageError as error:
                typer.echo(f"  {error}", err=True)
                continue
            break
        if said:
            answers[question.name] = said
            typer.echo(f"  {headline(payload['now'], style=colours())}", err=True)
