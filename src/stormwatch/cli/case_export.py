"""``stormwatch case export``: a case in a form for others, redacted unless told otherwise."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormwatch.cli.moment import moment

if TYPE_CHECKING:
    from stormwatch.safety.redaction import Removed


class Kind(StrEnum):
    e2b = "e2b-r3"
    cioms = "cioms"
    fhir = "fhir"
    csv = "csv"


class Rules(StrEnum):
    icsr = "icsr"
    fda = "fda"


class Dates(StrEnum):
    years = "years"
    offsets = "offsets"


def export(
    files: Annotated[list[Path], typer.Argument(help="Drafted cases (JSON) or E2B(R3) messages.")],
    kind: Annotated[Kind, typer.Option("--format", help="In which form.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    identified: Annotated[
        bool, typer.Option("--identified", help="Leave names, dates and numbers in. Default: they are removed.")
    ] = False,
    dates: Annotated[
        Dates | None, typer.Option(help="Removed dates as years, or days since the first dose of the suspect drug.")
    ] = None,
    removed: Annotated[Path | None, typer.Option(help="Also write the list of what was removed (CSV).")] = None,
    sender: Annotated[str, typer.Option(help="Identifier of the sender (E2B).")] = "SENDER",
    receiver: Annotated[str, typer.Option(help="Identifier of the receiver (E2B).")] = "RECEIVER",
    at: Annotated[datetime | None, typer.Option(help="The moment of sending (UTC). Default: now.")] = None,
    rules: Annotated[Rules, typer.Option("--form", help="With FDA's regional elements, or without.")] = Rules.icsr,
) -> None:
    """Write a case, or a series of cases, as E2B(R3), CIOMS I (PDF), FHIR R4 or CSV.

    What identifies a person is removed unless --identified is given; free text that is left is still for a person to
    read. Run `stormwatch case check` on a message before sending it.

    Example: stormwatch case export case.json --format cioms -o case.pdf
    """
    from stormwatch.safety.casefile import cases
    from stormwatch.safety.e2b.saving import save_pieces
    from stormwatch.safety.exporting import export as exported
    from stormwatch.safety.message import Envelope

    made = exported(
        [case for file in files for case in cases(file)],
        kind.value,
        identified=identified,
        dates=None if dates is None else dates.value,
        envelope=Envelope(sender, receiver),
        at=moment(at),
        rules=rules.value,
    )
    save_pieces([made.content], output)
    if removed is not None:
        save_pieces([_listed(made.removed)], removed)
    _talk(output, made.removed, identified=identified)


def _listed(removed: tuple[Removed, ...]) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("place", "kind", "count"))
    rows.writerows((one.path, one.kind, one.count) for one in removed)
    return out.getvalue().encode()


def _talk(output: Path, removed: tuple[Removed, ...], *, identified: bool) -> None:
    from stormwatch.safety.redaction import counts

    if identified:
        typer.echo(f"Written with all that identifies the patient: {output}", err=True)
        return
    told = ", ".join(f"{count} × {kind}" for kind, count in counts(removed).most_common()) or "nothing"
    typer.echo(f"Written without what identifies a person: {output}. Removed: {told}.", err=True)
    typer.echo("  Read the free text that is left: no program finds every name.", err=True)
