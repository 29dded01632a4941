"""What OMOP concept ids say about a row: sex, operator, answer, unit, visit, and whether a drug was given."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def meanings(kind: str) -> Mapping[str, str | bool]:
    """Concept id -> meaning, for ``genders``, ``operators``, ``answers``, ``visits``, ``drug_types`` or ``units``."""
    table = dict(_tables()[kind])
    del table["source"]
    return MappingProxyType(table)


def meaning(kind: str, concept: str) -> str:
    """The meaning of a concept id, or an empty text.

    >>> meaning("operators", "4172704"), meaning("units", "8842"), meaning("units", "0")
    ('>', 'ng/mL', '')
    """
    return str(meanings(kind).get(concept, ""))


def answer(concept: str) -> bool | None:
    """Whether a concept used as a value says present or absent, or neither."""
    found = meanings("answers").get(concept)
    return found if isinstance(found, bool) else None


@cache
def _tables() -> dict[str, dict[str, str | bool]]:
    return tomllib.loads(files("stormwatch.sources.omop").joinpath("concepts.toml").read_text("utf-8"))
