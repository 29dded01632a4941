"""Lists of withdrawn cases. The union of all lists applies to all quarters, whenever they were published."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from stormwatch.errors import InputError
from stormwatch.signals.duck import connect, text, write_parquet
from stormwatch.signals.sources.account import FileAccount
from stormwatch.signals.sources.members import Member, opened

_CASE = re.compile(r"\d+")
NOT_A_CASE = "no case number"


def read_deletions(lists: Iterable[Member], target: Path) -> list[FileAccount]:
    """Add the case numbers of these lists to those known, and say what each list held.

    Raises:
        InputError: a list is broken, or no line of it is a case number.
    """
    accounts, cases = [], set()
    for member in lists:
        found, account = _one(member)
        cases |= found
        accounts.append(account)
    if accounts:
        _write(cases, target)
    return accounts


def _one(member: Member) -> tuple[set[str], FileAccount]:
    """The first word of each line; a first line in words is a header."""
    from hashlib import sha256

    with opened(member) as stream:
        raw = stream.read()
    lines = [line.strip() for line in raw.decode("latin-1").splitlines() if line.strip()]
    if lines and not lines[0][0].isdigit():
        del lines[0]
    words = [line.split("$")[0].split(",")[0].strip(' "') for line in lines]
    cases = [word.lstrip("0") for word in words if _CASE.fullmatch(word)]
    if lines and not cases:
        raise InputError(f"{member.name}: no line is a case number: this is no list of withdrawn cases; leave it out")
    rejected = {NOT_A_CASE: len(lines) - len(cases)} if len(cases) < len(lines) else {}
    return set(cases), FileAccount(member.name, "withdrawn", sha256(raw).hexdigest(), len(lines), len(cases), rejected)


def _write(cases: set[str], target: Path) -> None:
    connection = connect()
    try:
        connection.execute('CREATE TABLE withdrawn ("case" VARCHAR)')
        if target.exists():
            connection.execute(f"INSERT INTO withdrawn SELECT * FROM read_parquet({text(target)})")
        if cases:
            connection.execute("INSERT INTO withdrawn SELECT unnest(?)", [sorted(cases)])
        part = target.with_suffix(".part")
        write_parquet(connection, 'SELECT DISTINCT "case" FROM withdrawn ORDER BY 1', part)
        part.replace(target)
    finally:
        connection.close()
