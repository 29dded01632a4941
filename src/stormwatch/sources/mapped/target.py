"""What a local code, name or column means: one analyte, drug, finding or charted scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stormwatch import analytes, terms
from stormwatch.facts import Exposure, Fact
from stormwatch.sources.draft import Place
from stormwatch.sources.table.row import Row, facts

_SAYS = {"drug": {"given", "not given", "ordered"}, "finding": {"present", "absent"}}


class Table(BaseModel):
    """Every table refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(Table):
    """Exactly one of ``analyte``, ``drug``, ``finding`` and ``scale``, by its id.

    ``unit`` is used where the record has none. ``cap`` is the value that stands for everything from there on: a
    laboratory that stores 50000 for "over 50000". ``says`` is what the code states by itself, without a value.
    ``label`` is for people.
    """

    KINDS: ClassVar[tuple[str, ...]] = ("analyte", "drug", "finding", "scale")

    analyte: str = ""
    drug: str = ""
    finding: str = ""
    scale: str = ""
    unit: str = ""
    cap: Annotated[str, Field(pattern=r"^(\d+(\.\d+)?)?$")] = ""
    says: str = ""
    label: str = ""

    @property
    def meaning(self) -> tuple[str, str]:
        """The kind and the id."""
        return next((kind, id) for kind in self.KINDS if (id := getattr(self, kind)))

    @model_validator(mode="after")
    def _means_one_thing(self) -> Target:
        given = [kind for kind in self.KINDS if getattr(self, kind)]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(self.KINDS)}")
        _check_id(*self.meaning)
        if self.analyte and self.unit:
            analytes.from_canonical(analytes.analyte(self.analyte), self.unit)
        if self.cap and not self.analyte:
            raise ValueError("only an analyte has a cap")
        self._check_says()
        return self

    def _check_says(self) -> None:
        kind, id = self.meaning
        known = set(terms.scales()[id].values) if kind == "scale" else _SAYS.get(kind, set())
        if self.says and self.says not in known:
            raise ValueError(f"says must be one of: {', '.join(sorted(known)) or 'nothing, for an analyte'}")


def target_facts(target: Target, cells: Mapping[str, str], said: str, place: Place) -> Iterator[Fact]:
    """The facts of a record that means the target: it is read as the row of a long table with the target's name.

    ``cells`` are those of a long table but for code and name; ``said`` is what the record calls it.

    Raises:
        Outside, Rejected: as a row of a long table.
    """
    value, unit = _value(target, cells.get("value", "")), cells.get("unit", "") or target.unit
    row = Row({**cells, "code": "", "name": _name(target, said), "value": value, "unit": unit})
    for fact in facts(row, place):
        yield replace(fact, recorded=said) if isinstance(fact, Exposure) else fact


def _value(target: Target, value: str) -> str:
    if target.says and not (target.says == "given" and value):
        return target.says
    if target.cap and _is_number(value) and Fraction(value) == Fraction(target.cap):
        return f">= {value}"
    return value


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal() and text.isascii()


def _name(target: Target, said: str) -> str:
    """A name the long table knows. The product's own name is kept: it may say that the drug acts only locally."""
    kind, id = target.meaning
    if kind == "finding":
        return terms.findings()[id].names[0]
    named = terms.drug_by_name(said) if kind == "drug" else None
    return said if named is not None and named.id == id else id


def _check_id(kind: str, id: str) -> None:
    tables: dict[str, Mapping[str, object]] = {
        "analyte": analytes.catalogue(),
        "drug": terms.drugs(),
        "finding": terms.findings(),
        "scale": terms.scales(),
    }
    if id not in tables[kind]:
        nearest = ", ".join(get_close_matches(id, tables[kind], n=3, cutoff=0.5)) or "none"
        raise ValueError(f"no {kind} has this id; nearest: {nearest}")
