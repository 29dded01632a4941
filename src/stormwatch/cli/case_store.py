"""``stormwatch case store``: every version of a case, who made it, when and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from stormwatch.cli.moment import moment

app = typer.Typer(help="Keep every version of a case; nothing is ever overwritten.", no_args_is_help=True)
Address = Annotated[str, typer.Option("--store", help="A file (SQLite), or the address of a PostgreSQL database.")]
_DEFAULT = "cases.sqlite"


@app.command()
def save(
    file: Annotated[Path, typer.Argument(help="A drafted case (JSON) or an E2B(R3) message with one case.")],
    who: Annotated[str, typer.Option(help="Who puts it there.")],
    store: Address = _DEFAULT,
    number: Annotated[str | None, typer.Option(help="The number of the case. Default: its C.1.1.")] = None,
    why: Annotated[str, typer.Option(help="For what reason.")] = "",
    after: Annotated[
        int | None, typer.Option(help="The version it was made from; refused when a newer one is in.")
    ] = None,
    at: Annotated[datetime | None, typer.Option(help="When (UTC). Default: now.")] = None,
) -> None:
    """Put a further version of a case into the store.

    Example: stormwatch case store save case.json --who "A. Reviewer"
    """
    from stormwatch.errors import UsageError
    from stormwatch.safety.casefile import cases
    from stormwatch.safety.store import Store

    held = cases(file)
    name = number or (held[0].get("C.1.1") if len(held) == 1 else None)
    if not name:
        raise UsageError("the file names no single case (C.1.1); give its number with --number")
    with Store(store) as opened:
        made = opened.add(name, file.read_bytes(), who=who, at=moment(at), why=why, after=after)
    typer.echo(f"{made.case} version {made.number}")


@app.command()
def history(
    number: Annotated[str, typer.Argument(help="The number of the case.")],
    store: Address = _DEFAULT,
) -> None:
    """Who changed what and when: each version with the elements that differ from the one before.

    Example: stormwatch case store history US-HOSP-1
    """
    from stormwatch.errors import UnknownName
    from stormwatch.safety.history import history as told
    from stormwatch.safety.store import Store

    with Store(store) as opened:
        versions = opened.versions(number)
    if not versions:
        raise UnknownName("the store has no such case")
    for one, changes in told(versions):
        reason = f": {one.why}" if one.why else ""
        typer.echo(f"version {one.number}, {one.at.isoformat()}, {one.who}{reason}")
        for change in changes:
            typer.echo(f"  {change.kind:<8} {change.path}")


@app.command()
def get(
    number: Annotated[str, typer.Argument(help="The number of the case.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    version: Annotated[int | None, typer.Option(help="Which version. Default: the last.")] = None,
    store: Address = _DEFAULT,
) -> None:
    """Write one version of a case as it was put in.

    Example: stormwatch case store get US-HOSP-1 --version 1 -o first.json
    """
    from stormwatch.safety.e2b.saving import save_pieces
    from stormwatch.safety.store import Store

    with Store(store) as opened:
        held = opened.version(number, version)
    save_pieces([held.content], output)
    typer.echo(f"Written: {output} (version {held.number})", err=True)


@app.command()
def verify(store: Address = _DEFAULT) -> None:
    """Check that no version was changed or lost. Exit code 5 when one was.

    Example: stormwatch case store verify
    """
    from stormwatch.safety.store import Store

    with Store(store) as opened:
        typer.echo(f"{opened.verify()} versions, each as it was put in")
