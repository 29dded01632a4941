"""``stormwatch cohort``: every patient of a hospital at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormwatch.cli.record import Complete, Schema
from stormwatch.errors import UsageError

if TYPE_CHECKING:
    from stormwatch.cohort.progress import Progress
    from stormwatch.instruments.instrument import Instrument

app = typer.Typer(
    help="Many patients at once: run every instrument, sum up, review and validate.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_REASONS = 3  # reasons for rejection that are shown
_EVERY = 0.2  # seconds between two looks at the progress

Source = Annotated[str, typer.Argument(help="A record of many patients, as `stormwatch assess` reads it.")]
Out = Annotated[Path, typer.Argument(help="The folder of a finished run.")]
Zone = Annotated[str | None, typer.Option("--time-zone", help="Zone of clock times without offset.")]
MapFile = Annotated[Path | None, typer.Option("--map", help="What local codes or columns mean.")]
Schema = Schema
Complete = Complete
Own = Annotated[Path | None, typer.Option(help="A folder with instrument files of your own.")]


@app.command()
def run(
    source: Source,
    into: Annotated[Path, typer.Option("--into", "-o", help="An empty or new folder; the same call resumes.")],
    instruments: Annotated[
        list[str] | None, typer.Option("--instruments", "--instrument", help="Ids, comma-separated. Default: all.")
    ] = None,
    zone: Zone = None,
    map_file: MapFile = None,
    schema: Schema = "",
    complete: Complete = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes. Default: 2; each more takes up to 350 MB.")
    ] = None,
    fast: Annotated[bool, typer.Option(help="Use the compiled passes (needs the extra fast).")] = False,
    sort: Annotated[bool, typer.Option(help="Sort a MEDS record whose patients stand apart, first.")] = False,
    most: Annotated[
        int | None,
        typer.Option(
            "--facts-per-patient",
            min=1,
            help="Who has more rows is left out and listed. Default: 500,000 in MEDS, 100,000 elsewhere; "
            "more takes more memory.",
        ),
    ] = None,
    engine: Annotated[str, typer.Option(help="local, or spark (needs the extra spark and Java).")] = "local",
    master: Annotated[str, typer.Option(help="The Spark master, such as local[2] or spark://host:7077.")] = "",
    instruments_dir: Own = None,
    include_unconfirmed: Annotated[bool, typer.Option(help="Let criteria with unconfirmed evidence decide.")] = False,
) -> None:
    """Evaluate instruments at every new fact of every patient, into Parquet files.

    Example: stormwatch cohort run omop/ --time-zone Europe/Berlin -o cohort
    """
    _needs_extra("duckdb", "numpy", "pyarrow")
    from stormwatch.cohort.feeds.source import Source as Record

    chosen = _instruments(instruments, instruments_dir, withhold=not include_unconfirmed)
    one = Record(
        source, zone, tuple(sorted(complete or ())), str(map_file) if map_file else None, schema, sort=sort, most=most
    )
    if engine == "spark":
        from stormwatch.cohort.spark.run import run as run_on_spark

        finished = run_on_spark(one, chosen, into, master=master, fast=fast)
    elif engine == "local":
        from stormwatch.cohort.run import run as run_here

        try:
            finished = run_here(one, chosen, into, workers=workers, fast=fast, listener=_listener())
        except KeyboardInterrupt:
            typer.echo("\nstormwatch: interrupted; what is finished is kept, the same command goes on", err=True)
            raise typer.Exit(130) from None
        _talk_ends()
    else:
        raise UsageError(f"there is no engine {engine!r}; engines: local, spark")
    typer.echo(_said(finished.about, into))


def _instruments(names: list[str] | None, folder: Path | None, *, withhold: bool) -> list[Instrument]:
    from stormwatch.cli.catalogue import Catalogue

    known = Catalogue(folder, withhold=withhold)
    asked = [part.strip() for name in names or () for part in name.split(",") if part.strip()]
    return [known.find(name) for name in dict.fromkeys(asked or known.names)]


def _said(about: dict[str, Any], into: Path) -> str:
    counted = about["accounting"]
    rejected = sum(counted["rejected"].values())
    most_frequent = sorted(counted["rejected"].items(), key=lambda pair: -pair[1])[:_REASONS]
    outside = f"{counted['outside']:,} outside what is needed"
    lines = [
        f"{about['patients']:,} patients, {about['facts']:,} facts, data cut {about['data_cut'] or 'none'}",
        f"{counted['read']:,} rows read = {counted['used']:,} used + {rejected:,} rejected + {outside}",
        *(f"  rejected: {reason} ({rows:,})" for reason, rows in most_frequent),
        *(f"  {name}: {rows:,} rows" for name, rows in about["tables"].items()),
        f"see it with: stormwatch cohort summary {into}",
    ]
    if about["patients_left_out"]:
        lines.insert(1, f"{about['patients_left_out']:,} patients left out: too many rows (see --facts-per-patient)")
    return "\n".join(lines)


def _listener() -> Callable[[Progress], None] | None:
    """Done, rate and time left on one line of a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return None
    start = looked = monotonic()

    def listener(progress: Progress) -> None:
        nonlocal looked
        if monotonic() - looked >= _EVERY:
            looked = monotonic()
            typer.echo(f"\r\x1b[K{progress.line(looked - start)}", err=True, nl=False)

    return listener


