"""``stormwatch signals``: spontaneous reports, from raw files to a pair, a scan, the cases."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormwatch.cli import signals_report
from stormwatch.errors import UsageError

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA
    from stormwatch.signals.selection import Selection

app = typer.Typer(
    help="Spontaneous reports: is a reaction reported more often than expected?",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.command("report")(signals_report.report)

Db = Annotated[Path, typer.Option("--db", help="The database that `signals build` wrote.")]
DrugName = Annotated[str, typer.Option("--drug", help="A substance, a brand, or a class such as t_cell_engager.")]
EventName = Annotated[
    str,
    typer.Option("--event", help="An event group (hlh, crs, icans, dic), a preferred term, or soc:, smq: of MedDRA."),
]
Form = Annotated[str, typer.Option("--format", help="text, json or csv.")]
Roles = Annotated[str, typer.Option(help="Drug roles that count: PS, SS, S, I, C.")]
Rule = Annotated[str, typer.Option("--duplicates", help="probable: probable duplicates out; versions: they count.")]
Back = Annotated[
    str, typer.Option(help="all, oncology, haematology, same-indication, class:NAME, indication:TERM;TERM.")
]
Strata = Annotated[str, typer.Option(help="Adjust for these: age, sex, year.")]
Medical = Annotated[Path | None, typer.Option("--meddra", help="Folder MedAscii of your own MedDRA copy.")]
RequireEbgm = Annotated[bool, typer.Option("--require-ebgm", help="No answer (exit 5) where EBGM is refused.")]
MedicalVersion = Annotated[str, typer.Option("--meddra-version", help="Its version, as results will name it.")]


@app.command()
def build(
    raw: Annotated[list[Path], typer.Argument(help="FAERS or AERS quarters, openFDA downloads, or a listing.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the database; the same call resumes.")],
    listing: Annotated[
        str, typer.Option("--map", help="What the columns of a listing are (TOML, or eudravigilance).")
    ] = "",
) -> None:
    """Read raw files, settle the cases, mark probable duplicates, and show the flow.

    Example: stormwatch signals build faers_ascii_2024q1.zip faers_ascii_2024q2.zip -o faers
    """
    _needs_extra()
    from stormwatch.signals.build import build as make
    from stormwatch.signals.sources.listing_map import listing_map

    flow = make(raw, output, listing=listing_map(listing) if listing else None, progress=_progress())
    _talk_ends()
    typer.echo(flow.text())


@app.command()
def pair(
    db: Db,
    drug: DrugName,
    event: EventName,
    form: Form = "text",
    roles: Roles = "PS,SS,S,I",
    duplicates: Rule = "probable",
    background: Back = "all",
    strata: Strata = "",
    restricted: Annotated[str, typer.Option(help="Further backgrounds, comma-separated.")] = "",
    meddra: Medical = None,
    meddra_version: MedicalVersion = "version not stated",
    require_ebgm: RequireEbgm = False,
) -> None:
    """One drug and one event: disproportion, cases, time to onset, outcomes.

    Where the prior of EBGM does not converge, EBGM is refused: the answer and stderr say so, and the other measures
    stand. With --require-ebgm such an answer is no answer: exit code 5.

    Example: stormwatch signals pair --db faers --drug blinatumomab --event hlh --restricted oncology
    """
    _needs_extra()
    from stormwatch.signals.pair import pair as measure
    from stormwatch.signals.store import Store
    from stormwatch.signals.text import pair_text

    with Store(db) as store:
        found = measure(
            *(store, drug, event),
            selection=_selection(roles, duplicates, background),
            strata=_words(strata),
            restricted=_words(restricted),
            meddra=_meddra(meddra, meddra_version),
        )
    rows = [("crude", found["measures"]["crude"]), ("stratified", found["measures"].get("stratified"))]
    table = [{"kind": kind, **row} for kind, row in rows if row] + [
        {"kind": "restricted", **r} for r in found["restricted"]
    ]
    _refused([row["ebgm_refused"] for row in table], require_ebgm)
    _print(form, found, table, pair_text)


@app.command()
def scan(
    db: Db,
    drug: DrugName,
    form: Form = "text",
    roles: Roles = "PS,SS,S,I",
    duplicates: Rule = "probable",
    background: Back = "all",
    strata: Strata = "",
    least: Annotated[int, typer.Option(help="Leave out events with fewer reports.")] = 3,
    require_ebgm: RequireEbgm = False,
) -> None:
    """One drug with every event that is reported with it, most disproportionate first.

    Where the prior of EBGM does not converge, EBGM is refused, as for `signals pair`.

    Example: stormwatch signals scan --db faers --drug blinatumomab --format csv > scan.csv
    """
    _needs_extra()
    from stormwatch.signals.scan import scan as measure
    from stormwatch.signals.store import Store
    from stormwatch.signals.text import scan_text

    with Store(db) as store:
        chosen = _selection(roles, duplicates, background)
        found = measure(store, drug, selection=chosen, strata=_words(strata), least=least)
    _refused([found["ebgm_refused"]], require_ebgm)
    _print(form, found, found["rows"], scan_text)


@app.command()
def partners(
    db: Db,
    drug: DrugName,
    event: EventName,
    form: Form = "text",
    roles: Roles = "PS,SS,S,C,I",
    duplicates: Rule = "probable",
    background: Back = "all",
    least: Annotated[int, typer.Option(help="Leave out partners with fewer reports.")] = 3,
    meddra: Medical = None,
    meddra_version: MedicalVersion = "version not stated",
) -> None:
    """A drug and an event with every other drug: interaction by Omega, strongest first. All drug roles count.

    Example: stormwatch signals partners --db faers --drug blinatumomab --event hlh
    """
    _needs_extra()
    from stormwatch.signals.partners import partners as measure
    from stormwatch.signals.partners import partners_text
    from stormwatch.signals.store import Store

    with Store(db) as store:
        found = measure(
            *(store, drug, event),
            selection=_selection(roles, duplicates, background),
            meddra=_meddra(meddra, meddra_version),
            least=least,
        )
    _print(form, found, found["rows"], partners_text)


@app.command()
def series(
    db: Db,
    drug: DrugName,
    event: EventName,
    form: Form = "text",
    roles: Roles = "PS,SS,S,I",
    duplicates: Rule = "probable",
    background: Back = "all",
    meddra: Medical = None,
    meddra_version: MedicalVersion = "version not stated",
    cell: Annotated[
        str, typer.Option(help="a: drug and event; b: drug only; c: event only; d: neither. b to d are no cases.")
    ] = "a",
    e2b: Annotated[Path | None, typer.Option(help="Write the cases as one E2B(R3) batch to this file.")] = None,
    sender: Annotated[str, typer.Option(help="Who sends the batch (N.1.3).")] = "",
    receiver: Annotated[str, typer.Option(help="Who receives it (N.1.4).")] = "",
) -> None:
    """The cases of a pair, one by one, or the reports of another cell of its table; with --e2b also as E2B(R3).

    Example: stormwatch signals series --db faers --drug blinatumomab --event hlh --format json
    """
    _needs_extra()
    from stormwatch.signals.cells import CELLS
    from stormwatch.signals.cells import cell as named
    from stormwatch.signals.series import described, reports_of
    from stormwatch.signals.store import Store

    which = named(cell)
    _known_form(form)
    with Store(db) as store:
        chosen, own = _selection(roles, duplicates, background), _meddra(meddra, meddra_version)
        numbers = reports_of(store, drug, event, chosen, own, which)
        if e2b is not None:
            _messages(list(described(store, numbers)), e2b, sender, receiver)
        head = f"{len(numbers):,} " + ("cases" if which == "a" else f"reports: {CELLS[which]}")
        _print_cases(form, head, described(store, numbers))


def _messages(found: list[dict[str, Any]], target: Path, sender: str, receiver: str) -> None:
    from stormwatch.cli.moment import moment
    from stormwatch.safety.e2b.saving import save
    from stormwatch.safety.message import Envelope
    from stormwatch.signals.messages import messages

    if not (sender and receiver):
        raise UsageError("a batch names who sends and who receives it: give --sender and --receiver")
    save(messages(found, Envelope(sender, receiver), moment(None)), target)
    typer.echo(f"Written: {target}, {len(found):,} cases", err=True)


@app.command()
def evaluate(
    db: Db,
    reference: Annotated[Path, typer.Option("--reference", help="Known pairs: the OMOP or EU-ADR set (CSV).")],
    outcomes: Annotated[Path, typer.Option("--outcomes", help="Which terms each outcome means (TOML).")],
    form: Form = "text",
    roles: Roles = "PS,SS,S,I",
    duplicates: Rule = "probable",
) -> None:
    """How well each measure tells known causes from known non-causes: area under the ROC curve with its interval.

    Example: stormwatch signals evaluate --db faers --reference omop.csv --outcomes terms.toml
    """
    _needs_extra()
    from stormwatch.signals.evaluate import evaluate as judge
    from stormwatch.signals.reference_sets import read_outcomes, read_reference_set
    from stormwatch.signals.store import Store
    from stormwatch.signals.text import areas_text

    known, terms = read_reference_set(reference), read_outcomes(outcomes)
    with Store(db) as store:
        found = judge(store, known, terms, selection=_selection(roles, duplicates, "all"))
    table = [{"measure": name, **(one or {})} for name, one in found["areas"].items()]
    _print(form, found, table, areas_text)


def _needs_extra() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("duckdb", "numpy", "pyarrow", "rapidfuzz", "scipy") if find_spec(name) is None]
    if missing:
        raise UsageError(f'signals need {", ".join(missing)}; install: pip install "stormwatch[signals]"')


def _selection(roles: str, duplicates: str, background: str) -> Selection:
    from stormwatch.signals.selection import selection

    return selection(_words(roles), duplicates, background)


def _meddra(folder: Path | None, version: str) -> MedDRA | None:
    from stormwatch.signals.names.meddra import read_meddra

    return None if folder is None else read_meddra(folder, version)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _refused(reasons: Sequence[str], required: bool) -> None:
    """A refused EBGM is said plainly, and is an error where it was required."""
    from stormwatch.errors import CheckFailed

    for reason in dict.fromkeys(filter(None, reasons)):
        if required:
            raise CheckFailed(reason)
        typer.echo(reason, err=True)


def _known_form(form: str) -> None:
    if form not in ("text", "json", "csv"):
        raise UsageError(f"there is no format {form!r}; formats: text, json, csv")


def _print_cases(form: str, head: str, cases: Iterable[dict[str, Any]]) -> None:
    """Report by report, so that a cell of millions needs no memory."""
    from stormwatch.signals.text import series_text

    if form == "json":
        comma = "["
        for case in cases:
            typer.echo(comma + json.dumps(case, ensure_ascii=False))
            comma = ","
        typer.echo("]" if comma == "," else "[]")
    elif form == "csv":
        _csv_lines({name: value for name, value in case.items() if not isinstance(value, list)} for case in cases)
    else:
        typer.echo(head)
        for block in series_text(cases):
            typer.echo(block)


def _csv_lines(rows: Iterable[dict[str, Any]]) -> None:
    """Rows that all have the columns of the first."""
    import csv

    writer = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(sys.stdout, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow(row)


def _print(form: str, payload: Any, table: Sequence[dict[str, Any]], as_text: Callable[[Any], str]) -> None:
    if form == "json":
        typer.echo(json.dumps(payload, ensure_ascii=False, indent=1))
    elif form == "csv":
        _csv(table)
    else:
        _known_form(form)
        typer.echo(as_text(payload))


def _csv(table: Sequence[dict[str, Any]]) -> None:
    """Plain cells only; what holds lists or tables of its own is in the JSON."""
    import csv

    plain = [{name: cell for name, cell in row.items() if not isinstance(cell, list | dict)} for row in table]
    columns = list(dict.fromkeys(name for row in plain for name in row))
    rows = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    rows.writeheader()
    rows.writerows(plain)


def _progress() -> Callable[[str], None]:
    """What is being done, on one line of a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda what: typer.echo(f"\r\x1b[K{what}", err=True, nl=False)


def _talk_ends() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", err=True, nl=False)
