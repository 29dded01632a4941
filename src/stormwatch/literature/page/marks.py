"""Which stretches of a text to mark: what overlaps is one mark, so that marks can be drawn one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stormwatch.sources.text import Mention


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch ``text[start:end]``, and the places of its mentions in the list of mentions, from 0."""

    start: int
    end: int
    mentions: tuple[int, ...]


def marks(mentions: Sequence[Mention]) -> list[Mark]:
    """The marks of a text, in its order.

    >>> from stormwatch.sources.text import read_prose
    >>> [(mark.start, mark.end) for mark in marks(read_prose("There was fever and no rash.").mentions)]
    [(10, 15), (23, 27)]
    """
    found: list[Mark] = []
    for place in sorted(range(len(mentions)), key=lambda place: (mentions[place].start, -mentions[place].end)):
        mention = mentions[place]
        if found and mention.start < found[-1].end:
            last = found.pop()
            found.append(Mark(last.start, max(last.end, mention.end), (*last.mentions, place)))
        else:
            found.append(Mark(mention.start, mention.end, (place,)))
    return found


def pieces(text: str, found: Sequence[Mark]) -> Iterator[tuple[str, Mark | None]]:
    """The whole text in pieces, marked and unmarked by turns; together they are the text."""
    at = 0
    for mark in found:
        if at < mark.start:
            yield text[at : mark.start], None
        yield text[mark.start : mark.end], mark
        at = mark.end
    if at < len(text):
        yield text[at:], None
