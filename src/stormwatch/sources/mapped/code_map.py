"""Code maps: files that say what local codes mean, to be shared and merged.

A TOML map has a table ``[codes]``, a CSV map the columns ``code`` and any of ``analyte``, ``drug``, ``finding``,
``scale``, ``unit``, ``cap``, ``says`` and ``label``. A code that ends in ``{unit}`` stands for all codes that go on
with a unit: ``LAB//50861//{unit}`` for ``LAB//50861//IU/L``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping

from stormwatch.errors import InputError
from stormwatch.sources.draft import short
from stormwatch.sources.mapped.files import OPEN, checked, read_text, read_toml
from stormwatch.sources.mapped.target import Table, Target
from stormwatch.sources.opening import StrPath, file_name

UNIT = "{unit}"


class _Codes(Table):
    codes: dict[str, Target]


class CodeMap:
    """What codes mean. Built from a file by ``read_code_map``, or from several by ``merge_maps``."""

    def __init__(self, codes: Mapping[str, Target]) -> None:
        self.codes = dict(codes)
        templates = [code.removesuffix(UNIT) for code in codes if code.endswith(UNIT)]
        self._starts = sorted(templates, key=len, reverse=True)
        self._found: dict[str, tuple[Target, str] | None] = {}

    def find(self, code: str) -> tuple[Target, str] | None:
        """The target and the unit that the code carries, or None. A whole code goes before a template.

        >>> tests = CodeMap({"LAB//50861//{unit}": Target(analyte="alt")})
        >>> target, unit = tests.find("LAB//50861//IU/L")
        >>> target.analyte, unit
        ('alt', 'IU/L')
        """
        if code not in self._found:
            self._found[code] = self._find(code)
        return self._found[code]

    def _find(self, code: str) -> tuple[Target, str] | None:
        if code in self.codes:
            return self.codes[code], ""
        start = next((s for s in self._starts if code.startswith(s) and code != s), None)
        return None if start is None else (self.codes[start + UNIT], code.removeprefix(start))


def read_code_map(path: StrPath) -> CodeMap:
    """One code map, CSV or TOML by its extension.

    Raises:
        InputError: the file cannot be read, or does not fit the format; the message lists every fault.
    """
    tables = {"codes": _rows(path)} if str(path).lower().endswith(".csv") else read_toml(path)
    return CodeMap(checked(_Codes, tables, file_name(path)).codes)


def merge_maps(*paths: StrPath) -> CodeMap:
    """Several code maps as one. A code may stand in more than one of them where they say the same.

    Raises:
        InputError: a map cannot be read, or two give a code different meanings; both files and the code are named.
    """
    merged: dict[str, Target] = {}
    origin: dict[str, str] = {}
    for path in paths:
        for code, target in read_code_map(path).codes.items():
            if code in merged and not _same(merged[code], target):
                names = f"{origin[code]} and {file_name(path)}"
                raise InputError(f"{names} give different meanings to the code {short(code)!r}; correct one of them")
            merged.setdefault(code, target)
            origin.setdefault(code, file_name(path))
    return CodeMap(merged)


def _same(one: Target, other: Target) -> bool:
    """Labels are for people: they may differ."""
    return one.model_copy(update={"label": ""}) == other.model_copy(update={"label": ""})


def _rows(path: StrPath) -> dict[str, dict[str, str]]:
    reader = csv.DictReader(read_text(path).splitlines(), strict=True)
    codes: dict[str, dict[str, str]] = {}
    try:
        for row in reader:
            _add(codes, row, f"{file_name(path)}: line {reader.line_num}")
    except csv.Error:
        raise InputError(f"{file_name(path)}: line {reader.line_num} is not proper CSV") from None
    return codes


def _add(codes: dict[str, dict[str, str]], row: dict[str, str], where: str) -> None:
    if None in row or None in row.values():
        raise InputError(f"{where} has not as many fields as the first line has columns")
    cells = {column.strip(): cell.strip() for column, cell in row.items()}
    code = cells.pop("code", "")
    if not code:
        raise InputError(f"{where} has no code; the first line must name a column code")
    if code in codes:
        raise InputError(f"{where} gives a second meaning to a code; keep one line for each code")
    if OPEN in cells.values():
        raise InputError(f'{where} still has a "?"; put in what is true')
    codes[code] = {column: cell for column, cell in cells.items() if cell}