def _talk_ends() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", err=True, nl=False)


def _needs_extra(*names: str, extra: str = "cohort") -> None:
    from importlib.util import find_spec

    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise UsageError(f'this needs {", ".join(missing)}; install: pip install "stormwatch[{extra}]"')


@app.command()
def summary(
    folder: Out,
    form: Annotated[str, typer.Option("--format", help="text, json or csv.")] = "text",
    html: Annotated[Path | None, typer.Option(help="Write the page with its drawings to this file, too.")] = None,
    figures: Annotated[Path | None, typer.Option(help="Write each drawing as SVG and PNG into this folder.")] = None,
    least: Annotated[int, typer.Option("--smallest-cell", min=1, help="Cells below this are suppressed.")] = 5,
    instruments_dir: Own = None,
) -> None:
    """Sum up a run: who met what, agreement, time from the first dose, what was missing. Small cells are suppressed.

    Example: stormwatch cohort summary cohort --html cohort.html
    """
    _needs_extra("duckdb", "numpy", "pyarrow", "scipy")
    from stormwatch.cohort.summary.page import save_charts, summary_html
    from stormwatch.cohort.summary.payload import about
    from stormwatch.cohort.summary.payload import summary as sum_up
    from stormwatch.cohort.summary.text import summary_rows, summary_text

    if form not in ("text", "json", "csv"):
        raise UsageError(f"there is no format {form!r}; formats: text, json, csv")
    chosen = _instruments(list(about(folder)["instruments"]), instruments_dir, withhold=True)
    payload = sum_up(folder, chosen, least=least)
    if html is not None:
        _write(html, summary_html(payload))
    if figures is not None:
        save_charts(payload, figures)
    if form == "csv":
        _csv(summary_rows(payload))
    else:
        typer.echo(summary_text(payload) if form == "text" else json.dumps(payload, ensure_ascii=False, indent=1))


def _csv(rows: list[dict[str, Any]]) -> None:
    import csv

    table = csv.DictWriter(sys.stdout, list(rows[0]) if rows else [], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"{path}: the page cannot be written here ({problem.strerror})") from None


@app.command()
def adjudicate(
    folder: Out,
    source: Annotated[str, typer.Option("--source", help="The record the run was made from.")],
    reviewer: Annotated[str, typer.Option(help="Who decides; it is kept with each decision.")],
    decisions: Annotated[Path, typer.Option(help="The file of decisions (NDJSON); it is added to.")],
    syndrome: Annotated[str, typer.Option(help="crs, icans or mas_hlh.")] = "mas_hlh",
    unflagged: Annotated[int, typer.Option(min=0, help="How many unflagged patients to mix in.")] = 50,
    seed: Annotated[int, typer.Option(help="Draws and mixes the patients; keep it to go on later.")] = 1,
    zone: Zone = None,
    map_file: MapFile = None,
    schema: Schema = "",
) -> None:
    """Review patients blind to the verdicts; every decision is kept, and a later call goes on.

    Example: stormwatch cohort adjudicate cohort --source omop/ --reviewer AB --decisions decisions.ndjson
    """
    _needs_extra("duckdb", "numpy", "pyarrow")
    from stormwatch import sources
    from stormwatch.cohort.review.choosing import chosen, flags
    from stormwatch.cohort.review.session import Review, review
    from stormwatch.cohort.review.showing import shown

    if not reviewer.strip():
        raise UsageError("name the reviewer; a decision is somebody's")
    asked = Review(chosen(flags(folder, syndrome), unflagged, seed), decisions, syndrome, reviewer.strip())

    def show(patient: str) -> str:
        return shown(sources.read(source, patient=patient, zone=zone, map=map_file, schema=schema))

    made = review(asked, show, lambda question: str(typer.prompt(question, prompt_suffix=" ")), typer.echo)
    typer.echo(f"{made} decisions made; {len(asked.left())} of {len(asked.patients)} patients left")


@app.command()
def validate(
    folder: Out,
    decisions: Annotated[Path, typer.Option(help="The file of decisions.")],
    syndrome: Annotated[str, typer.Option(help="crs, icans or mas_hlh.")] = "mas_hlh",
    form: Annotated[str, typer.Option("--format", help="text, json or csv.")] = "text",
    instruments_dir: Own = None,
) -> None:
    """Hold the instruments against the reviewers: sensitivity, specificity, predictive values, exact intervals.

    Example: stormwatch cohort validate cohort --decisions decisions.ndjson
    """
    _needs_extra("duckdb", "numpy", "pyarrow", "scipy")
    from stormwatch.cohort.review.decisions import read_decisions
    from stormwatch.cohort.review.text import validation_rows, validation_text
    from stormwatch.cohort.review.validation import validation
    from stormwatch.cohort.summary.payload import about

    if form not in ("text", "json", "csv"):
        raise UsageError(f"there is no format {form!r}; formats: text, json, csv")
    chosen = _instruments(list(about(folder)["instruments"]), instruments_dir, withhold=True)
    payload = validation(folder, chosen, read_decisions(decisions), syndrome)
    if form == "csv":
        _csv(validation_rows(payload))
    else:
        typer.echo(validation_text(payload) if form == "text" else json.dumps(payload, ensure_ascii=False, indent=1))
