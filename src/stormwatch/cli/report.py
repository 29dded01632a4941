"""``stormwatch report``: one patient's course as a page, a PDF, Markdown or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from stormwatch.cli.record import At, Complete, MapFile, PatientId, Schema, Zone

_KINDS = (".html", ".pdf", ".json", ".md")


def report(
    path: Annotated[str, typer.Argument(help="The record, as for `stormwatch assess`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="report.html, report.pdf, report.json or report.md.")],
    patient: PatientId = None,
    suspect: Annotated[
        str | None, typer.Option(help="A drug under suspicion besides T-cell engagers and CAR-T products.")
    ] = None,
    at: At = None,
    zone: Zone = None,
    map_file: MapFile = None,
    schema: Schema = "",
    complete: Complete = None,
    language: Annotated[str, typer.Option(help="Language of headings and fixed sentences.")] = "en",
) -> None:
    """Write one patient's course: the picture, verdicts, episodes, differential, what documents say, and sources.

    Example: stormwatch report examples/blinatumomab-mas.json -o report.html
    """
    from stormwatch import sources
    from stormwatch.cli import output as out
    from stormwatch.course.follow import follow
    from stormwatch.errors import UsageError
    from stormwatch.reports.messages import messages
    from stormwatch.reports.report import report as made

    # What would fail at the end is refused before the work.
    if output.suffix not in _KINDS:
        raise UsageError(f"{output.name}: a report ends in {', '.join(_KINDS)}; name the file accordingly")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: the report cannot be written here (there is no such folder)")
    messages(language)
    timeline = sources.read(
        path, patient=patient, zone=zone, complete=complete or (), map=map_file, schema=schema, progress=out.progress()
    )
    out.account(timeline, None)
    written = made(follow(timeline, suspect=suspect, at=at), language=language)
    try:
        output.write_bytes(_rendered(written, output.suffix, language))
    except OSError as error:
        raise UsageError(f"{output}: the report cannot be written here ({error.strerror})") from None
    typer.echo(f"Written: {output}", err=True)


def _rendered(written: dict[str, Any], kind: str, language: str) -> bytes:
    import json

    from stormwatch.reports.html import html
    from stormwatch.reports.markdown import markdown
    from stormwatch.reports.pdf import pdf

    if kind == ".pdf":
        return pdf(html(written, language=language, paper=True))
    if kind == ".html":
        return html(written, language=language).encode()
    if kind == ".md":
        return markdown(written, language=language).encode()
    return (json.dumps(written, ensure_ascii=False, indent=1) + "\n").encode()
