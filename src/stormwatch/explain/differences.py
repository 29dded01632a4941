"""Two instruments side by side: what only one asks, and where they ask the same thing differently."""

from __future__ import annotations

from collections.abc import Iterator

from stormwatch.explain.handbook import phrases
from stormwatch.instruments.instrument import Instrument


def differences(one: Instrument, other: Instrument) -> str:
    """The differences in text, item by item: matched by id, then by what they ask."""
    return "\n".join(_lines(one, other)) + "\n"


def _lines(one: Instrument, other: Instrument) -> Iterator[str]:
    yield f"{one.id} ({one.edition}) against {other.id} ({other.edition})"
    yield ""
    first, second = ({item.id: item for item in instrument.items} for instrument in (one, other))
    for name in first:
        if name not in second:
            yield f"  only {one.id}: {first[name].title}"
            yield from _asked(phrases(first[name].part))
    for name in second:
        if name not in first:
            yield f"  only {other.id}: {second[name].title}"
            yield from _asked(phrases(second[name].part))
    same = []
    for name in (name for name in first if name in second):
        here, there = phrases(first[name].part), phrases(second[name].part)
        if here == there:
            same.append(first[name].title)
            continue
        yield f"  differs: {first[name].title}"
        yield from _asked(here, one.id)
        yield from _asked(there, other.id)
    if same:
        yield f"  the same: {', '.join(same)}"
    yield ""
    for instrument in (one, other):
        yield f"  {instrument.id}: {instrument.definition.result.published}"
        yield f"  {instrument.id}, population: {instrument.definition.population.text}"


def _asked(phrases: list[str], whose: str = "") -> Iterator[str]:
    for phrase in phrases:
        yield f"      {whose + ': ' if whose else ''}{phrase}"
