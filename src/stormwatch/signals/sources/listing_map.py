"""The format of a listing map: which column of whose table is which of ours.

A table of ours comes from columns of a file, or from one cell that holds several items, or both from several places.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from stormwatch.errors import UsageError
from stormwatch.signals.sources.layouts import TABLES, layouts


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableMap(_Part):
    """Where the rows of one table come from.

    ``file`` is a pattern of file names (all files, when empty). ``key`` is the column of the report number. ``columns``
    maps our names to theirs, ``fixed`` gives a value to every row, ``values`` renames values, and ``date_formats``
    lists ``strptime`` formats of dates that are not written 20240131; a format without a day gives a month or a year.
    ``cell`` is a column that holds several items parted by ``separator``; the named groups of ``pattern`` are our
    columns.
    """

    file: str = "*"
    key: str
    columns: dict[str, str] = Field(default_factory=dict)
    fixed: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    date_formats: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    cell: str = ""
    separator: str = ""
    pattern: str = ""

    @field_validator("pattern")
    @classmethod
    def _sound_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as fault:
            raise ValueError(f"the pattern is no regular expression ({fault})") from None
        return pattern

    @model_validator(mode="after")
    def _cell_and_pattern(self) -> TableMap:
        if bool(self.cell) != bool(self.pattern):
            raise ValueError("a cell with several items needs a pattern, and a pattern needs a cell")
        return self

    @property
    def groups(self) -> tuple[str, ...]:
        """Our columns that the pattern gives."""
        return tuple(re.compile(self.pattern).groupindex)

    @property
    def ours(self) -> set[str]:
        return {*self.columns, *self.fixed, *self.groups}


class ListingMap(_Part):
    """A whole map. Sources with one ``scheme`` share their case numbers."""

    name: str
    scheme: str
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    meddra: str = ""
    reports: TableMap
    drugs: tuple[TableMap, ...]
    reactions: tuple[TableMap, ...]
    outcomes: tuple[TableMap, ...] = ()
    report_sources: tuple[TableMap, ...] = ()
    therapies: tuple[TableMap, ...] = ()
    indications: tuple[TableMap, ...] = ()

    @model_validator(mode="after")
    def _known_columns(self) -> ListingMap:
        for table, one in self.tables():
            unknown = one.ours - set(layouts()["faers"].tables[table].columns)
            if unknown:
                raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
        return self

    def tables(self) -> list[tuple[str, TableMap]]:
        """Every place rows come from, with the table they go to."""
        return [("reports", self.reports), *((table, one) for table in TABLES[1:] for one in getattr(self, table))]


def listing_map(where: str | Path) -> ListingMap:
    """A map from a TOML file, or one that ships by its name (``eudravigilance``).

    Raises:
        UsageError: there is no such map, or it does not say what it must.

    >>> listing_map("eudravigilance").scheme
    'eudravigilance'
    """
    shipped = files("stormwatch.signals.sources").joinpath("maps", f"{where}.toml")
    try:
        text = shipped.read_text("utf-8") if shipped.is_file() else Path(where).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{where}: there is no such map; give a TOML file, or eudravigilance") from None
    return _checked(text, Path(where).name)


def _checked(text: str, name: str) -> ListingMap:
    try:
        held: dict[str, Any] = tomllib.loads(text)
        return ListingMap.model_validate(held)
    except tomllib.TOMLDecodeError as fault:
        raise UsageError(f"{name}: this is no TOML ({fault})") from None
    except ValidationError as fault:
        first = fault.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the map"
        raise UsageError(f"{name}: {place}: {first['msg']}") from None
