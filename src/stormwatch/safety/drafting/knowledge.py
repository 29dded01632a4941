"""Which findings state which reaction, and what is history, sign and indication: the table of reactions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reaction. ``grade`` is the CTCAE instrument whose grade 4 says life-threatening, if any."""

    id: str
    term: str
    findings: tuple[str, ...]
    death: tuple[str, ...]
    life_threatening: tuple[str, ...]
    grade: str
    listing: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of reaction a course can hold, by id.

    >>> kinds()["crs"].term
    'Cytokine release syndrome'
    """
    return MappingProxyType({name: _kind(name, row) for name, row in _table()["reaction"].items()})


def history() -> tuple[str, ...]:
    """The findings that are told as medical history."""
    return tuple(_table()["history"]["findings"])


def signs() -> tuple[str, ...]:
    """The findings that are told as signs of the reaction."""
    return tuple(_table()["signs"]["findings"])


def indications(drug: str) -> tuple[str, ...]:
    """The diseases a drug is given for, where that is held here."""
    return tuple(_table()["indication"].get(drug, ()))


def _kind(name: str, row: dict[str, Any]) -> Kind:
    return Kind(
        id=name,
        term=row["term"],
        findings=tuple(row["findings"]),
        death=tuple(row["death"]),
        life_threatening=tuple(row["life_threatening"]),
        grade=row.get("grade", ""),
        listing=row["listing"],
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("stormwatch.safety").joinpath("data/reactions.toml").read_text("utf-8"))
