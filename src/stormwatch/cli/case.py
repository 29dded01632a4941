"""``stormwatch case``: a safety case as a message: checked against the rules of those who take it, and shown."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormwatch.errors import CheckFailed

if TYPE_CHECKING:
    from stormwatch.safety.e2b.findings import Finding

app = typer.Typer(help="The safety case: draft, edit, check, narrate, show, export and store it.", no_args_is_help=True)


class Form(StrEnum):
    icsr = "icsr"
    fda = "fda"


class View(StrEnum):
    xml = "xml"
    elements = "elements"
    decoded = "decoded"


class Output(StrEnum):
    text = "text"
    json = "json"


@app.command()
def check(
    file: Annotated[str, typer.Argument(help="A drafted case (JSON) or an E2B(R3) message, or - for standard input.")],
    form: Annotated[
        Form | None, typer.Option(help="Whose rules; by default FDA's where it is addressed to FDA.")
    ] = None,
    at: Annotated[datetime | None, typer.Option(help="No date may lie after this moment (UTC).")] = None,
    initial: Annotated[
        bool | None, typer.Option("--initial/--follow-up", help="Whether the case is submitted for the first time.")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(help="Also validate against the official schemas in this folder.")
    ] = None,
    output: Annotated[Output, typer.Option("--format", help="How to print.")] = Output.text,
) -> None:
    """Say what an authority would reject or warn of, with element number, rule, line and place.

    Exit code 5 when anything would be rejected. Silence about a rule that was not decided is no pass: how many were not
    is said with the result, and which and why on stderr.

    Example: stormwatch case check report.xml --form fda
    """
    from stormwatch.safety.e2b.check import form_of, stream_check

    source = _source(file)
    whose = form.value if form else form_of(source)
    found = stream_check(source, form=whose, at=_utc(at), initial=initial)
    findings = [*_validated(source, schema), *found]
    if output is Output.json:
        typer.echo(json.dumps([finding.payload() for finding in findings], ensure_ascii=False, indent=1))
    else:
        _print(findings, lines=isinstance(source, Path) or file == "-")
    _talk(whose, initial, shown=output is Output.text)
    rejections = sum(finding.severity == "reject" for finding in findings)
    if rejections:
        raise CheckFailed(f"{rejections:,} findings would have the message rejected")


@app.command()
def view(
    file: Annotated[str, typer.Argument(help="A drafted case (JSON) or an E2B(R3) message, or - for standard input.")],
    shown: Annotated[View, typer.Option("--as", help="What to show.")] = View.decoded,
    output: Annotated[Output, typer.Option("--format", help="How to print.")] = Output.text,
) -> None:
    """Show a message: as XML with element numbers, as a list of elements, or with what the codes mean.

    Example: stormwatch case view report.xml --as decoded
    """
    from stormwatch.safety.e2b.reader import read
    from stormwatch.safety.e2b.views import elements_payload, elements_text
    from stormwatch.safety.e2b.writer import write

    batch = read(_source(file))
    if shown is View.xml:
        xml = write(batch, numbers=True).decode()
        typer.echo(xml if output is Output.text else json.dumps({"xml": xml}, ensure_ascii=False), nl=False)
        return
    payload = elements_payload(batch, decoded=shown is View.decoded)
    if output is Output.json:
        typer.echo(json.dumps(payload, ensure_ascii=False, indent=1))
    else:
        typer.echo(elements_text(payload), nl=False)


def _source(file: str) -> Path | bytes:
    """The message as it is, or the one that a drafted case makes."""
    from stormwatch.cli.moment import moment
    from stormwatch.safety.exporting import as_message

    return sys.stdin.buffer.read() if file == "-" else as_message(Path(file), moment(None))


def _utc(at: datetime | None) -> datetime | None:
    from datetime import UTC

    return at.replace(tzinfo=UTC) if at else None


def _validated(source: Path | bytes, folder: Path | None) -> list[Finding]:
    if folder is None:
        return []
    from stormwatch.safety.e2b.schema import validate

    return validate(source, folder)


def _print(findings: list[Finding], *, lines: bool) -> None:
    """One finding a line. A drafted case has no lines of its own, so none are told."""
    for finding in findings:
        message = f"message {finding.message}" if finding.message else "batch"
        where = f"{message}, line {finding.line}" if lines else message
        typer.echo(f"{finding.severity:<6}  {finding.element:<16}  {finding.rule:<15}  {finding.text}  ({where})")
    rejected = sum(finding.severity == "reject" for finding in findings)
    typer.echo(f"{rejected:,} would be rejected, {len(findings) - rejected:,} warned of.")


def _talk(form: str, initial: bool | None, *, shown: bool) -> None:
    """Whose rules were applied, and how many were not decided: silence is no pass."""
    from stormwatch.safety.e2b.rules import undecided

    whose = "ICH and FDA" if form == "fda" else "ICH alone; FDA's were not asked (--form fda)"
    left = undecided(form, initial=initial)
    listed = ", listed on stderr" if left else ""
    typer.echo(f"Rules of {whose}. {len(left)} rules were not decided{listed}.", err=not shown)
    for rule, text in left.items():
        typer.echo(f"  not decided, {rule}: {text}", err=True)
