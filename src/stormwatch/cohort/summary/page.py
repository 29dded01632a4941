"""The summary as one page of HTML that needs nothing else, and its drawings as files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from stormwatch.cohort.outputs.standing import STANDINGS
from stormwatch.cohort.summary.charts import charts
from stormwatch.cohort.summary.text import HIDDEN, count, hours, kappa
from stormwatch.errors import UsageError

Payload = dict[str, Any]
_COLUMNS = tuple(reversed(STANDINGS))
_FOOT = (
    "Criteria are met or not; whether a patient has the illness is for professionals to judge. "
    "For research, quality and safety work."
)


def summary_html(payload: Payload) -> str:
    """The page: tables and drawings of the same numbers. Raises UsageError when the extra report is not installed."""
    return "\n".join(_page(payload)) + "\n"


def save_charts(payload: Payload, folder: Path) -> list[Path]:
    """Each drawing as SVG and PNG. Raises UsageError when a file cannot be written."""
    import vl_convert

    found = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place, (_, _, chart) in enumerate(charts(payload), start=1):
            drawn = chart.to_json()
            for path, content in (
                (folder / f"figure-{place:02}.svg", str(vl_convert.vegalite_to_svg(drawn)).encode()),
                (folder / f"figure-{place:02}.png", vl_convert.vegalite_to_png(drawn, scale=2)),
            ):
                path.write_bytes(content)
                found.append(path)
    except OSError as problem:
        raise UsageError(f"{folder}: the figures cannot be written here ({problem.strerror})") from None
    return found


def _page(payload: Payload) -> Iterator[str]:
    run = payload["run"]
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Cohort</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n<main>\n<h1>Cohort</h1>"
    cut = run["data_cut"] or "none"
    yield f"<p>{run['patients']:,} patients, {run['facts']:,} facts, data cut {escape(cut)}.</p>"
    hidden = f"{HIDDEN} stands for fewer than {payload['least']} patients, or for what would give such a cell away."
    yield f"<p>{escape(hidden)}</p>"
    rows = [[f"{r['title']} ({r['edition']})", *(count(r[name]) for name in _COLUMNS)] for r in payload["standings"]]
    yield from _table("Where patients stand", ["Instrument", *_COLUMNS], rows)
    yield from _figures(payload)
    for one in payload["agreement"]:
        pairs = [[f"{p['first']} / {p['second']}", kappa(p["flagged"]), kappa(p["decided"])] for p in one["pairs"]]
        heads = ["Instruments", "Certainly met or not", "Where both decide"]
        yield from _table(f"Kappa with its 95 % interval: {one['syndrome']}", heads, pairs)
    waits = [
        [r["instrument"], r["class"], count(r["after"]), count(r["before"]), hours(r["hours"])]
        for r in payload["since_first_dose"]
    ]
    heads = ["Instrument", "First dose of", "Met after it", "Met before it", "Hours: median (quartiles)"]
    yield from _table("From first dose to first met", heads, waits)
    yield "<ul>" + "".join(f"<li>{escape(note)}</li>" for note in payload["notes"]) + "</ul>"
    yield f"</main>\n<footer><p>{escape(_FOOT)}</p><p>{escape(run['software'])}</p></footer>\n</body>\n</html>"


def _figures(payload: Payload) -> Iterator[str]:
    import vl_convert

    for place, (title, said, chart) in enumerate(charts(payload), start=1):
        drawn = str(vl_convert.vegalite_to_svg(json.dumps(chart.to_dict())))
        start, rest = drawn.split(">", 1)
        named = f'role="img" aria-labelledby="f{place}-t f{place}-d"'
        words = f'<title id="f{place}-t">{escape(title)}</title><desc id="f{place}-d">{escape(said)}</desc>'
        rest = rest.replace('id="clip', f'id="f{place}-clip').replace("url(#clip", f"url(#f{place}-clip")
        yield f"<figure>{start} {named}>{words}{rest}<figcaption>{escape(title)}. {escape(said)}</figcaption></figure>"


def _table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    held = list(rows)
    if held:
        heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in headers)
        yield f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>'
        for first, *cells in held:
            body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            yield f'<tr><th scope="row">{escape(first)}</th>{body}</tr>'
        yield "</tbody></table></div>"


@cache
def _style() -> str:
    return files("stormwatch.cohort.summary").joinpath("page.css").read_text("utf-8")
