"""The catalogue: what each test is, and how it is found by id, code or name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from stormwatch.analytes.units import exact
from stormwatch.errors import UnknownName
from stormwatch.facts import Interval

_FILE = Path(__file__).with_name("analytes.toml")
_GAP = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True)
class Also:
    """A further kind of unit in which an analyte is reported: 1 ``unit`` is ``factor`` canonical units."""

    dimension: str
    unit: str
    factor: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Analyte:
    """A laboratory or bedside quantity, whatever its codes and units.

    Every value is kept in ``unit``, the canonical one. ``plausible`` is what a record may hold: far wider than any
    reference range, it catches slips of unit and pen. ``loinc_noisy`` are codes that public data carry for this test
    although LOINC gives them another meaning or none; they are read, never written.
    """

    id: str
    title: str
    unit: str
    dimension: str
    names: tuple[str, ...]
    loinc: tuple[str, ...]
    loinc_noisy: tuple[str, ...]
    omop: tuple[int, ...]
    plausible: Interval
    plausible_note: str
    source: str
    also: Also | None = None

    def __hash__(self) -> int:
        # Conversions are cached by analyte: hashing all fields would cost more than the conversion.
        return hash(self.id)

    @property
    def can_be_negative(self) -> bool:
        return self.plausible.low < 0


@cache
def catalogue() -> Mapping[str, Analyte]:
    """All analytes by id.

    >>> catalogue()["ferritin"].unit
    'ng/mL'
    """
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType({id: _analyte(id, table) for id, table in tables.items()})


def analyte(id: str) -> Analyte:
    """The analyte with this id.

    Raises:
        UnknownName: there is none; the message lists the nearest ids.

    >>> analyte("haemoglobin").title
    'Haemoglobin'
    """
    found = catalogue().get(id)
    if found is None:
        raise UnknownName(f"no analyte {id!r}; nearest: {', '.join(_nearest(id)) or 'none'}")
    return found


def by_code(system: Literal["loinc", "omop"], code: str) -> Analyte | None:
    """The analyte that a LOINC code or an OMOP concept id means, or None when it means none of ours.

    >>> found = by_code("loinc", "2276-4")
    >>> found.id if found else None
    'ferritin'
    """
    return _codes().get((system, code.strip()))


def by_name(name: str) -> Analyte | None:
    """The analyte that a label means, or None. Case, spaces, underscores and hyphens do not matter.

    >>> found = by_name("Hemoglobin")
    >>> found.id if found else None
    'haemoglobin'
    """
    return _names().get(_folded(name))


@cache
def _codes() -> dict[tuple[str, str], Analyte]:
    found: dict[tuple[str, str], Analyte] = {}
    for each in catalogue().values():
        found.update((("loinc", code), each) for code in (*each.loinc, *each.loinc_noisy))
        found.update((("omop", str(concept)), each) for concept in each.omop)
    return found


@cache
def _names() -> dict[str, Analyte]:
    return {_folded(name): each for each in catalogue().values() for name in (each.id, *each.names)}


def _folded(name: str) -> str:
    return _GAP.sub(" ", name).strip().casefold()


def _nearest(name: str) -> list[str]:
    matches = get_close_matches(_folded(name), list(_names()), n=5, cutoff=0.5)
    return list(dict.fromkeys(_names()[match].id for match in matches))


def _analyte(id: str, table: dict[str, Any]) -> Analyte:
    low, high = (exact(end) for end in table["plausible"])
    return Analyte(
        id=id,
        title=table["title"],
        unit=table["unit"],
        dimension=table["dimension"],
        names=tuple(table["names"]),
        loinc=tuple(table["loinc"]),
        loinc_noisy=tuple(table.get("loinc_noisy", ())),
        omop=tuple(table["omop"]),
        plausible=Interval(low, high),
        plausible_note=table["plausible_note"],
        source=table["source"],
        also=_also(table["also"]) if "also" in table else None,
    )


def _also(table: dict[str, str]) -> Also:
    return Also(table["dimension"], table["unit"], exact(table["factor"]), table["source"])
