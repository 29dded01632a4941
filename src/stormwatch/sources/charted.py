"""What a charted answer says about findings, whichever format it came in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stormwatch.facts import Finding, When
from stormwatch.sources.draft import Place, Rejected
from stormwatch.terms import Scale, Term


def finding(term: Term, present: bool, recorded: str, time: When, known: When, place: Place) -> Iterator[Finding]:
    yield Finding(term.id, present, recorded, time, known, place.origin)


def scale_findings(scale: Scale, texts: Iterable[str], time: When, known: When, place: Place) -> Iterator[Finding]:
    """A category decides every finding of its scale: those it lists are present, the others absent."""
    for text in texts:
        listed = scale.present(text)
        if listed is not None:
            for name in scale.sets:
                yield Finding(name, name in listed, text, time, known, place.origin)
            return
    raise Rejected("a category the scale does not list")
