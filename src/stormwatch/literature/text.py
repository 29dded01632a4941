"""What the library answers, as text for a terminal and as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from stormwatch.literature.case import Statement, told
from stormwatch.literature.library import Added, Library
from stormwatch.literature.matching import Match
from stormwatch.literature.precedents import Precedent, Precedents
from stormwatch.literature.screening.screen import Screen
from stormwatch.literature.search import Hit

Payload = dict[str, Any]
_MOST_NAMES = 6
_MOST_STATEMENTS = 12
_UNTIL = "decide about some, both relevant and not, or about all of a random sample (--sample)"


def added_text(added: Sequence[Added]) -> str:
    """How many documents were new and how many were joined with an entry, and which, by what."""
    joined = [one for one in added if one.by]
    by = Counter(one.by for one in joined)
    ways = f" ({', '.join(f'{count:,} by {way}' for way, count in by.items())})" if by else ""
    new = len(added) - len(joined)
    lines = [f"{_counted(len(added), 'document')}: {new:,} new, {len(joined):,} joined with an entry{ways}"]
    for one in joined:
        also = f"; entries {', '.join(map(str, one.absorbed))} are this publication, too" if one.absorbed else ""
        lines.append(f"  joined with {one.number} by {one.by}: {one.title}{also}")
    return "\n".join(lines) + "\n"


def hit_text(hit: Hit) -> str:
    """One entry in one line: number, year, title, journal, mark."""
    mark = f"doi {hit.doi}" if hit.doi else f"PMID {hit.pmid}" if hit.pmid else ""
    rest = ". ".join(part for part in (hit.journal, mark) if part)
    title = (hit.title or "(no title)").rstrip(".")
    return f"{hit.number:>6}  {hit.year or '----'}  {title}. {rest}".rstrip()


def looked_for(match: Match) -> str:
    """Which groups of names a query was taken for; empty when it was taken word for word."""
    if not match.groups:
        return ""
    return "Looked for, as indexed: " + "; ".join(
        f"{group.title} ({_some(sorted(group.names))})" for group in match.groups
    )


def precedents_text(found: Precedents) -> str:
    """The answer to "how many were there before?"."""
    return "\n".join(_precedents(found)) + "\n"


def precedents_payload(found: Precedents) -> Payload:
    """The same as plain data."""
    return {
        "drug": found.drug.id,
        "event": found.event.id,
        "before": found.before,
        "facts_compared": found.facts,
        "earlier": [_precedent(one) for one in found.earlier],
        "same_year": [_precedent(one) for one in found.same_year],
        "undated": [_precedent(one) for one in found.undated],
        "later": found.later,
        "only_named": [asdict(hit) for hit in found.only_named],
        "the_report_says": found.report_says or None,
    }


def screen_text(state: Screen, library: Library, most: int) -> str:
    """What to read next, and what is probably left."""
    return "\n".join(_screen(state, library, most)) + "\n"


def screen_payload(state: Screen) -> Payload:
    """The same as plain data."""
    probabilities = state.ranking.probabilities or [None] * len(state.ranking.numbers)
    return {
        "query": state.query,
        "decided": {str(number): relevant for number, relevant in state.decided.items()},
        "ranked": [
            {"number": number, "probability": probability}
            for number, probability in zip(state.ranking.numbers, probabilities, strict=True)
        ],
        "method": state.ranking.method,
        "left": None if state.left is None else asdict(state.left),
        "to_check": list(state.to_check),
    }


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _precedents(found: Precedents) -> Iterator[str]:
    same = sum(one.same_drug for one in found.earlier)
    when = f" before {found.before}" if found.before is not None else ""
    publications = len({one.hit.number for one in found.earlier})
    yield f"{found.drug.title} and {found.event.title}:"
    yield (
        f"{_counted(len(found.earlier), 'published case')}{when} in this library, "
        f"in {_counted(publications, 'publication')}: "
        f"{same} on the drug itself, {len(found.earlier) - same} on another of its class."
    )
    if found.before is None:
        yield "When the case was is not known, so all are counted; --before names a year."
    if found.report_says:
        yield f"The report itself speaks of earlier reports: {found.report_says}."
    for one in found.earlier:
        yield from _case(one, found.facts)
    yield from _aside("published in the same year, before or after is not known", found.same_year, found.facts)
    yield from _aside("published in a year that is not known", found.undated, found.facts)
    if found.later:
        yield f"{_counted(found.later, 'case')} published later."
    if found.only_named:
        yield f"{_counted(len(found.only_named), 'publication')} with both names and no case of the pair:"
        yield from (hit_text(hit) for hit in found.only_named)
    yield "Counted is what lies in this library; what is not in it was not looked at."


def _aside(what: str, cases: Sequence[Precedent], facts: int) -> Iterator[str]:
    if cases:
        yield f"{_counted(len(cases), 'case')} {what}:"
        for one in cases:
            yield from _case(one, facts)


def _case(one: Precedent, facts: int) -> Iterator[str]:
    patient = "" if one.patient == "1" else f" (patient {one.patient})"
    yield f"{hit_text(one.hit)}{patient}"
    alike, otherwise, untold = len(one.agree), len(one.differ), len(one.untold)
    yield f"        {alike} of {facts} facts alike, {otherwise} told otherwise, {untold} not told"
    for name, statements in (("alike", one.agree), ("otherwise", one.differ)):
        if statements:
            yield f"        {name}: {_listed(statements)}"


def _listed(statements: Sequence[Statement]) -> str:
    shown = ", ".join(told(statement) for statement in statements[:_MOST_STATEMENTS])
    more = len(statements) - _MOST_STATEMENTS
    return f"{shown}, and {more} more" if more > 0 else shown


def _precedent(one: Precedent) -> Payload:
    statements = {name: [list(statement) for statement in getattr(one, name)] for name in ("agree", "differ", "untold")}
    return {**asdict(one.hit), "patient": one.patient, "same_drug": one.same_drug, **statements}


def _screen(state: Screen, library: Library, most: int) -> Iterator[str]:
    relevant = sum(state.decided.values())
    yield (
        f"{len(state.batch):,} publications, {len(state.decided):,} decided: {relevant:,} relevant, "
        f"{len(state.decided) - relevant:,} not"
    )
    if state.left is not None:
        left = state.left
        yield f"Probably left: about {left.about:.0f} relevant ({left.low} to {left.high}), {left.method}"
    else:
        yield f"How many relevant ones are left is not known yet; {_UNTIL}."
    if state.to_check:
        yield f"Drawn at random and not decided yet: {', '.join(map(str, state.to_check))}"
    yield f"To read next, {state.ranking.method}:"
    probabilities = state.ranking.probabilities or ()
    for place, number in enumerate(state.ranking.numbers[:most]):
        document = library.document(number)
        chance = f"  {probabilities[place]:.2f}" if probabilities else ""
        hit = Hit(number, document.title, document.journal, document.year, document.doi, document.pmid, 0)
        yield hit_text(hit) + chance
