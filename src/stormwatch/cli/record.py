"""The options of every command that reads one patient's record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PatientId = Annotated[str | None, typer.Option(help="Which patient, when the record holds several.")]
At = Annotated[str | None, typer.Option(help="As known at this time (ISO 8601). Default: end of record.")]
Zone = Annotated[
    str | None, typer.Option("--time-zone", help="Zone of clock times without offset, such as Europe/Paris.")
]
MapFile = Annotated[Path | None, typer.Option("--map", help="What local codes or columns mean (TOML).")]
Schema = Annotated[str, typer.Option(help="The schema of a database.")]
Complete = Annotated[
    list[str] | None, typer.Option(help="Vouch that the record's silence means no: exposures or findings.")
]
