"""``stormwatch instruments``: list, show, compare and check the definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The published instruments: list them, read one, compare two, check a file of your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Folder = Annotated[Path | None, typer.Option("--instruments-dir", help="A folder with instrument files of your own.")]


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    instruments_dir: Folder = None,
) -> None:
    """List every instrument: id, edition, what it is.

    Example: stormwatch instruments list
    """
    import json

    from stormwatch.cli.catalogue import Catalogue
    from stormwatch.explain.payload import instrument_payload

    known = Catalogue(instruments_dir)
    payloads = [instrument_payload(known.find(name)) for name in known.names]
    if as_json:
        typer.echo(json.dumps(payloads, ensure_ascii=False, indent=1))
        return
    for one in payloads:
        mark = "" if one["evidence"] != "unconfirmed" else "  (result unconfirmed)"
        typer.echo(f"{one['id']:<18} {one['edition']:<6} {one['kind']:<9} {one['title']}{mark}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="An instrument's id, such as hscore.")], instruments_dir: Folder = None
) -> None:
    """Show one instrument: population, items, cut-offs, evidence, citation, pitfalls.

    Example: stormwatch instruments show hscore
    """
    from stormwatch.cli.catalogue import Catalogue
    from stormwatch.explain.handbook import page

    typer.echo(page(Catalogue(instruments_dir).find(name)), nl=False)


@app.command()
def diff(
    one: Annotated[str, typer.Argument(help="An instrument's id.")],
    other: Annotated[str, typer.Argument(help="Another's.")],
    instruments_dir: Folder = None,
) -> None:
    """Compare two instruments: what only one asks, and where they ask the same thing differently.

    Example: stormwatch instruments diff hlh-2004 hlh-2024
    """
    from stormwatch.cli.catalogue import Catalogue
    from stormwatch.explain.differences import differences

    known = Catalogue(instruments_dir)
    typer.echo(differences(known.find(one), known.find(other)), nl=False)


@app.command()
def check(file: Annotated[Path, typer.Argument(help="An instrument file in TOML.")]) -> None:
    """Check an instrument file: format, names, units, and its own worked examples.

    Example: stormwatch instruments check my_rule.toml
    """
    from stormwatch.engines.examples import failures
    from stormwatch.errors import CheckFailed
    from stormwatch.instruments.catalogue import load
    from stormwatch.sources import answers_timeline

    loaded = load(file)
    wrong = failures(loaded, lambda given, complete: answers_timeline(given, complete=complete))
    if wrong:
        raise CheckFailed("\n".join(f"{file}: {one}" for one in wrong))
    count = len(loaded.definition.examples)
    typer.echo(f"{file}: valid; {len(loaded.items)} items, {count} worked examples come out as stated")


@app.command()
def schema() -> None:
    """Print the JSON Schema of instrument files.

    Example: stormwatch instruments schema
    """
    import json

    from stormwatch.instruments.schema import InstrumentFile

    typer.echo(json.dumps(InstrumentFile.model_json_schema(), ensure_ascii=False, indent=1))
