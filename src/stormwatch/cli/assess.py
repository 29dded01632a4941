"""``stormwatch assess``: one patient's record against published instruments, along the timeline."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stormwatch.cli.record import Complete, MapFile, PatientId, Schema, Zone

if TYPE_CHECKING:
    from datetime import datetime

    from stormwatch.facts import Timeline


class Format(StrEnum):
    """How results are printed."""

    TEXT = "text"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class Detail(StrEnum):
    """Which moment is listed item by item in the text."""

    FIRST_MET = "first_met"
    WORST = "worst"
    NOW = "now"


def assess(
    path: Annotated[
        str,
        typer.Argument(
            help="A FHIR bundle or long CSV (- for stdin), a Bulk Data, OMOP or MEDS folder, a .duckdb file, "
            "or postgresql://...; a local table with --map; a case report as text."
        ),
    ],
    patient: PatientId = None,
    instrument: Annotated[
        list[str] | None, typer.Option(help="An instrument's id; repeat for more. Default: all.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Assess as known at this time (ISO 8601). Default: end of record.")
    ] = None,
    zone: Zone = None,
    map_file: MapFile = None,
    schema: Schema = "",
    complete: Complete = None,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TEXT,
    detail: Annotated[
        Detail | None, typer.Option(help="Moment listed item by item. Default: worst, or now with --at.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write every rejected row and its reason to this CSV file.")
    ] = None,
    instruments_dir: Annotated[Path | None, typer.Option(help="A folder with instrument files of your own.")] = None,
    include_unconfirmed: Annotated[bool, typer.Option(help="Let criteria with unconfirmed evidence decide.")] = False,
) -> None:
    """Assess one patient: first moment met, worst, now, with items, sources, gaps and ranges.

    Example: stormwatch assess examples/blinatumomab-mas.json --instrument hscore
    """
    from stormwatch import sources
    from stormwatch.cli import output as out
    from stormwatch.cli.catalogue import Catalogue
    from stormwatch.engines.readings import Readings
    from stormwatch.engines.reference import track

    known = Catalogue(instruments_dir, withhold=not include_unconfirmed)
    chosen = [known.find(name) for name in (instrument or known.names)]
    timeline = sources.read(
        path,
        patient=patient,
        zone=zone,
        complete=complete or (),
        map=map_file,
        schema=schema,
        progress=out.progress(),
    )
    out.account(timeline, rejects)
    until = _moment(at, timeline)
    record = Readings(timeline)
    tracks = (track(one, record, until) for one in chosen)
    shown = detail or (Detail.NOW if at else Detail.WORST)
    out.write(tracks, timeline, output.value, shown.value)


def _moment(at: str | None, timeline: Timeline) -> datetime:
    from stormwatch.engines.api import moment_of

    return moment_of(at, timeline)
