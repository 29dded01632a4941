"""The first line of a table: its delimiter, and where each column stands.

| column | also accepted | holds |
| --- | --- | --- |
| ``patient_id`` | ``subject_id``, ``person_id`` | whom the row is about |
| ``time`` | | ISO 8601 time the result is about |
| ``code`` | ``loinc`` | LOINC code (this or ``name`` is needed) |
| ``name`` | ``label`` | name of an analyte, scale, finding or drug |
| ``value`` | | number with or without ``<`` or ``>``; present or absent; category; dose, given or not given |
| ``unit`` | | unit of value, low and high |
| ``known_at`` | | optional: when the result could be known |
| ``low``, ``high`` | | optional: reference limits |
| ``stop`` | | optional: end of a drug |
| ``source_id`` | | optional: how the source calls the row |
"""

from __future__ import annotations

from dataclasses import dataclass

from stormwatch.errors import InputError
from stormwatch.sources.draft import short

ALIASES = {"subject_id": "patient_id", "person_id": "patient_id", "loinc": "code", "label": "name"}
NEEDED = ("patient_id", "time", "value", "unit")
COLUMNS = frozenset({*NEEDED, "code", "name", "known_at", "low", "high", "stop", "source_id"})


@dataclass(frozen=True, slots=True)
class Header:
    """Index of each column that is read, how many columns there are, and the names of those ignored."""

    index: dict[str, int]
    width: int
    ignored: tuple[str, ...]


def delimiter_of(line: str) -> str:
    """The delimiter that stands most often in the first line: tab, semicolon or comma."""
    return max("\t;,", key=line.count)


def header_of(cells: list[str], file: str) -> Header:
    """Find the columns, whatever the case of their names.

    Raises:
        InputError: a needed column is missing, or stands twice.
    """
    names = [" ".join(cell.split()).casefold() for cell in cells]
    index: dict[str, int] = {}
    for position, name in enumerate(ALIASES.get(n, n) for n in names):
        if name in COLUMNS and name in index:
            raise InputError(f"{file}: two columns hold {name}; keep one")
        if name in COLUMNS:
            index[name] = position
    _check_needed(index, file)
    ignored = tuple(short(c) for c, n in zip(cells, names, strict=True) if ALIASES.get(n, n) not in COLUMNS)
    return Header(index, len(cells), ignored)


def _check_needed(index: dict[str, int], file: str) -> None:
    missing = [name for name in NEEDED if name not in index]
    if "code" not in index and "name" not in index:
        missing.append("code or name")
    if missing:
        raise InputError(f"{file}: the table has no column {', '.join(missing)}; its first line must name the columns")
