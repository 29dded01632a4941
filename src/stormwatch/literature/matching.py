"""A query in the words of the full-text index, with the synonyms that are looked for too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stormwatch.errors import UsageError
from stormwatch.literature.folding import fold
from stormwatch.literature.names import Group, class_of, drugs, longest_name, named
from stormwatch.literature.query import Both, Either, Query, Words, parse


@dataclass(frozen=True, slots=True)
class Match:
    """An expression of SQLite's FTS5, and the groups of names it looks for instead of single words."""

    expression: str
    groups: tuple[Group, ...]


def match_of(text: str, *, exact: bool = False, widen: bool = False) -> Match:
    """The expression of a query.

    Args:
        text: the query. A word that ends in ``*`` stands for all that begin so; a phrase in quotes has no synonyms.
        exact: look for the words as they are, without synonyms.
        widen: take each drug for its whole class.

    Raises:
        UsageError: the query cannot be read; see ``parse``.

    >>> match_of("fever AND cough").expression
    '("fever" AND "cough")'
    >>> [group.id for group in match_of("blinatumomab AND MAS").groups]
    ['blinatumomab', 'haemophagocytic_syndrome']
    """
    groups: dict[str, Group] = {}
    return Match(_expression(parse(text), exact, widen, groups), tuple(groups.values()))


def any_name(group: Group) -> str:
    """The expression for any name of a group."""
    return f"({' OR '.join(_quoted(name) for name in sorted(group.names))})"


def _expression(query: Query, exact: bool, widen: bool, groups: dict[str, Group]) -> str:
    if isinstance(query, Either):
        return f"({' OR '.join(_expression(part, exact, widen, groups) for part in query.parts)})"
    if isinstance(query, Both):
        found = " AND ".join(_expression(part, exact, widen, groups) for part in query.parts)
        without = " OR ".join(_expression(part, exact, widen, groups) for part in query.without)
        return f"(({found}) NOT ({without}))" if without else f"({found})"
    return _words(query, exact, widen, groups)


def _words(words: Words, exact: bool, widen: bool, groups: dict[str, Group]) -> str:
    if words.phrase:
        return _joined([_one(words.text, None, widen, groups)])
    found = ((word, None) for word in words.text.split()) if exact else _split(words.text.split())
    return _joined([_one(part, group, widen, groups) for part, group in found])


def _split(words: list[str]) -> Iterator[tuple[str, Group | None]]:
    """Words in the longest names that groups have, and single words between."""
    at = 0
    while at < len(words):
        for length in range(min(longest_name(), len(words) - at), 0, -1):
            group = named(" ".join(words[at : at + length]))
            if group is not None or length == 1:
                yield " ".join(words[at : at + length]), group
                at += length
                break


def _one(text: str, group: Group | None, widen: bool, groups: dict[str, Group]) -> str:
    if group is None:
        return _quoted(fold(text)) + ("*" if text.endswith("*") else "") if fold(text) else ""
    wide = class_of(group) if widen and group.id in drugs() else group
    groups[wide.id] = wide
    return any_name(wide)


def _joined(parts: list[str]) -> str:
    kept = [part for part in parts if part]
    if not kept:
        raise UsageError("the query has a part without a letter or digit; nothing can be looked for with it")
    return kept[0] if len(kept) == 1 else f"({' AND '.join(kept)})"


def _quoted(folded: str) -> str:
    return f'"{folded}"'
