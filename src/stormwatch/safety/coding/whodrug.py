"""WHODrug from the user's own copy: the files of its B3 or C3 format, or a plain table.

WHODrug is licensed and its manual is not public, so the layout read here is what public programs that read it agree on:

- B3 as CSV (``DD.csv``, ``DDA.csv``), without a header: the first three columns are the drug code (record number,
  sequence 1, sequence 2), the twelfth of ``DD`` is the name, the fifth of ``DDA`` an ATC code.
- B3 as text (``DD.txt``, ``DDA.txt``), in columns of a fixed width: the drug code in characters 1 to 11, the name in
  ``DD`` from character 31, the ATC code in ``DDA`` in characters 13 to 19.
- C3 as CSV (``MP.csv``), without a header: the drug code in columns three to five, the name in column nine.

Each was found in two programs: CSV in e2br3 and in an importer for the release of March 2026, text in the CDISC rules
engine and in a converter in Java. The converter may follow the engine, but the columns of the CSV, laid end to end, put
code and ATC code where the text has them, and UMC describes the code as eleven characters in three parts. A line that
does not fit is refused, never guessed at.

A plain table is ours: CSV with columns ``code``, ``name`` and, if held, ``atc``; one name a line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from stormwatch.errors import InputError

_COLUMNS = ("code", "name")
_CODE = re.compile(r"[0-9A-Z]{11}")
_NAMES_FROM, _ATC = 30, slice(12, 19)
Row = tuple[str, str]
"""A drug code, and what a file says of it."""


@dataclass(frozen=True, slots=True)
class Drug:
    """One name of a drug, with its code and ATC codes (empty when there is none; several stand with a semicolon)."""

    code: str
    name: str
    atc: str


@dataclass(frozen=True, slots=True)
class WhoDrug:
    """The names of one version."""

    version: str
    drugs: dict[str, Drug] = field(repr=False)

    def named(self, name: str) -> Drug | None:
        """The drug with exactly this name, whatever its case; None when there is none."""
        return self.drugs.get(_key(name))


def read_whodrug(path: Path, *, version: str) -> WhoDrug:
    """A user's copy: the folder of the B3 or C3 files, or a plain table. Of drugs of one name the first counts.

    Raises:
        InputError: it cannot be read, or is in none of these layouts; the message says what was looked for.
    """
    try:
        drugs = _folder(path) if path.is_dir() else _table(path)
        held: dict[str, Drug] = {}
        for one in drugs:
            held.setdefault(_key(one.name), one)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name}: cannot be read as text in UTF-8 ({type(error).__name__})") from None
    return WhoDrug(version, held)


def _folder(folder: Path) -> Iterator[Drug]:
    files = {one.name.casefold(): one for one in sorted(folder.iterdir()) if one.is_file()}
    if "dd.csv" in files:
        names, atcs = _columns(files["dd.csv"], 0, 11), _columns_of(files, "dda.csv", 4)
    elif "dd.txt" in files:
        names, atcs = _fixed(files["dd.txt"], slice(_NAMES_FROM, None)), _fixed_of(files, "dda.txt")
    elif "mp.csv" in files:
        names, atcs = _columns(files["mp.csv"], 2, 8), iter(())
    else:
        raise InputError(f"{folder.name}: has none of DD.csv, DD.txt (B3) and MP.csv (C3)")
    classes: dict[str, list[str]] = {}
    for code, atc in atcs:
        classes.setdefault(code, []).append(atc)
    return (Drug(code, name, "; ".join(dict.fromkeys(classes.get(code, ())))) for code, name in names)


def _columns_of(files: dict[str, Path], name: str, column: int) -> Iterator[Row]:
    return _columns(files[name], 0, column) if name in files else iter(())


def _fixed_of(files: dict[str, Path], name: str) -> Iterator[Row]:
    return _fixed(files[name], _ATC) if name in files else iter(())


def _columns(path: Path, first: int, column: int) -> Iterator[Row]:
    """The codes in three columns from ``first``, and what stands in another column."""
    for number, row in enumerate(csv.reader(_lines(path)), start=1):
        if not row:
            continue
        if len(row) <= column:
            raise InputError(f"{path.name}: line {number} has {len(row)} columns, at least {column + 1} are asked for")
        yield _row(path, number, "".join(row[first : first + 3]), row[column])


def _fixed(path: Path, place: slice) -> Iterator[Row]:
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            yield _row(path, number, line[:11], line.rstrip("\r\n")[place])


def _row(path: Path, number: int, code: str, text: str) -> Row:
    if not _CODE.fullmatch(code) or not text.strip():
        raise InputError(
            f"{path.name}: line {number} is not in the layout read here: a drug code of eleven characters, and a text"
        )
    return code, text.strip()


def _table(path: Path) -> Iterable[Drug]:
    rows = csv.DictReader(_lines(path))
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise InputError(f"{path.name}: no column {missing[0]!r}; the columns are code, name and, if held, atc")
    return [Drug(row["code"] or "", row["name"], row.get("atc") or "") for row in rows if row["name"]]


def _lines(path: Path) -> Iterator[str]:
    """Line by line: a whole B3 file pads each name to 1,500 characters."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from file


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
