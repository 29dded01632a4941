"""``stormwatch guidance``: list the documents, show one, hold them against a patient's course."""

from __future__ import annotations

from typing import Annotated

import typer

from stormwatch.cli.record import At, MapFile, PatientId, Zone

app = typer.Typer(
    help="What labels and guidelines say, dated and cited: list them, read one, hold them against a patient's course.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Unconfirmed = Annotated[bool, typer.Option("--unconfirmed", help="Show rows that no source confirmed, marked.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List every document: id, when it was seen, what it is.

    Example: stormwatch guidance list
    """
    import json

    from stormwatch.guidance import document, documents
    from stormwatch.guidance.payload import head

    heads = [head(document(name)) for name in documents()]
    if as_json:
        typer.echo(json.dumps(heads, ensure_ascii=False, indent=1))
        return
    for one in heads:
        typer.echo(f"{one['id']:<26} {one['kind']:<9} seen {one['seen']}  {one['title']}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A document's id, such as blinatumomab-us.")],
    unconfirmed: Unconfirmed = False,
    as_json: AsJson = False,
) -> None:
    """Show one document: its rows, sections, evidence and sources.

    Example: stormwatch guidance show blinatumomab-us
    """
    import json

    from stormwatch.guidance import document
    from stormwatch.guidance.payload import document_payload
    from stormwatch.guidance.text import document_text

    shown = document_payload(document(name), unconfirmed=unconfirmed)
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=1) if as_json else document_text(shown), nl=as_json)


@app.command("apply")
def apply_(
    path: Annotated[str, typer.Argument(help="A record, as for assess.")],
    patient: PatientId = None,
    document: Annotated[
        list[str] | None, typer.Option(help="A document's id; repeat for more. Default: those that concern the course.")
    ] = None,
    at: At = None,
    zone: Zone = None,
    map_file: MapFile = None,
    unconfirmed: Unconfirmed = False,
    as_json: AsJson = False,
) -> None:
    """Hold the documents against one patient: which rows apply, on which facts, and what they name.

    Example: stormwatch guidance apply examples/blinatumomab-mas.json
    """
    import json

    from stormwatch import sources
    from stormwatch.cli import output as out
    from stormwatch.course.follow import follow
    from stormwatch.guidance import says
    from stormwatch.guidance.payload import payload
    from stormwatch.guidance.text import said_text

    timeline = sources.read(path, patient=patient, zone=zone, map=map_file, progress=out.progress())
    out.account(timeline, None)
    shown = payload(says(follow(timeline, at=at), document, unconfirmed=unconfirmed))
    typer.echo(json.dumps(shown, ensure_ascii=False, indent=1) if as_json else said_text(shown), nl=as_json)
