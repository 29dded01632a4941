"""``stormwatch literature``: a local library of publications: add, search, compare with a case, screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stormwatch.errors import UsageError

if TYPE_CHECKING:
    from stormwatch.literature.case import Case
    from stormwatch.literature.library import Library

app = typer.Typer(help="A local library of publications: add, search, find precedents, screen.", no_args_is_help=True)

_Library = Annotated[
    Path, typer.Option("--library", envvar="STORMWATCH_LIBRARY", help="The file that holds the library.")
]
_Files = Annotated[list[Path], typer.Argument(help="TXT, RIS, nbib, BibTeX, XML, or FHIR DocumentReference.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Query = Annotated[str, typer.Option("--for", help="The query that says what is looked for.")]
_DEFAULT = Path("literature.sqlite")


@app.command()
def add(files: _Files, library: _Library = _DEFAULT, as_json: _Json = False) -> None:
    """Add publications, each once: by DOI, by PMID, or by title and year. What was joined is shown.

    Example: stormwatch literature add export.ris page.txt
    """
    from dataclasses import asdict

    from stormwatch.literature.library import library as opened
    from stormwatch.literature.text import added_text
    from stormwatch.sources.text import read_documents

    with opened(library) as held:
        found = held.add(document for file in files for document in read_documents(file))
        _print(added_text(found), [asdict(one) for one in found], as_json=as_json)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help='Words, "phrases", AND, OR, NOT, parentheses, and endings cut with *.')],
    library: _Library = _DEFAULT,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    exact: Annotated[bool, typer.Option("--exact", help="Look for the words as they are, without synonyms.")] = False,
    same_class: Annotated[bool, typer.Option("--class", help="Take each drug for its whole class.")] = False,
    as_json: _Json = False,
) -> None:
    """Search titles, texts and keyphrases, best first, with names that mean the same.

    Example: stormwatch literature search "blinatumomab AND macrophage activation syndrome"
    """
    from dataclasses import asdict

    from stormwatch.literature.library import library as opened
    from stormwatch.literature.matching import match_of
    from stormwatch.literature.search import count
    from stormwatch.literature.search import search as find
    from stormwatch.literature.text import hit_text, looked_for

    match = match_of(query, exact=exact, widen=same_class)
    with opened(library, create=False) as held:
        hits, total = find(held, match, limit), count(held, match)
    if looked_for(match):
        typer.echo(looked_for(match), err=True)
    lines = [f"{total:,} found" + (f", the best {len(hits)} shown" if total > len(hits) else ""), *map(hit_text, hits)]
    _print("\n".join(lines) + "\n", {"found": total, "shown": [asdict(hit) for hit in hits]}, as_json=as_json)


@app.command()
def like(
    record: Annotated[str, typer.Argument(help="The case: a report, a saved reading, or any record of one patient.")],
    library: _Library = _DEFAULT,
    patient: Annotated[str | None, typer.Option(help="Which patient, when it holds several.")] = None,
    drug: Annotated[str, typer.Option(help="The drug under suspicion. Default: the only one there is.")] = "",
    event: Annotated[str, typer.Option(help="The event. Default: the only one there is.")] = "",
    before: Annotated[int | None, typer.Option(help="Count cases published before this year.")] = None,
    zone: Annotated[str | None, typer.Option("--time-zone", help="Zone of clock times without offset.")] = None,
    as_json: _Json = False,
) -> None:
    """Count earlier published cases of the same class of drug and event, and say how alike they are.

    Example: stormwatch literature like examples/case-report.txt --before 2025
    """
    from stormwatch.literature.library import library as opened
    from stormwatch.literature.precedents import pair_of, precedents
    from stormwatch.literature.text import precedents_payload, precedents_text

    case = _case(record, patient, zone)
    with opened(library, create=False) as held:
        found = precedents(held, case, pair_of(case, drug, event), before, _progress())
    _print(precedents_text(found), precedents_payload(found), as_json=as_json)


@app.command()
def screen(
    files: _Files,
    query: _Query,
    library: _Library = _DEFAULT,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 10,
    sample: Annotated[int, typer.Option(min=0, help="Draw so many unread ones at random, to be decided first.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same ones.")] = 1,
    ris: Annotated[Path | None, typer.Option(help="Write the batch as RIS: relevant ones, then those to read.")] = None,
    as_json: _Json = False,
) -> None:
    """Rank a batch for reading, by the query first and by your decisions later, and say what is probably left.

    Example: stormwatch literature screen export.ris --for "blinatumomab AND HLH"
    """
    from stormwatch.literature.library import library as opened
    from stormwatch.literature.matching import match_of
    from stormwatch.literature.screening.decisions import draw
    from stormwatch.literature.screening.screen import screen as state_of
    from stormwatch.literature.text import added_text, screen_payload, screen_text
    from stormwatch.sources.text import read_documents

    match_of(query)  # a query that cannot be read is told before anything is added
    with opened(library) as held:
        added = held.add(document for file in files for document in read_documents(file))
        typer.echo(added_text(added).partition("\n")[0], err=True)
        batch = list(dict.fromkeys(one.number for one in added))
        if sample:
            draw(held, query, batch, sample, seed)
        state = state_of(held, query, batch)
        if ris is not None:
            _write_ris(held, state.decided, state.ranking.numbers, ris)
        _print(screen_text(state, held, limit), screen_payload(state), as_json=as_json)


@app.command()
def decide(
    numbers: Annotated[list[int], typer.Argument(help="Numbers of entries.")],
    query: _Query,
    relevant: Annotated[bool, typer.Option("--relevant/--not-relevant", help="What you decide about them.")],
    library: _Library = _DEFAULT,
) -> None:
    """Record your decision about entries; it is kept for this query, and the ranking learns from it.

    Example: stormwatch literature decide 3 8 --relevant --for "blinatumomab AND HLH"
    """
    from stormwatch.literature.library import library as opened
    from stormwatch.literature.screening.decisions import decide as keep
    from stormwatch.literature.screening.decisions import decisions

    with opened(library, create=False) as held:
        keep(held, query, numbers, relevant=relevant)
        found = decisions(held, query)
    typer.echo(f"{len(found):,} decided for this query: {sum(found.values()):,} relevant")


@app.command()
def undo(query: _Query, library: _Library = _DEFAULT) -> None:
    """Take back the last decision for a query.

    Example: stormwatch literature undo --for "blinatumomab AND HLH"
    """
    from stormwatch.literature.library import library as opened
    from stormwatch.literature.screening.decisions import undo as take_back

    with opened(library, create=False) as held:
        typer.echo(f"the decision about {take_back(held, query)} is taken back")


def _case(record: str, patient: str | None, zone: str | None) -> Case:
    """The case of a report, of a saved reading, or of any other record."""
    from stormwatch import sources
    from stormwatch.literature.case import case_of_record, case_of_report
    from stormwatch.literature.reports import reading_of

    found = reading_of(record, patient)
    if found is not None:
        return case_of_report(*found)
    return case_of_record(sources.read(record, patient=patient, zone=zone))


def _write_ris(held: Library, decided: dict[int, bool], ranked: tuple[int, ...], path: Path) -> None:
    from stormwatch.literature.ris import ris

    rows = [(number, "decided: relevant") for number, relevant in decided.items() if relevant]
    rows += [(number, f"not decided; rank {place}") for place, number in enumerate(ranked, 1)]
    try:
        path.write_text(ris((held.document(number), note) for number, note in rows), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: the RIS file cannot be written here ({error.strerror})") from None


def _progress() -> Callable[[int], None] | None:
    if not sys.stderr.isatty():
        return None
    return lambda done: typer.echo(f"\r{done:,} publications read", err=True, nl=False)


def _print(text: str, payload: Any, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(payload, ensure_ascii=False, indent=1))
    else:
        typer.echo(text, nl=False)
