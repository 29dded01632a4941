"""An instrument as a page of a handbook: purpose, population, items, evidence, and where it misleads."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.explain import words
from stormwatch.facts import Interval
from stormwatch.instruments.instrument import Instrument, Item
from stormwatch.instruments.schema import Item as ItemText
from stormwatch.logic import nodes as n

_MARKS = {
    "primary": "primary",
    "secondary": "secondary source",
    "unconfirmed": "UNCONFIRMED: never decides a default verdict",
}


def page(instrument: Instrument) -> str:
    """The page in Markdown."""
    return "\n".join(_lines(instrument)) + "\n"


def _lines(instrument: Instrument) -> Iterator[str]:
    definition = instrument.definition
    yield f"# {definition.title}"
    yield ""
    yield f"`{definition.id}`, edition {definition.edition}. {definition.purpose}"
    yield ""
    yield f"**Population.** {definition.population.text}"
    yield ""
    yield from _look_back(instrument)
    yield "## Items"
    yield ""
    for item, text in zip(instrument.items, definition.items, strict=True):
        yield from _item(item, text)
    yield from _result(instrument)
    yield from _listed("Pitfalls", definition.pitfalls)
    yield from _listed("Sources", [_citation(c.text, c.doi, c.pmid) for c in definition.citations])
    yield f"Definition SHA-256 {instrument.hash}."


def _look_back(instrument: Instrument) -> Iterator[str]:
    look = instrument.definition.look_back
    whose = "as published" if look.basis == "published" else "our choice"
    yield f"**Look-back** ({whose}): {look.take} within {look.within}. {look.note}"
    yield ""


def _item(item: Item, text: ItemText) -> Iterator[str]:
    yield f"### {text.title}"
    yield ""
    yield f"{text.published} Evidence: {_MARKS[text.evidence]}{f' ({text.source})' if text.source else ''}."
    yield ""
    for line in phrases(item.part):
        yield f"- {line}"
    yield ""
    if text.note:
        yield f"Our reading: {text.note}"
        yield ""


def phrases(node: n.Node) -> list[str]:
    """The conditions as they are computed, a line each, with their points where they have any."""
    if not isinstance(node, n.Choose):
        return [_phrase(node)]
    rows = [f"{words.amount(_fixed(row.value))}: {_phrase(row.when)}" for row in node.rows]
    return [*rows, f"{words.amount(_fixed(node.otherwise))}: otherwise"]


def _fixed(node: n.NumberNode) -> Interval:
    assert isinstance(node, n.Constant)
    return Interval.point(node.value)


def _phrase(node: n.Node) -> str:
    """A condition and its parts in one line."""
    if isinstance(node, n.Compare) and isinstance(node.number, n.Count):
        return f"{words.condition(node)}: {'; '.join(_phrase(part) for part in node.number.parts)}"
    if isinstance(node, n.All | n.Any):
        return f"{words.condition(node)} ({'; '.join(_phrase(part) for part in node.parts)})"
    if isinstance(node, n.FirstRecorded):
        return ", or if that is not recorded ".join(_phrase(option) for option in node.options)
    if isinstance(node, n.Not | n.WithheldTruth):
        return f"{words.condition(node)} ({_phrase(node.part)})"
    return words.condition(node)


def _result(instrument: Instrument) -> Iterator[str]:
    result = instrument.definition.result
    yield "## Result"
    yield ""
    yield f"{result.published} Evidence: {_MARKS[result.evidence]}. {result.note}".rstrip()
    yield ""
    for grade in result.grades or ():
        yield f"- grade {grade.grade}: {grade.text}"
    for band in result.bands:
        yield f"- {_stretch(band.low, band.high)} {result.unit}: {band.text}"
    if result.bands_source:
        yield ""
        yield result.bands_source
    yield ""


def _stretch(low: object, high: object) -> str:
    if low is None:
        return f"{high} or less"
    return f"{low} or more" if high is None else f"{low} to {high}"


def _listed(title: str, lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    if lines:
        yield f"## {title}"
        yield ""
        yield from (f"- {line}" for line in lines)
        yield ""


def _citation(text: str, doi: str, pmid: str) -> str:
    return " ".join(part for part in (text, f"doi:{doi}." if doi else "", f"PMID {pmid}." if pmid else "") if part)
