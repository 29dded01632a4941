"""Which files of a folder or zip belong to which quarter, and whether the quarter is whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from stormwatch.errors import InputError
from stormwatch.signals.sources.layouts import TABLES, layouts
from stormwatch.signals.sources.members import Member

# FDA re-issued a file as DEMO18Q1_new.txt, so something may stand between the quarter and the ending.
_FILE = re.compile(r"(DEMO|DRUG|REAC|OUTC|RPSR|THER|INDI)(\d{2})Q([1-4])\w*\.TXT", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quarter:
    """The seven files of a quarter, by table. ``name`` is like 2017Q2."""

    name: str
    files: dict[str, Member] = field(default_factory=dict)


def quarters(found: Iterable[Member]) -> list[Quarter]:
    """The quarters these files make up, oldest first.

    Raises:
        InputError: a quarter lacks a file, or two files claim one table of one quarter.
    """
    by_name: dict[str, Quarter] = {}
    for member in found:
        if match := _FILE.fullmatch(member.name):
            year = int(match[2])
            name = f"{2000 + year if year < 80 else 1900 + year}Q{match[3]}"
            _claim(by_name.setdefault(name, Quarter(name)), match[1].upper(), member)
    whole = sorted(by_name.values(), key=lambda quarter: quarter.name)
    for quarter in whole:
        _check(quarter)
    return whole


def is_quarter_file(member: Member) -> bool:
    """Whether a file is named like one of a quarter."""
    return _FILE.fullmatch(member.name) is not None


def is_deletion_list(member: Member) -> bool:
    """Whether a file is a list of withdrawn cases: named so, or in a folder that is."""
    if not member.name.lower().endswith(".txt") or is_quarter_file(member):
        return False
    return member.folder.lower() == "deleted" or "delete" in member.name.lower()


def _claim(quarter: Quarter, prefix: str, member: Member) -> None:
    table = next(one.name for one in layouts()["faers"].tables.values() if one.file == prefix)
    if table in quarter.files:
        raise InputError(
            f"{quarter.name}: two files claim to be {prefix}: {_where(quarter.files[table])} and {_where(member)}. "
            "Where FDA issued the quarter again, give only the one you want"
        )
    quarter.files[table] = member


def _check(quarter: Quarter) -> None:
    tables = layouts()["faers"].tables
    lacking = [tables[name].file for name in TABLES if name not in quarter.files]
    if lacking:
        raise InputError(f"{quarter.name}: the quarter lacks {', '.join(lacking)}; a whole quarter has seven files")


def _where(member: Member) -> str:
    return f"{member.path.name}:{member.inner}" if member.inner else f"{member.path.parent.name}/{member.path.name}"
