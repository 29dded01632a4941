"""Names that mean the same in a search: of events, of drugs, and of classes of drugs with all that belong to them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stormwatch import terms
from stormwatch.errors import UnknownName
from stormwatch.literature.folding import fold
from stormwatch.sources.text.lexicon import data, spellings


@dataclass(frozen=True, slots=True)
class Group:
    """What a search takes as one: its id and title, and its names as they are folded.

    ``members`` are ids as reports are read: diseases of an event, drugs of a class; of a drug its own id.
    """

    id: str
    title: str
    names: frozenset[str]
    members: frozenset[str]


def named(words: str) -> Group | None:
    """The group that a name belongs to, or None.

    >>> named("macrophage activating syndrome").id
    'haemophagocytic_syndrome'
    >>> sorted(named("T-cell engagers").members)[:2]
    ['blinatumomab', 'elranatamab']
    """
    return _by_name().get(fold(words))


def longest_name() -> int:
    """How many words the longest name of a group has."""
    return max(name.count(" ") + 1 for name in _by_name())


@cache
def events() -> Mapping[str, Group]:
    """Events that a case can be about, by id."""
    diseases = data("diseases.toml")
    return {
        id_: Group(
            id_,
            row["title"],
            _folded([*row["names"], *(name for one in row["diseases"] for name in diseases[one])]),
            frozenset(row["diseases"]),
        )
        for id_, row in _table()["events"].items()
    }


@cache
def drugs() -> Mapping[str, Group]:
    """Drugs of the catalogue by id, with the names that reports use."""
    prose = data("drugs.toml")["catalogue"]
    return {
        id_: Group(id_, term.title, _folded([*term.names, *prose.get(id_, ())]), frozenset({id_}))
        for id_, term in terms.drugs().items()
    }


@cache
def classes() -> Mapping[str, Group]:
    """Classes of drugs that reports name, each with the names of all its drugs."""
    return {id_: _class(id_, names) for id_, names in _table()["classes"].items()}


def event(words: str) -> Group:
    """The event of this id or name. Raises UnknownName with the events there are."""
    by_name = named(words)
    found = events().get(words) or (by_name if by_name is not None and by_name.id in events() else None)
    if found is None:
        raise UnknownName(f"no event is called {words!r}; there are: {', '.join(events())}")
    return found


def drug(words: str) -> Group:
    """The drug, or the class of drugs, of this id or name. Raises UnknownName.

    >>> drug("Blincyto").id
    'blinatumomab'
    """
    by_name = named(words)
    known = {**drugs(), **classes()}
    found = known.get(words) or (by_name if by_name is not None and by_name.id in known else None)
    if found is None:
        raise UnknownName(f"no drug and no class of drugs is called {words!r}; classes: {', '.join(classes())}")
    return found


def class_of(one: Group) -> Group:
    """The class a drug belongs to, with all its drugs; a class, or a drug without one that reports name, is itself.

    >>> class_of(drug("blinatumomab")).id
    't_cell_engager'
    """
    term = terms.drugs().get(one.id)
    return next((classes()[name] for name in term.classes if name in classes()), one) if term else one


def _class(id_: str, names: Iterable[str]) -> Group:
    members = terms.drugs_in_class(id_)
    own = [name for member in members for name in drugs()[member].names]
    return Group(id_, id_.replace("_", " "), _folded(names) | frozenset(own), members)


@cache
def _by_name() -> Mapping[str, Group]:
    """Groups by each of their own names. The names of its drugs do not stand for a class."""
    found: dict[str, Group] = {}
    for group in _others():
        found.update(dict.fromkeys(group.names, group))
    for id_, names in _table()["classes"].items():
        found.update(dict.fromkeys(_folded(names), classes()[id_]))
    for group in (*drugs().values(), *events().values()):
        found.update(dict.fromkeys(group.names, group))
    return found


def _others() -> Iterator[Group]:
    """Diseases that belong to no event: each is a group of its own names."""
    taken = frozenset().union(*(group.members for group in events().values()))
    for id_, names in data("diseases.toml").items():
        if id_ not in taken and isinstance(names, list):  # a table holds names that mean none of them
            yield Group(id_, names[0], _folded(names), frozenset({id_}))


def _folded(names: Iterable[str]) -> frozenset[str]:
    left_out = frozenset(_table()["left_out"]["names"])
    return frozenset(fold(spelling) for name in names if name not in left_out for spelling in spellings(name))


@cache
def _table() -> dict[str, Any]:
    text = files("stormwatch.literature").joinpath("data").joinpath("synonyms.toml").read_text("utf-8")
    return tomllib.loads(text)
