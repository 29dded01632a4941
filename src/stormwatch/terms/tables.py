"""The tables of findings, charted scales and drugs, read once when first asked for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

SYSTEMS = ("snomed", "icd10", "loinc", "rxnorm", "atc", "omop")
"""Code systems by the names used here. ``icd10`` is ICD-10-CM, ``omop`` the concept id."""

_NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """A finding or a drug: its names, its codes by system, the classes of a drug, and where the codes come from."""

    id: str
    title: str
    names: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    classes: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """A charted category, such as the oxygen device, whose one value decides several findings.

    ``sets`` names the findings that any known value decides. ``values`` gives, for each value text (casefolded),
    the findings that it makes present; the others in ``sets`` are then absent.
    """

    id: str
    title: str
    names: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]
    sets: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    source: str = ""

    def present(self, text: str) -> tuple[str, ...] | None:
        """The findings a charted value makes present, or None for a value this scale does not know.

        >>> scales()["oxygen_support"].present("Non-Rebreather")
        ('high_flow_oxygen',)
        >>> scales()["oxygen_support"].present("Room air")
        ()
        """
        return self.values.get(fold(text))


@cache
def findings() -> Mapping[str, Term]:
    """All findings by id."""
    return _terms(table for table in _table("findings.toml").items() if table[0] != "scales")


@cache
def drugs() -> Mapping[str, Term]:
    """All drugs by id."""
    return _terms(table for table in _table("drugs.toml").items() if table[0] != "classes")


@cache
def scales() -> Mapping[str, Scale]:
    """All charted scales by id."""
    return MappingProxyType({id_: _scale(id_, table) for id_, table in _table("findings.toml")["scales"].items()})


@cache
def classes() -> Mapping[str, str]:
    """The closed list of drug classes: name and meaning."""
    return MappingProxyType(dict(_table("drugs.toml")["classes"]))


def fold(text: str) -> str:
    """Casefolded words with single spaces: hyphens, underscores and punctuation count as spaces."""
    return _NOT_A_WORD.sub(" ", text.casefold()).strip()


@cache
def _table(file: str) -> dict[str, Any]:
    return tomllib.loads(files("stormwatch.terms").joinpath(file).read_text("utf-8"))


def _terms(tables: Iterable[tuple[str, dict[str, Any]]]) -> Mapping[str, Term]:
    return MappingProxyType({id_: _term(id_, table) for id_, table in tables})


def _term(id_: str, table: dict[str, Any]) -> Term:
    names, drug_classes = tuple(table["names"]), tuple(table.get("classes", ()))
    return Term(id_, table["title"], names, _codes(table), drug_classes, table["source"])


def _scale(id_: str, table: dict[str, Any]) -> Scale:
    values: dict[str, tuple[str, ...]] = {}
    for text, present in table["values"].items():
        values[text.casefold()] = values[fold(text)] = tuple(present)
    names, sets = tuple(table["names"]), tuple(table["sets"])
    return Scale(id_, table["title"], names, _codes(table), sets, MappingProxyType(values), table["source"])


def _codes(table: dict[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({system: tuple(str(code) for code in table.get(system, ())) for system in SYSTEMS})
