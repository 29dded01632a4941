"""``stormwatch sources``: what was understood of a record, and what was not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormwatch.cli.record import MapFile, Schema, Zone
from stormwatch.errors import UsageError

if TYPE_CHECKING:
    from stormwatch.facts import Timeline
    from stormwatch.instruments.instrument import Instrument

app = typer.Typer(
    help="The records: see what was understood of one, draft a map for a table.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def inspect(
    path: Annotated[str, typer.Argument(help="A record, as `stormwatch assess` reads it.")],
    patient: Annotated[str | None, typer.Option(help="Look at this patient only. Default: all.")] = None,
    map_file: MapFile = None,
    schema: Schema = "",
    zone: Zone = None,
    html: Annotated[Path | None, typer.Option(help="Write the report to this HTML file, too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report data quality: units, censored and rejected values, repeats, gaps, unknown codes, what is lacking.

    Example: stormwatch sources inspect labs.csv --time-zone UTC --html quality.html
    """
    import json

    from stormwatch.sources.quality import quality, quality_html, quality_text

    options = {"zone": zone, "map": map_file, "schema": schema}
    payload = quality(_timelines(path, patient, options), _needs())
    if html is not None:
        _write(html, quality_html(payload))
    typer.echo(json.dumps(payload, ensure_ascii=False, indent=1) if as_json else quality_text(payload), nl=as_json)


@app.command("draft-map")
def draft_map(path: Annotated[Path, typer.Argument(help="A local table: CSV, TSV, Parquet or XLSX.")]) -> None:
    """Propose a map for a local table, for a person to correct: columns, units, codes, times.

    Example: stormwatch sources draft-map labs.xlsx > labs.toml
    """
    from stormwatch.sources.mapped import draft_map as draft

    typer.echo(draft(path), nl=False)


def _timelines(path: str, patient: str | None, options: dict[str, Any]) -> Iterator[Timeline]:
    """The patients of the record one by one, with what can be derived; how many so far goes to stderr."""
    from stormwatch.sources import iterate, read

    if patient is not None:
        yield read(path, patient=patient, **options)
        return
    count = 0
    for count, timeline in enumerate(iterate(path, **options), start=1):
        if sys.stderr.isatty():
            typer.echo(f"\r{count} patients read", err=True, nl=False)
        yield timeline
    typer.echo(f"\r{count} patients read", err=True)


def _needs() -> dict[str, list[str]]:
    """What the score and the verdict of each published instrument ask."""
    from stormwatch.instruments.catalogue import instrument, shipped

    return {name: asked for name in shipped() if (asked := _asked(instrument(name)))}


def _asked(one: Instrument) -> list[str]:
    from stormwatch.logic.inputs import DrugInput, FindingInput, LabInput

    asked = set()
    for which in (which for node in (one.score, one.verdict) if node is not None for which in node.inputs):
        if isinstance(which, LabInput):
            asked.add(which.analyte)
        elif isinstance(which, FindingInput):
            asked.add(which.finding)
        elif isinstance(which, DrugInput):
            asked.add(which.label.partition(" without ")[0])
    return sorted(asked)


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: the report cannot be written here ({error.strerror})") from None


@app.command()
def fetch(
    base_url: Annotated[str, typer.Argument(help="The address of a FHIR R4 server; no other is called.")],
    patient: Annotated[str, typer.Option(help="The id of the Patient resource.")],
    into: Annotated[Path, typer.Option("--into", "-o", help="The folder to download into; the same call resumes.")],
    since: Annotated[str | None, typer.Option(help="Only what changed from this time on (with its offset).")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file that holds a bearer token.")] = None,
    client_id: Annotated[str, typer.Option(help="A client of SMART backend services; needs --key-file.")] = "",
    key_file: Annotated[Path | None, typer.Option(help="Its private key (PEM or JWK; RSA or P-384).")] = None,
    key_id: Annotated[str, typer.Option(help="The kid under which the server knows the key.")] = "",
    scope: Annotated[str, typer.Option(help="The scope asked for.")] = "system/*.read",
    token_url: Annotated[str, typer.Option(help="The token endpoint, where it is on another host.")] = "",
) -> None:
    """Download one patient's record from a FHIR server into a folder, which `assess` reads.

    Example: stormwatch sources fetch https://fhir.example.org/r4 --patient 123 --into record
    """
    from stormwatch.sources.fhir_store import Credentials
    from stormwatch.sources.fhir_store import fetch as download

    if bool(client_id) != (key_file is not None):
        raise UsageError("--client-id and --key-file go together")
    credentials = None if key_file is None else Credentials(client_id, key_file, key_id, scope, token_url)

    def progress(received: int) -> None:
        typer.echo(f"\r{received} resources received", err=True, nl=False)

    found = download(
        *(base_url, patient),
        into=into,
        since=since,
        token=None if token_file is None else _token(token_file),
        credentials=credentials,
        progress=progress,
    )
    typer.echo(err=True)
    typer.echo(f"{found.received} resources in {into}; {found.repeated} came twice and count once")
    for kind in found.not_offered:
        typer.echo(f"the server does not offer {kind}: the record says nothing about it")
    typer.echo(f"next time: --since {found.until}")


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path}: the file with the token cannot be read") from None
