"""The two generations of FDA quarterly files: which file holds which table, and what its columns are called here."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from stormwatch.errors import InputError

TABLES = ("reports", "drugs", "reactions", "outcomes", "report_sources", "therapies", "indications")
"""The tables of a database, by our names; a quarter has a file for each."""


@dataclass(frozen=True, slots=True)
class Table:
    """One file of a quarter. ``columns`` maps our names to the names the column had over the years."""

    name: str
    file: str
    required: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]

    def find(self, header: tuple[str, ...]) -> dict[str, str | None]:
        """Which column of this header each of ours is; None where the quarter does not have it.

        Columns are found by name, so their order does not matter.

        Raises:
            KeyError: a required column is not there; its argument is our name of it.
        """
        found = {ours: next((n for n in theirs if n in header), None) for ours, theirs in self.columns.items()}
        for name in self.required:
            if found[name] is None:
                raise KeyError(name)
        return found


@dataclass(frozen=True, slots=True)
class Layout:
    """A generation: ``faers`` counts cases and versions, ``aers`` single reports (ISR)."""

    name: str
    title: str
    key: str
    tables: Mapping[str, Table]


@cache
def layouts() -> Mapping[str, Layout]:
    """Both generations by name.

    >>> layouts()["aers"].key
    'isr'
    """
    return {name: _layout(name, table) for name, table in _file().items() if name != "pattern"}


@cache
def patterns() -> Mapping[str, re.Pattern[str]]:
    """What a whole value of a coded column looks like, by the file's name of the column."""
    return {column: re.compile(text) for column, text in _file()["pattern"].items()}


def layout_of(header: tuple[str, ...], where: str) -> Layout:
    """The generation a header belongs to, told by its report number.

    Raises:
        InputError: the header has the report number of neither.
    """
    for layout in layouts().values():
        if layout.key in header:
            return layout
    known = " or ".join(layout.key for layout in layouts().values())
    raise InputError(f"{where}: the header has no column {known}, so this is no FAERS file; check that it is whole")


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files("stormwatch.signals.sources").joinpath("layouts.toml").read_text("utf-8"))


def _layout(name: str, table: dict[str, Any]) -> Layout:
    return Layout(name, table["title"], table["key"], {one: _table(one, table[one]) for one in TABLES})


def _table(name: str, table: dict[str, Any]) -> Table:
    columns = {ours: tuple(theirs) for ours, theirs in table["columns"].items()}
    return Table(name, table["file"], tuple(table["required"]), columns)
