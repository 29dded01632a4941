"""Which substances a drug row names: from the ingredient FDA gives, from our table, from other reports, by likeness.

The rules are tried in the order of ``RULES`` and the first that answers counts. Every answer keeps its rule and score,
so it can be looked up and corrected. A name nobody knows stays as it was written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stormwatch.terms import drug_by_name, drugs
from stormwatch.terms.tables import fold

INGREDIENT = "ingredient given"
TABLE = "name in our table"
KNOWN = "name of an ingredient in other reports"
LEARNED = "same name with an ingredient in other reports"
BRACKETS = "ingredient in brackets"
SIMILAR = "similar name"
AS_WRITTEN = "as written"
NO_NAME = "no name"
RULES = (INGREDIENT, TABLE, KNOWN, LEARNED, BRACKETS, SIMILAR, AS_WRITTEN, NO_NAME)

LEAST_SHARE = 0.9
"""Of the reports that give this name and an ingredient, how many must agree before others follow them (ours)."""
LEAST_REPORTS = 2
LEAST_LIKENESS = 90.0
"""How alike two spellings must be, in per cent of rapidfuzz's ratio (ours); names under six letters never are."""
_LEAST_LETTERS = 6

_BRACKETS = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_SUFFIX = re.compile(r"^(.*(?:mab|cept|stim|poetin alfa|leucel|fusp|ase|ase alfa|ase beta)) (?!alfa|beta)[a-z]{4}$")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The substances a name stands for, the rule that said so, and how alike the names are (100 but for likeness)."""

    substances: tuple[str, ...]
    rule: str
    score: float = 100.0


@dataclass(frozen=True, slots=True)
class NameCount:
    """A drug name and ingredient as written, and in how many rows."""

    name: str
    ingredient: str
    rows: int


class Names:
    """Resolves names; learns from those that come with an ingredient."""

    def __init__(self, seen: Iterable[NameCount]) -> None:
        rows = list(seen)
        self._known = {one for row in rows for one in _ingredients(row.ingredient)} | _our_substances()
        self._learned = _learn(rows)
        self._similar: dict[str, tuple[str, float] | None] = {}
        self._by_start = _by_start(self._known)

    def resolve(self, name: str, ingredient: str = "") -> Resolved:
        """What a drug row names.

        >>> Names([]).resolve("BLINCYTO", "BLINATUMOMAB")
        Resolved(substances=('blinatumomab',), rule='ingredient given', score=100.0)
        >>> Names([]).resolve("Blincyto 35 mcg vial").rule
        'name in our table'
        """
        if substances := _ingredients(ingredient):
            return Resolved(substances, INGREDIENT)
        word = fold(name)
        if not word:
            return Resolved((), NO_NAME, 0.0)
        if (drug := drug_by_name(name)) is not None:
            return Resolved((substance_of(drug.id),), TABLE)
        if (short := shorten(word)) in self._known:
            return Resolved((short,), KNOWN)
        if learned := self._learned.get(word):
            return Resolved(learned, LEARNED)
        if bracketed := self._in_brackets(name):
            return Resolved(bracketed, BRACKETS)
        if (close := self._like(word)) is not None:
            return Resolved((close[0],), SIMILAR, close[1])
        return Resolved((short,), AS_WRITTEN)

    def _in_brackets(self, name: str) -> tuple[str, ...]:
        """Ingredients that legacy reports write in brackets after the name, when all of them are known."""
        pieces = [piece for found in _BRACKETS.findall(name) for piece in re.split(r"[,;/+]", found)]
        substances = [shorten(fold(piece)) for piece in pieces]
        known = [one for one in substances if one in self._known]
        return tuple(dict.fromkeys(known)) if known and len(known) == len(substances) else ()

    def _like(self, word: str) -> tuple[str, float] | None:
        if word not in self._similar:
            self._similar[word] = self._closest(word)
        return self._similar[word]

    def _closest(self, word: str) -> tuple[str, float] | None:
        """The one known name that is alike enough; none when two are equally alike."""
        from rapidfuzz import fuzz, process

        choices = self._by_start.get(word[:2], {})
        if len(word) < _LEAST_LETTERS or not choices:
            return None
        found = process.extract(word, choices.keys(), scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=2)
        meant = {choices[choice]: score for choice, score, _ in reversed(found)}
        best = max(meant.values(), default=0.0)
        winners = [substance for substance, score in meant.items() if score == best]
        return (winners[0], round(best, 1)) if len(winners) == 1 else None


def shorten(ingredient: str) -> str:
    """An ingredient without its salt, and a biological without its four-letter suffix.

    >>> shorten("imatinib mesylate"), shorten("potassium chloride"), shorten("infliximab dyyb")
    ('imatinib', 'potassium chloride', 'infliximab')
    """
    words = ingredient.split()
    salts, kept = _salts()
    if words and words[0] not in salts | kept:
        while len(words) > 1 and words[-1] in salts:
            words.pop()
    text = " ".join(words)
    suffixed = _SUFFIX.match(text)
    return suffixed[1] if suffixed else text


@cache
def _ingredients(text: str) -> tuple[str, ...]:
    """The substances of an ingredient field; FDA parts them by a backslash."""
    pieces = (piece.strip() for piece in text.split("\\"))
    return tuple(dict.fromkeys(_substance(piece) for piece in pieces if fold(piece)))


def _substance(ingredient: str) -> str:
    drug = drug_by_name(ingredient)
    return substance_of(drug.id) if drug is not None else shorten(fold(ingredient))


def substance_of(drug: str) -> str:
    """What a drug of our table is called in a database: its first name there, which is that of the ingredient.

    >>> substance_of("axicabtagene_ciloleucel")
    'axicabtagene ciloleucel'
    """
    return fold(drugs()[drug].names[0])


def _our_substances() -> set[str]:
    return {substance_of(drug) for drug in drugs()}


def _learn(rows: Iterable[NameCount]) -> dict[str, tuple[str, ...]]:
    """What a name means in nearly all reports that give its ingredient."""
    seen: dict[str, dict[tuple[str, ...], int]] = {}
    for row in rows:
        if substances := _ingredients(row.ingredient):
            counts = seen.setdefault(fold(row.name), {})
            counts[substances] = counts.get(substances, 0) + row.rows
    return {word: best for word, counts in seen.items() if word and (best := _agreed(counts))}


def _agreed(counts: Mapping[tuple[str, ...], int]) -> tuple[str, ...] | None:
    best = max(counts, key=lambda one: (counts[one], one))
    total = sum(counts.values())
    return best if total >= LEAST_REPORTS and counts[best] >= LEAST_SHARE * total else None


def _by_start(known: Iterable[str]) -> dict[str, dict[str, str]]:
    """Known names and what they mean, by their first two letters: spellings that differ there are not compared."""
    names = {one: one for one in sorted(known)}
    names |= {fold(spelling): substance_of(drug.id) for drug in drugs().values() for spelling in drug.names}
    found: dict[str, dict[str, str]] = {}
    for spelling, meant in names.items():
        if len(spelling) >= _LEAST_LETTERS:
            found.setdefault(spelling[:2], {})[spelling] = meant
    return found


@cache
def _salts() -> tuple[frozenset[str], frozenset[str]]:
    table = tomllib.loads(files("stormwatch.signals.names").joinpath("salts.toml").read_text("utf-8"))
    return frozenset(table["words"]), frozenset(table["kept"])
