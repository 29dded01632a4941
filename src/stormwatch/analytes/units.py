"""Units: a closed table of exact factors, by dimension. What is not in the table is unknown, and never guessed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).with_name("units.toml")
_MICRO = str.maketrans({"µ": "u", "μ": "u"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: value in the base unit of its dimension = value * ``factor`` + ``offset``."""

    code: str
    factor: Fraction
    offset: Fraction


def exact(text: str) -> Fraction:
    """The exact value of a decimal, or of a quotient of two decimals.

    >>> exact("1/2.5")
    Fraction(2, 5)
    """
    dividend, _, divisor = text.partition("/")
    return Fraction(dividend) / Fraction(divisor or 1)


@lru_cache(maxsize=1024)
def normal_spelling(unit: str) -> str:
    """A unit as it is compared: without spaces, micro signs as u, case folded.

    >>> normal_spelling(" µG / L ")
    'ug/l'
    """
    return "".join(unit.split()).translate(_MICRO).casefold()


@cache
def units() -> Mapping[str, Mapping[str, Unit]]:
    """Every dimension with its units by normal spelling."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({dimension: _by_spelling(table) for dimension, table in tables.items()})


def find_unit(dimension: str, spelling: str) -> Unit | None:
    """The unit that a spelling means within a dimension, or None."""
    return units()[dimension].get(normal_spelling(spelling))


def _by_spelling(table: dict[str, dict[str, object]]) -> Mapping[str, Unit]:
    found: dict[str, Unit] = {}
    for code, entry in table.items():
        unit = Unit(code, exact(str(entry["factor"])), exact(str(entry.get("offset", "0"))))
        spellings = entry["spellings"]
        assert isinstance(spellings, list)
        found.update((normal_spelling(spelling), unit) for spelling in (code, *spellings))
    return MappingProxyType(found)
