"""``stormwatch signals report``: a drug and an event as a page, a PDF, JSON or a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from stormwatch.signals.names.meddra import MedDRA

_KINDS = (".html", ".pdf", ".json", ".csv")


def report(
    db: Annotated[Path, typer.Option("--db", help="The database that `signals build` wrote.")],
    drug: Annotated[str, typer.Option("--drug", help="A substance, a brand, or a class such as t_cell_engager.")],
    event: Annotated[str, typer.Option("--event", help="An event group (hlh, crs, icans, dic), or a preferred term.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="report.html, report.pdf, report.json or report.csv.")],
    roles: Annotated[str, typer.Option(help="Drug roles that count: PS, SS, S, I, C.")] = "PS,SS,S,I",
    duplicates: Annotated[
        str, typer.Option(help="probable: probable duplicates out; versions: they count. The report shows both.")
    ] = "probable",
    background: Annotated[str, typer.Option(help="What the drug is compared with, as for `signals pair`.")] = "all",
    strata: Annotated[str, typer.Option(help="Adjust for these: age, sex, year.")] = "age,sex",
    restricted: Annotated[str, typer.Option(help="Further backgrounds, comma-separated.")] = "",
    meddra: Annotated[Path | None, typer.Option(help="Folder MedAscii of your own MedDRA copy.")] = None,
    meddra_version: Annotated[str, typer.Option(help="Its version, as results will name it.")] = "version not stated",
) -> None:
    """Write what the reports say of a drug and an event: measures, figures, cases, and the READUS-PV checklist.

    Example: stormwatch signals report --db faers --drug blinatumomab --event hlh -o report.html
    """
    _check(output)
    from stormwatch.signals.report.payload import signal_report
    from stormwatch.signals.selection import selection
    from stormwatch.signals.store import Store

    with Store(db) as store:
        made = signal_report(
            *(store, drug, event),
            selection=selection(_words(roles), duplicates, background),
            strata=_words(strata),
            restricted=_words(restricted),
            meddra=_own_meddra(meddra, meddra_version),
        )
    for reason in dict.fromkeys(one["ebgm_refused"] for one in made["analyses"] if one["ebgm_refused"]):
        typer.echo(reason, err=True)
    _write(output, _rendered(made, output.suffix))


def _check(output: Path) -> None:
    """What would fail at the end is refused before the work."""
    from importlib.util import find_spec

    from stormwatch.errors import UsageError

    if output.suffix not in _KINDS:
        raise UsageError(f"{output.name}: a report ends in {', '.join(_KINDS)}; name the file accordingly")
    if not output.parent.is_dir():
        raise UsageError(f"{output}: the report cannot be written here (there is no such folder)")
    extras = {"signals": ["duckdb", "numpy", "pyarrow", "rapidfuzz", "scipy"]}
    if output.suffix in (".html", ".pdf"):
        extras["report"] = ["altair", "jinja2", "vl_convert", *(["weasyprint"] if output.suffix == ".pdf" else [])]
    for extra, packages in extras.items():
        if missing := [name for name in packages if find_spec(name) is None]:
            raise UsageError(f'this needs {", ".join(missing)}; install: pip install "stormwatch[{extra}]"')


def _rendered(made: dict[str, Any], kind: str) -> bytes:
    import json

    if kind == ".json":
        return (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode()
    if kind == ".csv":
        from stormwatch.signals.report.table import table

        return table(made).encode()
    from stormwatch.reports.pdf import pdf
    from stormwatch.signals.report.page import html

    return pdf(html(made, paper=True)) if kind == ".pdf" else html(made).encode()


def _write(output: Path, content: bytes) -> None:
    from stormwatch.errors import UsageError

    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{output}: the report cannot be written here ({error.strerror})") from None
    typer.echo(f"Written: {output}", err=True)


def _own_meddra(folder: Path | None, version: str) -> MedDRA | None:
    from stormwatch.signals.names.meddra import read_meddra

    return None if folder is None else read_meddra(folder, version)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
