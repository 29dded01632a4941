"""``stormwatch instruments``: list, show and check the definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="The published instruments: list them, read one, check a file of your own.", no_args_is_help=True
)


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List every instrument: id, edition, what it is.

    Example: stormwatch instruments list
    """
    import json

    from stormwatch.explain.payload import instrument_payload
    from stormwatch.instruments.catalogue import instrument, shipped

    payloads = [instrument_payload(instrument(name)) for name in shipped()]
    if as_json:
        typer.echo(json.dumps(payloads, ensure_ascii=False, indent=1))
        return
    for one in payloads:
        typer.echo(f"{one['id']:<16} {one['edition']:<8} {one['kind']:<9} {one['title']}")


@app.command()
def show(name: Annotated[str, typer.Argument(help="An instrument's id, such as hscore.")]) -> None:
    """Show one instrument: population, items, cut-offs, evidence, citation, pitfalls.

    Example: stormwatch instruments show hscore
    """
    from stormwatch.explain.handbook import page
    from stormwatch.instruments.catalogue import instrument

    typer.echo(page(instrument(name)), nl=False)


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
