"""The report as one HTML page that needs nothing else: it prints on A4 and can be read aloud."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from stormwatch.sources.quality import words
from stormwatch.sources.quality.words import Payload

_MEASURED = ("Analyte", "Rows", "Patients", "Units as recorded", "Censored", "Rejected", "Repeated", "Derived", "Gap")
_INSTRUMENTS = ("Instrument", "Questions", "Answered in nobody", "Patients with every answer")
_NUMBERS = frozenset({*_MEASURED[1:], *_INSTRUMENTS[1:]} - {"Units as recorded"})

Cells = Sequence[str]


def quality_html(payload: Payload) -> str:
    """The report of :func:`quality` as a page."""
    return "\n".join(_page(payload)) + "\n"


def _page(payload: Payload) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>Data quality</title>\n<style>\n{_style()}</style>\n</head>\n<body>\n<main>"
    yield "<h1>Data quality</h1>"
    yield f"<p>What was understood of {payload['patients']:,} patients, and what was not.</p>"
    yield from _account(payload)
    yield from _measured(payload["analytes"])
    yield from _unmapped(payload["unmapped"])
    yield from _needs(payload["needs"])
    yield f"</main>\n<footer><p>{escape(words.USE)}</p><p>{escape(payload['software'])}</p></footer>\n</body>\n</html>"


def _account(payload: Payload) -> Iterator[str]:
    account = payload["accounting"]
    yield "<h2>What became of every row</h2>"
    yield f'<p class="sum">{escape(words.equation(account))}</p>'
    yield from _bar(account)
    if account["reasons"]:
        rows = [(one["reason"], f"{one['rows']:,}") for one in account["reasons"]]
        yield from _table("Rows rejected, by reason", ("Reason", "Rows"), rows)


def _bar(account: Payload) -> Iterator[str]:
    """The same as the sentence above it, drawn; nothing is read aloud twice."""
    kinds = [kind for kind in ("used", "rejected", "not_needed", "other_patients") if account[kind]]
    parts = (f'<span class="{kind}" style="flex-grow:{account[kind]}"></span>' for kind in kinds)
    yield f'<div class="bar" aria-hidden="true">{"".join(parts)}</div>'


def _measured(rows: list[Payload]) -> Iterator[str]:
    yield "<h2>What was measured</h2>"
    yield f"<p>{escape(' '.join(words.MEASURED))}</p>"
    yield from _table("Analytes", _MEASURED, [_analyte(row) for row in rows])


def _analyte(row: Payload) -> Cells:
    units = "; ".join(f"{words.converted(unit)} ({unit['rows']:,})" for unit in row["units"]) or "–"
    counts = (row["censored"], words.refused(row), row["duplicates"], row["derived"])
    return (
        row["title"],
        f"{row['rows']:,}",
        f"{row['patients']:,}",
        units,
        *(f"{n:,}" for n in counts),
        words.gap(row),
    )


def _unmapped(payload: Payload) -> Iterator[str]:
    yield "<h2>Not needed or not understood</h2>"
    if not payload["listed"]:
        yield "<p>Every name and code was understood.</p>"
        return
    rest = payload["labels"] - len(payload["listed"])
    more = f" {rest:,} rarer ones are not listed." if rest else ""
    yield f"<p>A likely analyte is a guess by spelling, for a person to check.{more}</p>"
    rows = [(one["label"], f"{one['rows']:,}", one["title"] or "–") for one in payload["listed"]]
    yield from _table("Names and codes not read", ("Name or code", "Rows", "Perhaps"), rows)


def _needs(needs: list[Payload]) -> Iterator[str]:
    if not needs:
        return
    yield "<h2>What instruments lack</h2>"
    yield "<p>Never measured, stated or recorded at any time; how recent an answer must be is not looked at here.</p>"
    rows = [(need["text"], ", ".join(asking)) for need, asking in words.asked(needs) if words.in_some(need)]
    yield from _table("Lacking in some", ("What is lacking", "Asked by"), rows)
    yield "<h3>Lacking in every patient</h3>"
    yield from (f'<p class="wide">{escape(sentence)}</p>' for sentence in words.nobody(needs) or ["Nothing."])
    yield from _table("By instrument", _INSTRUMENTS, map(_instrument, needs))


def _instrument(one: Payload) -> Cells:
    none = sum(map(words.in_nobody, one["needs"]))
    everything = f"{one['patients_with_all']:,} of {one['of']:,}"
    return one["instrument"], f"{len(one['needs']):,}", f"{none:,}", everything


def _table(caption: str, headers: Sequence[str], rows: Iterable[Cells]) -> Iterator[str]:
    """Roles are written out because the narrow layout takes the look of a table away, and with it its meaning."""
    yield f'<table role="table"><caption>{escape(caption)}</caption>\n<thead role="rowgroup"><tr role="row">'
    yield "".join(f'<th role="columnheader" scope="col"{_kind(name)}>{escape(name)}</th>' for name in headers)
    yield '</tr></thead>\n<tbody role="rowgroup">'
    for row in rows:
        cells = (_cell(name, text) for name, text in zip(headers[1:], row[1:], strict=True))
        yield f'<tr role="row"><th role="rowheader" scope="row">{escape(row[0])}</th>{"".join(cells)}</tr>'
    yield "</tbody></table>"


def _cell(header: str, text: str) -> str:
    return f'<td role="cell" data-of="{escape(header)}"{_kind(header)}>{escape(text)}</td>'


def _kind(header: str) -> str:
    return ' class="n"' if header in _NUMBERS else ""


@cache
def _style() -> str:
    return files("stormwatch.sources.quality").joinpath("page.css").read_text("utf-8")
