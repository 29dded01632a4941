"""The table of data elements: what each is called, what may stand there, and in which group it lives."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stormwatch.errors import UnknownName
from stormwatch.safety.e2b.shape import Node, shape

_FOLDER = Path(__file__).with_name("data")
# A reference to a reaction: it has no value of its own in the shape.
_ASSESSED = "G.k.9.i.1"


@dataclass(frozen=True, slots=True)
class Element:
    """One data element. ``home`` are the groups it stands in, from the batch inwards.

    ``ich`` is ICH's conformance (``required``, ``conditional``, ``optional``); ``post`` and ``pre`` are FDA's for
    marketed products and for investigational ones where it asks for more. ``max`` is the longest value in characters,
    0 without a limit; ``precision`` the least precision of a date.
    """

    number: str
    title: str
    kind: str
    list: str
    max: int
    nulls: frozenset[str]
    precision: str
    ich: str
    post: str
    pre: str
    oid: str
    home: tuple[str, ...]

    @property
    def words(self) -> str:
        """The title within a sentence.

        >>> element("E.i.2.1a").words, element("D.8.r.2b").words
        ('reaction, MedDRA version', 'past drug, MPID')
        """
        return self.title if self.title[:2].isupper() else self.title[0].lower() + self.title[1:]

    @property
    def is_regional(self) -> bool:
        return self.number.startswith("FDA.")


@lru_cache(maxsize=1)
def elements() -> Mapping[str, Element]:
    """Every element by number, in the order of the sections."""
    homes = _homes()
    with (_FOLDER / "elements.csv").open(encoding="utf-8", newline="") as file:
        rows = [_element(row, homes[row["number"]]) for row in csv.DictReader(file)]
    return MappingProxyType({row.number: row for row in rows})


def element(number: str) -> Element:
    """One element by its number.

    Raises:
        UnknownName: neither ICH nor FDA has such an element; the message lists the nearest.

    >>> element("E.i.7").title
    'Reaction, outcome'
    """
    try:
        return elements()[number]
    except KeyError:
        from difflib import get_close_matches

        near = ", ".join(get_close_matches(number, elements(), n=3, cutoff=0.4)) or "none"
        raise UnknownName(f"no data element has the number {number!r}; the nearest: {near}") from None


@cache
def codes(name: str) -> Mapping[str, str]:
    """The codes of a list with what each means.

    >>> codes("outcome")["5"]
    'fatal'
    """
    if name in ("country", "country-iso"):
        held = dict(table("countries")["codes"])
        return MappingProxyType({code: text for code, text in held.items() if name == "country" or code != "EU"})
    if name in ("language", "route"):
        return MappingProxyType(table(f"{name}s")["codes"])
    return MappingProxyType(table("codes")[name]["codes"])


@cache
def table(name: str) -> dict[str, Any]:
    """A file of codes as it stands: ``codes``, ``countries``, ``languages`` or ``routes``."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _element(row: dict[str, str], home: tuple[str, ...]) -> Element:
    return Element(
        number=row["number"],
        title=row["title"],
        kind=row["kind"],
        list=row["list"],
        max=int(row["max"] or 0),
        nulls=frozenset(row["nulls"].split()),
        precision=row["precision"],
        ich=row["ich"],
        post=row["post"],
        pre=row["pre"],
        oid=row["oid"],
        home=home,
    )


def _homes() -> dict[str, tuple[str, ...]]:
    """In which groups each element stands, read off the shape."""
    found: dict[str, tuple[str, ...]] = {}

    def visit(node: Node, trail: tuple[str, ...]) -> None:
        here = trail + node.group
        for slot in (*node.slots.values(), *((node.text,) if node.text else ())):
            if slot.kind == "value":
                found.setdefault(slot.number, here)
        for child in node.children:
            visit(child, here)

    visit(shape(), ())
    found[_ASSESSED] = found["G.k.9.i.4"]
    return found
