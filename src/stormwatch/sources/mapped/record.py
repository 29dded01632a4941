"""One row of a mapped table -> records, each read as the row of a long table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stormwatch import analytes, terms
from stormwatch.facts import Fact
from stormwatch.sources.draft import Outside, Place, Rejected
from stormwatch.sources.mapped.clock import iso_time
from stormwatch.sources.mapped.code_map import CodeMap
from stormwatch.sources.mapped.grid import Cells
from stormwatch.sources.mapped.header import Header
from stormwatch.sources.mapped.schema import LongColumns, TableMap, WideTarget
from stormwatch.sources.mapped.target import Target, target_facts
from stormwatch.sources.mapped.values import number_text, one_value

CONFLICT = "the code and the name mean different things; map the right one, or leave a column out of the map"
_LOINC = re.compile(r"\d{1,7}-\d")


@dataclass(frozen=True, slots=True)
class Reading:
    """A map, the codes it knows, and where its columns stand in this table."""

    table: TableMap
    codes: CodeMap
    header: Header


def records(cells: Cells, reading: Reading) -> list[str]:
    """The columns whose cells are records of their own: those of a wide table that hold something."""
    if reading.table.columns is not None:
        return [""]
    return [column for column in reading.table.values if reading.header.text(cells, column)]


def record_facts(cells: Cells, column: str, reading: Reading, place: Place) -> Iterator[Fact]:
    """The facts of one record.

    Raises:
        Outside: nothing that is read has this code or name.
        Rejected: code and name contradict each other, or the time or the value cannot be used.
    """
    if reading.table.columns is None:
        return _wide(cells, column, reading.table.values[column], reading, place)
    return _long(cells, reading.table.columns, reading, place)


def _wide(cells: Cells, column: str, target: WideTarget, reading: Reading, place: Place) -> Iterator[Fact]:
    own = reading.header.text(cells, target.unit_column)
    row = {"value": _number(cells, column, reading), "unit": _unit(own or target.unit, reading.table)}
    return target_facts(target, _finished(row, cells, reading), column, place)


def _long(cells: Cells, columns: LongColumns, reading: Reading, place: Place) -> Iterator[Fact]:
    code, name = reading.header.text(cells, columns.code), reading.header.text(cells, columns.name)
    target, carried = _meaning(code, name, reading)
    value = one_value(_number(cells, columns.value, reading), _number(cells, columns.value_text, reading))
    own = reading.header.text(cells, columns.unit) or carried or target.unit
    row = {"value": value, "unit": _unit(own, reading.table)}
    row |= {limit: _number(cells, getattr(columns, limit), reading) for limit in ("low", "high")}
    return target_facts(target, _finished(row, cells, reading), name or code, place)


def _finished(row: dict[str, str], cells: Cells, reading: Reading) -> dict[str, str]:
    """With its times, and without the sign of a percentage where the unit says so already."""
    table, header = reading.table, reading.header
    if row["unit"] == "%":
        row["value"] = row["value"].removesuffix("%").rstrip()
    times = {"time": table.time, "known_at": table.known_at, "stop": table.stop}
    return row | {name: iso_time(columns, cells, header) for name, columns in times.items()}


def _number(cells: Cells, column: str, reading: Reading) -> str:
    return number_text(reading.header.cell(cells, column), reading.table.decimal, reading.table.thousands)


def _unit(own: str, table: TableMap) -> str:
    unit = own or table.unit
    return table.unit_names.get(unit, unit)


def _meaning(code: str, name: str, reading: Reading) -> tuple[Target, str]:
    """What a row is about, and the unit that its code carries. The map goes before the catalogues."""
    by_code, carried = _by_code(code, reading.codes)
    by_name = reading.table.names.get(name) or _by_name(name, code)
    if by_code is not None and by_name is not None and by_code.meaning != by_name.meaning:
        raise Rejected(CONFLICT)
    unknown_test = by_code is None and _LOINC.fullmatch(code) and name not in reading.table.names
    found = None if unknown_test else by_code or by_name
    if found is None:
        raise Outside(code or name)
    return found, carried


def _by_code(code: str, codes: CodeMap) -> tuple[Target | None, str]:
    mapped = codes.find(code)
    if mapped is not None:
        return mapped
    if analyte := analytes.by_code("loinc", code):
        return Target(analyte=analyte.id), ""
    if scale := terms.scale_by_code("loinc", code):
        return Target(scale=scale.id), ""
    finding = terms.finding_by_code("loinc", code)
    return (Target(finding=finding.id) if finding else None), ""


def _by_name(name: str, code: str) -> Target | None:
    if not name:
        return None
    if analyte := analytes.by_name(name):
        return Target(analyte=analyte.id)
    if scale := terms.scale_by_name(name):
        return Target(scale=scale.id)
    if finding := terms.finding_by_name(name):
        return Target(finding=finding.id)
    drug = None if _LOINC.fullmatch(code) else terms.drug_by_name(name)
    return Target(drug=drug.id) if drug else None
