"""``stormwatch synth``: write synthetic patients, with the truth about them apart."""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

_EVERY = 0.2  # seconds between two looks at the progress


class Form(StrEnum):
    """The formats that can be written."""

    OMOP = "omop"
    OMOP_PARQUET = "omop-parquet"
    FHIR = "fhir"
    MEDS = "meds"
    CSV = "csv"


def synth(
    patients: Annotated[int, typer.Option(min=1, help="How many patients.")],
    into: Annotated[Path, typer.Option("--into", "-o", help="An empty or new folder.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same patients.")] = 1,
    form: Annotated[Form, typer.Option("--format", help="The format of the record.")] = Form.OMOP,
) -> None:
    """Write synthetic patients on blinatumomab, CAR-T or neither: about no real person, for trying things out.

    Example: stormwatch synth --patients 1000 --seed 1 -o synthetic --format omop
    """
    from stormwatch.cohort.synth import synthesise

    found = synthesise(patients, seed, into, form.value, _progress(patients))
    typer.echo(f"{found.patients:,} synthetic patients, {found.rows:,} rows: {found.record}")
    typer.echo(f"truth: {into / 'truth'}")
    for name, count in sorted(found.labels.items()):
        typer.echo(f"  {name:<14} {count:,}")
    typer.echo(f"read it with: stormwatch assess {found.record} --patient 1 {_options(found.read_with, into)}".rstrip())


def _options(read_with: str, into: Path) -> str:
    """Files named among the options lie in the folder."""
    return " ".join(str(into / word) if word.endswith(".csv") else word for word in read_with.split())


def _progress(count: int) -> Callable[[int], None]:
    """Done, rate and time left on stderr: a line that renews itself at a terminal, elsewhere one at the end."""
    start = looked = monotonic()

    def progress(done: int) -> None:
        nonlocal looked
        now = monotonic()
        if done < count and (not sys.stderr.isatty() or now - looked < _EVERY):
            return
        looked = now
        rate = done / max(now - start, 1e-9)
        left = f", {(count - done) / rate:,.0f} s left" if done < count else ""
        line = f"{done:,} of {count:,} patients, {rate:,.0f}/s{left}"
        typer.echo(f"\r{line:<70}" if sys.stderr.isatty() else line, err=True, nl=done == count)

    return progress
