"""A proposal for the map of a table, for a person to correct.

It is drawn from the header and the first rows. What cannot be told is written as ``?`` with the reason, and a map
with a ``?`` left is refused. No value of a patient is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from stormwatch import analytes, terms
from stormwatch.errors import InputError
from stormwatch.sources.mapped.files import OPEN
from stormwatch.sources.mapped.grid import Cells, grid
from stormwatch.sources.mapped.guess import all_have_offsets, signs, time_format
from stormwatch.sources.mapped.header import folded
from stormwatch.sources.mapped.values import cell_text
from stormwatch.sources.opening import StrPath, file_name

ROWS = 2000
"""How many rows are looked at."""

# What columns are called, English and German. The first role that fits takes a column.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "patient": ("patient_id", "subject_id", "person_id", "patient", "mrn", "pat_id", "patid", "patientennummer", "id"),
    "time": ("time", "datetime", "charttime", "date_time", "timestamp", "date", "collected", "drawn", "datum"),
    "clock": ("clock", "clock_time", "time_of_day", "uhrzeit", "zeit"),
    "known_at": ("known_at", "storetime", "result_time", "released", "freigabe"),
    "code": ("code", "loinc", "itemid", "test_code", "loinc_code"),
    "name": ("name", "label", "test", "test_name", "analyte", "parameter", "analyse", "untersuchung"),
    "value_text": ("value_text", "text_value", "result_text", "comments", "comment", "bemerkung"),
    "value": ("value", "valuenum", "numeric_value", "result", "ergebnis", "wert", "messwert"),
    "unit": ("unit", "units", "uom", "valueuom", "unit_of_measure", "einheit"),
    "low": ("low", "ref_range_lower", "reference_low", "range_low"),
    "high": ("high", "ref_range_upper", "reference_high", "range_high"),
}
_UNIT = re.compile(r"\s*[\[(](?P<unit>[^\[\]()]+)[\])]\s*$")


@dataclass(frozen=True, slots=True)
class _Sample:
    """Headers, the role each may have, and the first rows as texts and as stored."""

    headers: list[str]
    roles: dict[str, str]
    rows: list[Cells]

    def texts(self, header: str) -> list[str]:
        place = self.headers.index(header)
        return [cell_text(row[place]) for row in self.rows]

    def written(self, header: str) -> list[str]:
        """Values that stand as text, so that they have signs; numbers stored as such have none."""
        place = self.headers.index(header)
        return [row[place].strip() for row in self.rows if isinstance(row[place], str)]


def draft_map(path: StrPath, *, header_row: int = 1, sheet: str = "") -> str:
    """Propose the map of a table (CSV, TSV, Parquet, XLSX) as TOML, with a comment to each line.

    Units are taken from headers such as "Ferritin (ng/mL)" and from nowhere else. Wherever the table does not say, the
    draft has a ``?``, and ``load_map`` refuses it until a person has put in what is true.

    Raises:
        InputError: the table cannot be read or has no header.
        UsageError: the library for such files is not installed.
    """
    found = grid(path, header_row, sheet)
    _, first = next(found, ("", None))
    if first is None:
        raise InputError(f"{file_name(path)}: the table is empty from row {header_row} on")
    headers = [cell_text(cell) for cell in first]
    rows = [cells for _, cells in islice(found, ROWS) if cells is not None]
    sample = _Sample(headers, _roles(headers), rows)
    long = "value" in sample.roles and ("code" in sample.roles or "name" in sample.roles)
    return "\n".join(_lines(sample, header_row, sheet, long=long)) + "\n"


def _lines(sample: _Sample, header_row: int, sheet: str, *, long: bool) -> Iterator[str]:
    yield '# A proposal: correct it. A map with a "?" left is refused.'
    why = "a column of values beside one of codes or names" if long else "no column of values beside codes or names"
    yield _line("shape", "long" if long else "wide", why)
    yield f"header_row = {header_row}"
    if sheet:
        yield _line("sheet", sheet, "as asked for")
    measured = [sample.roles["value"]] if long else [h for h in sample.headers if _analyte(h)]
    decimal, thousands, reason = signs(text for header in measured for text in sample.written(header))
    yield _line("decimal", decimal, reason)
    yield _line("thousands", thousands, "the other sign in the numbers" if thousands else "none seen")
    yield from _times(sample)
    yield from _long_columns(sample) if long else _wide_columns(sample)


def _times(sample: _Sample) -> Iterator[str]:
    columns = [sample.roles[role] for role in ("time", "clock") if role in sample.roles] or [OPEN]
    texts = [sample.texts(column) for column in columns if column != OPEN]
    offsets = len(texts) == 1 and all_have_offsets(texts[0])
    zone = "every time has an offset" if offsets else "where the record was kept, such as Europe/Berlin"
    yield _line("zone", "" if offsets else OPEN, zone)
    yield from _patient(sample)
    yield "\n[time]"
    yield _line("columns", columns, "by the header" if columns != [OPEN] else "no header looks like a time")
    guesses = [time_format(each) for each in texts]
    if any(form for form, _ in guesses):
        yield _line("formats", [form for form, _ in guesses], "; ".join(reason for _, reason in guesses))
    if "known_at" in sample.roles:
        yield "\n[known_at]"
        yield _line("columns", [sample.roles["known_at"]], "by the header: when the result was released")


def _patient(sample: _Sample) -> Iterator[str]:
    column = sample.roles.get("patient", OPEN)
    yield "\n[patient]"
    yield _line("column", column, "by the header" if column != OPEN else "no header looks like a patient id")
    texts = sample.texts(column) if column != OPEN else []
    empty = texts.count("")
    if empty and texts[0]:
        yield f"fill_down = true  # empty in {empty} of {len(texts)} rows: only in the first row of a block?"


def _long_columns(sample: _Sample) -> Iterator[str]:
    yield "\n[columns]"
    for role in ("code", "name", "value", "value_text", "unit", "low", "high"):
        if role in sample.roles:
            yield _line(role, sample.roles[role], "by the header")
    if "unit" not in sample.roles:
        yield "# No column of units: give each name or code below its unit."
    if "name" in sample.roles:
        yield from _names(sample)


def _names(sample: _Sample) -> Iterator[str]:
    """Names that no catalogue knows but that are near to one it has; others could be anything and are not shown."""
    unknown = dict.fromkeys(name for name in sample.texts(sample.roles["name"]) if name and not _known(name))
    near = [(name, found) for name in unknown if (found := _analyte(name))]
    yield "\n[names]  # what local names mean, where it is not their usual name"
    for name, (id, _) in near:
        yield f"# {json.dumps(name, ensure_ascii=False)} = {{ analyte = {json.dumps(id)} }}  # the nearest name; is it?"


def _wide_columns(sample: _Sample) -> Iterator[str]:
    yield "\n[values]"
    taken = set(sample.roles.values())
    for header in sample.headers:
        found = _analyte(header)
        if header in taken or not header:
            continue
        if found is None:
            yield f"# {json.dumps(header, ensure_ascii=False)}: no analyte has a name like this"
            continue
        unit, reason = _unit(header, found[0])
        target = f"{{ analyte = {json.dumps(found[0])}, unit = {json.dumps(unit, ensure_ascii=False)} }}"
        yield f"{json.dumps(header, ensure_ascii=False)} = {target}  # {found[1]}; {reason}"


def _analyte(header: str) -> tuple[str, str] | None:
    """The analyte a header names, whole or without its unit, or the nearest one; and how it was found."""
    bare = _UNIT.sub("", header)
    exact = analytes.by_name(header) or analytes.by_name(bare)
    if exact is not None:
        return exact.id, "its name"
    names = {folded(name): each.id for each in analytes.catalogue().values() for name in each.names if len(name) > 3}
    near = get_close_matches(folded(bare), names, n=1, cutoff=0.8)
    return (names[near[0]], "a name near to it: is it this?") if near else None


def _unit(header: str, id: str) -> tuple[str, str]:
    match = _UNIT.search(header)
    if match is None:
        return OPEN, "the header names no unit"
    try:
        analytes.from_canonical(analytes.analyte(id), match["unit"])
    except analytes.UnknownUnit:
        return OPEN, "the unit in the header is not in the table of this analyte"
    return match["unit"].strip(), "unit from the header"


def _known(name: str) -> bool:
    found = analytes.by_name(name) or terms.scale_by_name(name) or terms.finding_by_name(name)
    return (found or terms.drug_by_name(name)) is not None


def _roles(headers: list[str]) -> dict[str, str]:
    """For each role the column whose name fits it best: exactly, or else nearly. An analyte's name is no role."""
    roles: dict[str, str] = {}
    for cutoff in (1.0, 0.85):
        for role, names in _ROLES.items():
            free = {_plain(h): h for h in headers if h and h not in roles.values() and not analytes.by_name(h)}
            near = [found[0] for name in names if (found := get_close_matches(name, free, n=1, cutoff=cutoff))]
            if role not in roles and near:
                roles[role] = free[near[0]]
    return _with_clock(roles)


def _with_clock(roles: dict[str, str]) -> dict[str, str]:
    """A column "time" beside one of dates holds clock times; a clock time alone is no time."""
    if "clock" in roles and "time" not in roles:
        return {("time" if role == "clock" else role): column for role, column in roles.items()}
    return roles


def _plain(header: str) -> str:
    return re.sub(r"[\s-]+", "_", _UNIT.sub("", header).strip()).casefold()


def _line(key: str, value: str | list[str], why: str) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}  # {why}"
